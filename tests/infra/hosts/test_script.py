"""The scripts of a machine: the same vLLM as on EC2, and shell that bash can read."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from llmops.infra.hosts import script
from llmops.infra.hosts.config import HostsFile, load_hosts
from llmops.infra.user_data import FROM_THE_CLOUD, TEMPLATE, render_user_data


@pytest.fixture
def hosts(hosts_file: Callable[..., Path]) -> HostsFile:
    return load_hosts(hosts_file())


def vllm(text: str) -> str:
    found = re.search(r'"\$IMAGE" --model .*?"\$\{ARGS\[@\]\}"', text, re.DOTALL)
    assert found
    return found[0]


def test_a_machine_runs_the_vllm_of_a_node(hosts: HostsFile) -> None:
    node = render_user_data(hosts.spec, dict.fromkeys(FROM_THE_CLOUD, "x"))
    pushed = script.setup(hosts)
    assert vllm(pushed) == vllm(node)
    assert "ARGS=(--max-num-seqs 64)" in pushed
    for name in ("class OnlyTheApi:", "Restart=always", "ExecStop=/usr/bin/docker stop --time 300 llmops-vllm"):
        assert (name in pushed, name in node) == (True, True)
    assert "ExecStart=/var/lib/llmops/llmops-node serve" in pushed
    # what differs besides: where weights, key and logs are
    volumes = [re.findall(r":(/\w+(?::ro)?)\"? ", it) for it in (pushed, node)]
    assert set(volumes[0]) <= {"/weights:ro", "/cache", "/edge:ro", "/tls:ro"}


def test_nothing_of_aws_is_left(hosts: HostsFile) -> None:
    assert not re.search(r"\baws\b|awslogs|s3://|secretsmanager|169\.254", script.setup(hosts))


def test_no_secret_stands_in_it(hosts: HostsFile) -> None:
    pushed = script.setup(hosts)
    assert "--api-key" not in pushed
    assert "--env VLLM_API_KEY " in pushed


def test_every_script_is_one_that_bash_can_read(hosts: HostsFile) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash is not on the PATH")
    for text in (
        script.setup(hosts),
        script.start(hosts, 60, 1),
        script.stop(),
        script.look(hosts),
        script.remove(hosts),
    ):
        read = subprocess.run([bash, "-n"], input=text, check=False, capture_output=True, text=True)
        assert (read.returncode, read.stderr) == (0, "")


def test_the_lease_is_laid_before_anything_starts(hosts: HostsFile) -> None:
    text = script.start(hosts, 14400, 1_800_000_000)
    assert text.index("--on-active=14400s systemctl stop llmops-vllm.service") < text.index("systemctl start")


def test_removing_takes_nothing_but_what_was_made(hosts: HostsFile) -> None:
    removed = re.findall(r"^rm -rf (.*)$", script.remove(hosts), re.MULTILINE)
    assert [word for line in removed for word in line.split() if not word.startswith("/var/lib/llmops/")] == []
    assert not any("weights" in line or "llmops-key" in line for line in removed)


def test_a_template_without_what_is_cut_out_of_it_is_an_error() -> None:
    template = TEMPLATE.read_text(encoding="utf-8")
    with pytest.raises(KeyError):
        script.heredoc(template, "/etc/none")
    with pytest.raises(KeyError):
        script.vllm_command(template.replace('"$IMAGE" --model', '"$IMAGE" serve'))
