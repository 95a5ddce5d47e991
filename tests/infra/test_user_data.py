"""The user data: filled in as Terraform does, and what it must and must not do."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from llmops.infra.spec import spec_from
from llmops.infra.user_data import FROM_THE_CLOUD, MAX_BYTES, TEMPLATE, fill_in, render_user_data

CLOUD = {
    "region": "us-east-1",
    "bucket": "fb-weights-20261126",
    "secret_arn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:llmops/fb/api-key-x",
    "log_group": "/llmops/fb/vllm",
}


@pytest.fixture
def script(inputs: dict[str, Any]) -> str:
    return render_user_data(spec_from(inputs["complete"]), CLOUD)


def heredoc(script: str, path: str) -> str:
    """The file that the script writes at `path`."""
    match = re.search(rf"^cat > {re.escape(path)} <<'END'\n(.*?)^END$", script, re.MULTILINE | re.DOTALL)
    assert match, path
    return match[1]


def test_a_field_is_filled_in_and_a_doubled_dollar_stays_shell() -> None:
    assert fill_in('${a} $A $(b) "$${C[@]}"', {"a": "x"}) == 'x $A $(b) "${C[@]}"'
    with pytest.raises(KeyError, match="b"):
        fill_in("${b}", {"a": "x"})


def test_every_value_is_used(inputs: dict[str, Any]) -> None:
    fields = set(re.findall(r"(?<!\$)\$\{(\w+)\}", TEMPLATE.read_text(encoding="utf-8")))
    spec = spec_from(inputs["minimal"])
    assert set(FROM_THE_CLOUD) < fields
    own = fields - set(FROM_THE_CLOUD)
    assert {name for name in own if not hasattr(spec, name)} == set()


def test_it_fits_into_what_ec2_takes(script: str) -> None:
    assert len(script.encode()) < MAX_BYTES // 2


@pytest.mark.parametrize("part", ["whole", "node"])
def test_it_is_a_script_that_bash_can_read(script: str, part: str, tmp_path: Path) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash is not on the PATH")
    text = script if part == "whole" else heredoc(script, "/usr/local/bin/llmops-node")
    (tmp_path / "script.sh").write_text(text, encoding="utf-8")
    read = subprocess.run([bash, "-n", str(tmp_path / "script.sh")], check=False, capture_output=True, text=True)
    assert (read.returncode, read.stderr) == (0, "")


def test_a_failure_is_not_swallowed(script: str) -> None:
    assert "|| true" not in script
    assert script.count("set -euo pipefail") == 2  # of the first boot, and of the script that it writes
    node = heredoc(script, "/usr/local/bin/llmops-node")
    sync = next(line for line in node.splitlines() if "/weights/$MODEL" in line and "s3 sync" in line)
    assert "||" not in sync


def test_vllm_serves_the_weights_on_disk_and_is_started_again(script: str) -> None:
    node = heredoc(script, "/usr/local/bin/llmops-node")
    assert "--model /weights --served-model-name" in node
    assert '--tensor-parallel-size "$GPUS"' in node
    assert "GPUS=$(nvidia-smi --list-gpus | wc -l)" in node
    assert "ARGS=(--max-num-seqs 64)" in node
    assert node.count('"${ARGS[@]}"') == 1
    unit = heredoc(script, "/etc/systemd/system/llmops-vllm.service")
    assert {"Restart=always", "StartLimitIntervalSec=0", "TimeoutStartSec=3600"} <= set(unit.splitlines())


def test_the_launch_ends_when_vllm_has_answered(script: str) -> None:
    node = heredoc(script, "/usr/local/bin/llmops-node")
    launched = node[node.index("launched() {") : node.index("report() {")]
    assert launched.index("until healthy") < launched.index("complete-lifecycle-action")
    assert "--lifecycle-hook-name launch" in launched
    assert heredoc(script, "/etc/systemd/system/llmops-launched.service").count("Restart=on-failure") == 1


def test_no_secret_stands_in_it(script: str) -> None:
    node = heredoc(script, "/usr/local/bin/llmops-node")
    assert "secretsmanager get-secret-value" in node
    assert "--api-key" not in node  # the key would stand in the list of processes
    assert "--env VLLM_API_KEY " in node  # by name, from the environment: its value is not in the command either


def test_the_cache_of_one_image_is_not_that_of_another(script: str) -> None:
    assert 'compile-cache/$MODEL/$REVISION/$(printf %s "$IMAGE" | sha256sum' in script


# --- the edge: what clients reach


def edge(script: str) -> Any:
    namespace: dict[str, Any] = {}
    exec(heredoc(script, "/var/lib/llmops/edge/llmops_edge.py"), namespace)  # noqa: S102 - our own file
    return namespace["OnlyTheApi"]


@pytest.mark.parametrize(
    ("path", "client", "passes"),
    [
        ("/v1/chat/completions", "10.0.0.9", True),
        ("/v1/models", "10.0.0.9", True),
        ("/health", "10.0.0.9", True),
        ("/metrics", "10.0.0.9", False),
        ("/docs", "10.0.0.9", False),
        ("/healthz", "10.0.0.9", False),
        ("/v1", "10.0.0.9", False),
        ("/v1x/", "10.0.0.9", False),
        ("/metrics", "127.0.0.1", True),
        ("/metrics", "::1", True),
    ],
)
def test_clients_reach_the_api_and_the_health_check_only(script: str, path: str, client: str, passes: bool) -> None:
    asked, sent = [], []

    async def app(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001
        asked.append(scope["path"])

    async def send(message: Any) -> None:
        sent.append(message)

    run(edge(script)(app)({"type": "http", "path": path, "client": (client, 1)}, None, send))
    assert asked == ([path] if passes else [])
    assert [it.get("status") for it in sent] == ([] if passes else [404, None])


def test_a_websocket_from_outside_is_not_passed_on_and_the_start_is(script: str) -> None:
    asked = []

    async def app(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001
        asked.append(scope["type"])

    for kind in ("websocket", "lifespan"):
        run(edge(script)(app)({"type": kind, "path": "/x", "client": None}, None, None))
    assert asked == ["lifespan"]


def run(coroutine: Any) -> None:
    import asyncio

    asyncio.run(coroutine)
