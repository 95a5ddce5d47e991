"""docs/detection.md says what the program does: its validators, its settings, its output and its example in Python."""

import dataclasses
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmops.chaos.reliability.breaker import Settings
from llmops.chaos.reliability.facts import facts
from llmops.chaos.reliability.validators.base import validators

DOCS = Path(__file__).parents[3] / "docs" / "detection.md"
TEXT = DOCS.read_text(encoding="utf-8")
ANSWERS = Path(__file__).parents[1] / "answers"
ASKED = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Who are you?"}]}


@pytest.mark.parametrize("name", validators.names())
def test_every_validator_has_its_line(name: str) -> None:
    assert f"| `{name}` | {validators.help(name)} |" in TEXT


@pytest.mark.parametrize(
    ("option", "field"),
    [
        ("--error-ratio", "error_ratio"),
        ("--latency-factor", "latency_factor"),
        ("--quality-factor", "quality_factor"),
        ("--window", "window_s"),
        ("--min-samples", "min_samples"),
        ("--min-qualities", "min_qualities"),
        ("--cool-down", "cool_down_s"),
        ("--probes", "probes"),
        ("--baseline-window", "baseline_s"),
    ],
)
def test_every_setting_is_told_with_its_default(option: str, field: str) -> None:
    default = {one.name: one.default for one in dataclasses.fields(Settings)}[field]
    assert f"`{option}` ({default:g})" in TEXT


def test_the_counts_of_languages_are_those_of_the_data() -> None:
    assert f"({len(facts('languages')['languages'])} of them" in TEXT
    assert f"phrases of {len(facts('refusals'))} languages" in TEXT


def test_the_example_in_python_runs() -> None:
    code = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    assert len(code) == 1
    exec(compile(code[0], str(DOCS), "exec"), {})  # noqa: S102 - our own


def shown(command: str) -> list[str]:
    """The lines under a command, up to the dots."""
    block = re.search(rf"```\n\$ {re.escape(command)}\n(.*?)\n…\n```", TEXT, re.DOTALL)
    assert block
    return block[1].splitlines()


def test_the_replay_that_is_shown_is_what_is_printed(llmops: Callable[..., Any], tmp_path: Path) -> None:
    rows = "".join(f"{at},200,1.0,{0.92 if at < 300 else 0.60}\n" for at in range(600))
    (tmp_path / "trace.csv").write_text(f"at,status,latency_s,quality\n{rows}", encoding="utf-8")
    lines = shown("llmops chaos replay trace.csv --bad 300..600")
    ran = llmops("chaos", "replay", "trace.csv", "--bad", "300..600")
    assert ran.out.splitlines()[: len(lines)] == lines


def test_the_check_that_is_shown_is_what_is_printed(llmops: Callable[..., Any], tmp_path: Path) -> None:
    good = (ANSWERS / "openai_chat_text.json").read_text(encoding="utf-8")
    record = {"schema_version": 1, "kind": "wire", "at": "2026-11-25T10:00:00Z", "route": "/v1/chat/completions"}
    record |= {"dialect": "openai_chat", "upstream_status": 200, "ended": "complete"}
    cut = good.replace('"stop"', '"length"')
    bodies = [(ASKED, good), (ASKED, cut), (ASKED, "<html></html>"), ({**ASKED, "max_tokens": 1}, cut)]
    lines = [{**record, "request_body": json.dumps(asked), "answer_body": answer} for asked, answer in bodies]
    lines.append({"schema_version": 1, "kind": "receipt", "at": "2026-11-25T10:00:00Z"})
    (tmp_path / "proxy.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    ran = llmops("chaos", "check", "proxy.jsonl")
    assert ran.out.splitlines()[:6] == shown("llmops chaos check proxy.jsonl")
