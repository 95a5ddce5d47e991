"""The README tells the truth: what it shows a command to print is what the command prints.

`LLMOPS_UPDATE_README=1 pytest tests/test_readme.py` writes the output anew.
"""

import os
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
BLOCK = re.compile(r"```\n\$ (llmops [^\n]*)\n(.*?)```", re.DOTALL)
CUT = "…\n"  # the rest is left out
SHOWN_LINES = 24


def blocks() -> list[tuple[str, str]]:
    return BLOCK.findall(README.read_text(encoding="utf-8"))


def test_the_readme_shows_commands() -> None:
    assert {command.split()[1] for command, _ in blocks()} >= {"bill", "tco"}


@pytest.mark.parametrize("command", [command for command, _ in blocks()])
def test_a_command_prints_what_the_readme_shows(
    command: str, llmops: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    ran = llmops(*shlex.split(command)[1:])
    assert ran.code == 0, ran.err
    if os.environ.get("LLMOPS_UPDATE_README"):
        _update(command, ran.out)
    shown = dict(blocks())[command]
    assert shown.endswith(CUT)
    assert ran.out.startswith(shown.removesuffix(CUT))
    assert len(shown.splitlines()) > SHOWN_LINES // 2


def _update(command: str, output: str) -> None:
    first_screen = "".join(output.splitlines(keepends=True)[:SHOWN_LINES])
    block = f"```\n$ {command}\n{first_screen}{CUT}```"
    text = README.read_text(encoding="utf-8")
    README.write_text(BLOCK.sub(lambda found: block if found[1] == command else found[0], text), encoding="utf-8")
