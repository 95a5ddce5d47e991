"""The whole way, on real sockets: a provider, a proxy with a fault, one in front that records, and the check."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from llmops.chaos.reliability.check import chosen_validators, judged
from llmops.chaos.reliability.exchange import Checked
from llmops.chaos.reliability.lines import read_line
from llmops.chaos.reliability.validators.base import together

REQUESTS = 60
CONFIG = """
chaos:
  providers:
    openai:
      upstream: {upstream}
      injections:
        - {{fault: wrong_language, parameters: {{language: german}}, schedule: {{probability: 0.4}}}}
"""


@contextmanager
def running(folder: Path, *arguments: str, lines: int = 1) -> Iterator[list[str]]:
    """A command of ours; the addresses that it prints. When the body is over it has ended, and written all."""
    command = [sys.executable, "-m", "llmops", "chaos", *arguments]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            yield [process.stdout.readline().split()[-1] for _ in range(lines)]
            process.terminate()
            assert process.wait(30) == 0
        finally:
            process.kill()


def ask(base_url: str, number: int) -> None:
    words = f"What do you say about number {number}, and why is it so?"
    body = {"model": "gpt-4o", "stream": number % 2 == 0, "messages": [{"role": "user", "content": words}]}
    headers = {"content-type": "application/json", "authorization": "Bearer any"}
    request = urllib.request.Request(f"{base_url}/v1/chat/completions", json.dumps(body).encode(), headers)  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - loopback
        answer.read()


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_what_the_check_finds_is_what_the_receipts_say(tmp_path: Path) -> None:
    with ExitStack() as stack:
        (provider,) = stack.enter_context(running(tmp_path, "provider", "openai"))
        (tmp_path / "back.yaml").write_text(CONFIG.format(upstream=provider.removesuffix("/v1")), encoding="utf-8")
        control = ["--control", "127.0.0.1:0", "--seed", "7"]
        back = [*control, "--config", "back.yaml", "--journal", "back.jsonl"]
        behind = stack.enter_context(running(tmp_path, "proxy", *back, lines=2))[0]
        front = [*control, "--upstream", f"openai={behind}", "--journal", "front.jsonl", "--record-bodies"]
        base_url = stack.enter_context(running(tmp_path, "proxy", *front, lines=2))[0]
        for number in range(REQUESTS):
            ask(base_url, number)
    receipts = [line for line in lines_of(tmp_path / "back.jsonl") if line["kind"] == "receipt"]
    hit = {receipt["request_id"] for receipt in receipts if receipt["applied"]}
    found: dict[str, set[str]] = {"valid": set(), "invalid": set(), "undecided": set()}
    for record in lines_of(tmp_path / "front.jsonl"):
        line = read_line(json.dumps(record).encode())
        assert isinstance(line, Checked)
        found[together(judged(line, chosen_validators()))].add(record["request_id"])
    assert 10 <= len(hit) <= 40  # of 60 at 0.4 about 24
    assert found["invalid"] == hit
    assert len(found["valid"]) == REQUESTS - len(hit)
