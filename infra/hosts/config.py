"""The file of hosts: which machines, how they are reached, and what they serve."""

import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from llmops.config import load_yaml, validated
from llmops.infra.spec import FallbackSpec

# Whatever reaches a command line or a script of a host is one plain word: nothing to quote, no option in disguise.
Address = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]*$|^[0-9a-fA-F]*:[0-9a-fA-F:]+$")]
User = Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_-]*$")]
RemotePath = Annotated[str, StringConstraints(pattern=r"^(/[A-Za-z0-9._-]+)+$")]
# Of the system: `up` would put our files among its own.
SYSTEM = re.compile(r"/(etc|usr|bin|sbin|lib|lib32|lib64|boot|dev|proc|sys|run|root|var(?!/lib/.))(/|$)")


def _ours(path: str) -> str:
    if SYSTEM.match(path) or path.count("/") < 2 or {".", ".."} & set(path.split("/")):  # noqa: PLR2004 - a folder of the root
        raise ValueError("must be a folder of our own below /opt, /srv, /var/lib, /home or another disk")
    return path


# What a spec needs of AWS, and a machine has not.
NOT_OF_A_MACHINE: dict[str, Any] = {
    "instance_types": ("existing.machine",),
    "ami_id": "ami-00000000",
    "certificate_arn": "arn:aws:acm:none:000000000000:certificate/none",
    "availability_zones": ("none-a", "none-b"),
}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Host(_Strict):
    """One machine; what is left out is up to OpenSSH and its configuration."""

    address: Address
    user: User | None = None
    port: Annotated[int, Field(ge=1, le=65535)] | None = None

    @property
    def name(self) -> str:
        return self.address if self.port is None else f"{self.address}:{self.port}"


def _host(value: Any) -> Any:  # noqa: ANN401 - whatever YAML holds
    return {"address": value} if isinstance(value, str) else value


def _each_once(hosts: list[Host]) -> list[Host]:
    names = [it.name for it in hosts]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"{twice} stands there twice")
    return hosts


class Ssh(_Strict):
    """Of OpenSSH's client: files of this machine."""

    identity: Path | None = None
    known_hosts: Path | None = None
    config: Path | None = None


class HostsFile(_Strict):
    """All of it. The inputs of the fallback are those of the module, checked as there."""

    name: str
    model: str
    weights_revision: str
    image: str
    weights: RemotePath  # on each machine: the folder with config.json
    key_file: RemotePath  # on each machine: the key of the API, put there by a person
    hosts: Annotated[list[Annotated[Host, BeforeValidator(_host)]], Field(min_length=1), AfterValidator(_each_once)]
    max_model_len: int = 8192
    vllm_args: tuple[str, ...] = ()
    api_port: int = 8000
    expected_start_max_s: int = 1800
    folder: Annotated[RemotePath, AfterValidator(_ours)] = "/var/lib/llmops"  # on each machine: ours
    sudo: bool = True  # whoever logs in is not root
    ssh: Ssh = Ssh()

    @property
    def spec(self) -> FallbackSpec:
        """BadInput, in the words of the module, for what it would refuse."""
        shared = ("name", "model", "weights_revision", "image", "max_model_len", "vllm_args", "api_port")
        return FallbackSpec(
            **{name: getattr(self, name) for name in shared},
            expected_start_max_s=self.expected_start_max_s,
            **NOT_OF_A_MACHINE,
        )


def load_hosts(path: Path) -> HostsFile:
    """BadInput where the file cannot be read, names what nobody knows, or asks for what cannot be."""
    found = validated(HostsFile, load_yaml(path), str(path))
    _ = found.spec  # refuses now what `up` would refuse later
    return found
