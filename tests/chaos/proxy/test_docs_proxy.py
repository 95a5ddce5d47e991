"""The page of the proxy: its commands work, and what it tells of keys and of the journal is what there is."""

import asyncio
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from llmops.chaos.faults.base import RECEIPT_FIELDS
from llmops.chaos.proxy.config import ChaosSection, schedule_of, scope_of
from llmops.chaos.proxy.injection import Injection, make_fault
from llmops.chaos.proxy.schedule import Schedule, Scope
from llmops.chaos.proxy.setup import plan_of
from llmops.chaos.proxy.toxic_json import FAULT_KEYS
from llmops.config import validated

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "proxy.md").read_text(encoding="utf-8")
PROSE = re.sub(r"^```.*?^```", "", PAGE, flags=re.MULTILINE | re.DOTALL)
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
CONTROL, CLIENT = "http://127.0.0.1:8474", "http://127.0.0.1:9001"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def first_cells(heading: str) -> set[str]:
    """The names in the first column of the table under a heading or a bold word."""
    table = re.search(r"^\| (?:key|field) \|.*?(?=^$|\Z)", PAGE.partition(heading)[2], re.MULTILINE | re.DOTALL)
    assert table
    rows = table[0].splitlines()[2:]
    return {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])}


@contextmanager
def proxy(folder: Path) -> Iterator[dict[str, str]]:
    """The proxy of the page, before a provider that nobody reaches, on free ports."""
    command = blocks("sh")[0].replace("https://api.openai.com", "http://127.0.0.1:9").replace("9001", "0").split()
    assert command[:3] == ["llmops", "chaos", "proxy"]
    whole = [sys.executable, "-m", *command, "--control", "127.0.0.1:0"]
    with subprocess.Popen(whole, stdout=subprocess.PIPE, text=True, cwd=folder) as running:
        try:
            assert running.stdout is not None
            yield dict(running.stdout.readline().split() for _ in range(3))
        finally:
            running.terminate()


def ran(block: str, places: dict[str, str]) -> str:
    """What the commands say; an answer that is an error of the control API fails them."""
    text = block.replace(CONTROL, places["control"]).replace(CLIENT, places["openai"])
    text = re.sub(r"curl -s(?! -o)", "curl -sS --fail-with-body", text)
    done = subprocess.run(["/bin/bash", "-euc", text], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, (text, done.stdout, done.stderr)
    return done.stdout


@pytest.mark.skipif(not shutil.which("curl") or not Path("/bin/bash").exists(), reason="no curl or no bash here")
def test_the_commands_of_the_page_work_and_its_python_joins_what_they_left(tmp_path: Path) -> None:
    _, inject, client, look, down = blocks("sh")
    with proxy(tmp_path) as places:
        made = json.loads(ran(inject, places))
        assert (made["schedule"], made["scope"], made["hit"]) == ({"first": 1}, {"models": ["gpt-4o*"]}, 0)
        assert ran(client, places) == "429\n"
        with pytest.raises(AssertionError, match="000"):  # the first only: no fault answers, and no provider either
            ran(client, places)
        shown = [json.loads(text) for text in re.sub(r"\}\s*\{", "}\0{", ran(look, places)).split("\0")]
        assert [one["hit"] for one in shown] == [1, 0, 0, 0]
        assert shown[1]["attributes"]["retry_after_s"] == 9
        assert (shown[2]["schedule"], shown[2]["scope"]) == ({"every": 3}, {})
        assert 119 < shown[3]["lease_left_s"] <= 120
        assert [one["enabled"] for one in map(json.loads, ran(down, places).replace("}{", "}\n{").splitlines())] == [
            False,
            True,
        ]
    (join,) = blocks("python")
    done = subprocess.run([sys.executable, "-c", join], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert done.stdout.splitlines() == [
        "/v1/chat/completions 429 ['rate_limit_requests']",
        "/v1/chat/completions None []",
    ]


def test_every_key_of_a_toxic_a_schedule_and_a_scope_is_told_and_no_other() -> None:
    assert first_cells("## Inject, look, end") == set(FAULT_KEYS)
    assert first_cells("### `schedule`") == {field.name for field in fields(Schedule)}
    assert first_cells("### `scope`") == {field.name for field in fields(Scope)}


def journal_lines(wire: Any, journal: Path) -> list[dict[str, Any]]:
    """The journal of a run with a bit of everything."""

    async def main() -> None:
        async with wire.bench(wire.says(wire.answer()), journal, record_bodies=True) as bench:
            injections = bench.proxy.providers["openai"].injections
            await bench.ask(wire.chat_request())
            for fault in ("wrong_model", "bad_gateway", "refused"):
                injections.add(Injection(fault, make_fault(fault, {})), lease_s=60)
                if fault != "refused":
                    await bench.ask(wire.chat_request())
                injections.renew(fault)
                injections.remove(fault)

    asyncio.run(main())
    return [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()]


COMMON = {"schema_version", "kind", "at", "run"}


def test_every_field_of_the_journal_is_told(wire: Any, journal_file: Path) -> None:
    found: dict[str, set[str]] = {}
    for line in journal_lines(wire, journal_file):
        found.setdefault("state" if "state" in line else line["kind"], set()).update(line.keys() - COMMON)
    assert found.keys() == {"wire", "receipt", "state", "lease", "note"}
    told = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", PROSE))))
    assert told >= COMMON
    assert found["wire"] <= first_cells("**`wire`**")
    assert told >= RECEIPT_FIELDS - COMMON  # besides, each fault notes figures of its own
    assert found["state"] | found["lease"] | found["note"] <= told


def test_no_field_is_told_that_nothing_writes() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "chaos" / "proxy").glob("*.py"))
    headers = {"retry_after", "retry_after_ms"}  # named after the headers, by code
    for heading in ("**`receipt`**", "**`wire`**"):
        assert {name for name in first_cells(heading) - headers if not re.search(rf'["\s(]{name}["=]', source)} == set()


def test_the_example_of_the_configuration_is_valid_and_shows_every_key() -> None:
    (text,) = re.findall(r"^```yaml\n(chaos:.*?)^```", CONFIGURATION, re.MULTILINE | re.DOTALL)
    given = yaml.safe_load(text)["chaos"]
    section = validated(ChaosSection, given, "chaos")
    assert given.keys() == ChaosSection.model_fields.keys()
    (provider,) = section.providers.values()
    assert given["providers"]["openai"].keys() == type(provider).model_fields.keys()
    first, second = provider.injections
    assert given["providers"]["openai"]["injections"][0].keys() == type(first).model_fields.keys()
    assert schedule_of(second.schedule).ramp == ((0, 0.008), (3600, 0.16))
    assert scope_of(first.scope).tenants == ("acme",)
    plan_of(section)  # and the proxy would start with it
