"""The file of hosts: what it may say, and that nothing in it becomes an option or a command."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmops.errors import BadInput
from llmops.infra.hosts.config import load_hosts

Write = Callable[..., Path]


def test_a_host_is_an_address_or_says_user_and_port(hosts_file: Write) -> None:
    found = load_hosts(hosts_file())
    assert [(it.name, it.user) for it in found.hosts] == [("gpu1.internal", None), ("10.0.0.7:2222", "ops")]
    assert (found.folder, found.sudo, found.spec.timeout_s) == ("/var/lib/llmops", True, 2250)


@pytest.mark.parametrize(
    "address", ["-oProxyCommand=touch x", "a b", "a;b", "$(x)", "", "user@host", "a\nb", "gpu1.internal\n"]
)
def test_an_address_is_one_plain_word(hosts_file: Write, address: str) -> None:
    with pytest.raises(BadInput):
        load_hosts(hosts_file(hosts=[address]))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"hosts": []}, "hosts"),
        ({"hosts": None}, "hosts"),
        ({"hosts": [{"address": "a", "user": "-l root"}]}, "user"),
        ({"hosts": [{"address": "a", "port": 0}]}, "port"),
        ({"weights": "/srv/$(x)"}, "weights"),
        ({"weights": "srv"}, "weights"),
        ({"key_file": "/a b"}, "key_file"),
        ({"folder": "/"}, "folder"),
        ({"folder": "/a/../b;c"}, "folder"),
        *(
            ({"folder": it}, "folder of our own")
            for it in ("/etc", "/etc/llmops", "/usr/lib/x", "/opt", "/var/lib", "/var/log/x", "/boot/x", "/srv/../etc")
        ),
        ({"hosts": ["a", "b", "a"]}, "a stands there twice"),
        (
            {"hosts": [{"address": "a", "port": 22}, {"address": "a", "port": 22, "user": "x"}]},
            "a:22 stands there twice",
        ),
        ({"image": "vllm/vllm-openai:latest"}, "pinned by a digest"),
        ({"image": "x;touch x;y:1"}, "pinned by a digest"),
        ({"image": "x;reboot:1"}, "pinned by a digest"),
        ({"weights_revision": "main"}, "moving name"),
        ({"vllm_args": ["--api-key", "x"]}, "must not name what the module sets itself"),
        ({"vllm_args": ["$(x)"]}, "one word"),
        ({"max_model_len": 12}, "max_model_len"),
        ({"machines": []}, "machines"),
    ],
)
def test_what_cannot_be_is_refused(hosts_file: Write, changed: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        load_hosts(hosts_file(**changed))


@pytest.mark.parametrize("folder", ["/srv/llmops", "/var/lib/fb", "/data/llmops"])
def test_a_folder_of_our_own_is_taken(hosts_file: Write, folder: str) -> None:
    assert load_hosts(hosts_file(folder=folder)).folder == folder


def test_one_address_may_have_two_machines_behind_it(hosts_file: Write) -> None:
    assert len(load_hosts(hosts_file(hosts=[{"address": "a", "port": port} for port in (22, 23)])).hosts) == 2


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot read"):
        load_hosts(tmp_path / "none.yaml")
