"""Help is quick: it loads none of the heavy libraries."""

import subprocess
import sys

import pytest

HEAVY = ("boto3", "duckdb", "genai_prices", "jinja2", "numpy", "pulumi", "pydantic", "rich", "scipy", "yaml")
PROBE = """
import sys
from llmops.cli import main
sys.argv = ["llmops", *sys.argv[1:]]
try:
    main()
finally:
    print("loaded:", *sorted({name.partition(".")[0] for name in sys.modules}))
"""


def loaded_by(*arguments: str) -> set[str]:
    """The top-level modules that a run of `llmops` has loaded when it ends."""
    command = [sys.executable, "-c", PROBE, *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8")
    assert "Usage: llmops" in done.stdout
    return set(done.stdout.splitlines()[-1].split())


def test_the_help_of_llmops_loads_nothing_heavy() -> None:
    assert not loaded_by("--help") & set(HEAVY)


@pytest.mark.parametrize("command", ["bill", "tco"])
def test_the_help_of_a_command_loads_nothing_heavy(command: str) -> None:
    # typer 0.29 itself loads pydantic for every command with an option that is no flag
    assert not loaded_by(command, "--help") & (set(HEAVY) - {"pydantic"})


def test_the_probe_sees_a_heavy_library() -> None:
    assert "typer" in loaded_by("--help")
