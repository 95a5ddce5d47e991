"""The file of hosts: which machines, how they are reached, and what they serve."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from llmops.config import load_yaml, validated
from llmops.infra.spec import FallbackSpec

# Whatever reaches a command line or a script of a host is one plain word: nothing to quote, no option in disguise.
Address = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]*$|^[0-9a-fA-F]*:[0-9a-fA-F:]+$")]
User = Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_-]*$")]
RemotePath = Annotated[str, StringConstraints(pattern=r"^(/[A-Za-z0-9._-]+)+$")]
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
    hosts: Annotated[list[Annotated[Host, BeforeValidator(_host)]], Field(min_length=1)]
    max_model_len: int = 8192
    vllm_args: tuple[str, ...] = ()
    api_port: int = 8000
    expected_start_max_s: int = 1800
    folder: RemotePath = "/var/lib/llmops"  # on each machine: ours
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
