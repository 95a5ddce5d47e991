"""The documents say what the program does. LLMOPS_UPDATE_DOCS=1 pytest tests/test_docs.py writes what is generated."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from pydantic import BaseModel
from typer.testing import CliRunner

from llmops.chaos.gameday.config import GamedaySection
from llmops.chaos.gates.config import GatesSection
from llmops.chaos.proxy.config import ChaosSection
from llmops.cli import app
from llmops.config import SECTIONS
from llmops.costmodel.prices.config import PricesSection
from llmops.costmodel.tco.config import TcoSection
from llmops.costmodel.usage.readers.base import DESTINATIONS, readers
from llmops.costmodel.usage.readers.mapping import SHORT_NAMES
from llmops.errors import ExitCode
from llmops.playbooks.config import PlaybooksSection

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
README = PAGES[0]
LOG_FORMATS = DOCS / "log-formats.md"
COMMANDS_HEAD = """\
# Commands

Each command's own `--help`. Written by `tests/test_docs.py`, which fails when it is out of date.

"""


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def commands() -> dict[str, Any]:
    """Every command with its path, such as `chaos run`; the root has none."""
    found: dict[str, Any] = {}

    def visit(command: Any, path: tuple[str, ...]) -> None:
        found[" ".join(path)] = command
        for name, inner in sorted(getattr(command, "commands", {}).items()):
            visit(inner, (*path, name))

    visit(typer.main.get_command(app), ())
    return found


COMMANDS = commands()
LEAVES = [path for path, command in COMMANDS.items() if not hasattr(command, "commands")]


def help_of(path: str) -> str:
    result = CliRunner().invoke(app, [*path.split(), "--help"], prog_name="llmops", env={"COLUMNS": "80"})
    assert result.exit_code == 0
    return "\n".join(line.rstrip() for line in result.output.strip().splitlines())


def written(page: Path, expected: str) -> str:
    """The text of a generated page, after it was rewritten if that was asked for."""
    if os.environ.get("LLMOPS_UPDATE_DOCS"):
        page.write_text(expected, encoding="utf-8")
    return text_of(page)


def test_commands_md_holds_the_help_of_every_command() -> None:
    parts = [f"## {f'llmops {path}'.strip()}\n\n```\n{help_of(path)}\n```\n" for path in COMMANDS]
    expected = COMMANDS_HEAD + "\n".join(parts)
    assert written(DOCS / "commands.md", expected) == expected, "run LLMOPS_UPDATE_DOCS=1 pytest tests/test_docs.py"


@pytest.mark.parametrize("path", LEAVES)
def test_help_says_what_a_command_does_and_shows_an_example(path: str) -> None:
    text = help_of(path)
    assert COMMANDS[path].help
    assert re.search(rf"Examples?:\s+llmops {path}", text)


@pytest.mark.parametrize("path", LEAVES)
def test_every_option_has_help(path: str) -> None:
    for parameter in COMMANDS[path].params:
        assert parameter.help, parameter.name


@pytest.mark.parametrize("path", LEAVES)
def test_the_readme_shows_every_command(path: str) -> None:
    assert f"llmops {path}" in text_of(README)


@pytest.mark.parametrize("path", LEAVES)
def test_every_option_is_documented(path: str) -> None:
    shown = [parameter for parameter in COMMANDS[path].params if not getattr(parameter, "hidden", False)]
    options = {name for parameter in shown for name in parameter.opts if name.startswith("--")}
    everything = "".join(map(text_of, PAGES))
    assert [name for name in sorted(options) if not re.search(rf"{name}\b", everything)] == []


def format_rows() -> Iterator[str]:
    yield "| format | what it is | recognised by | cache tokens are part of its input count |"
    yield "| --- | --- | --- | --- |"
    for name in readers.names():
        reader = readers.get(name)
        includes = "as the file says" if name == "mapping" else ("yes" if reader.input_includes_cache else "no")
        yield f"| `{name}` | {readers.help(name)} | {reader.looks_for} | {includes} |"


def test_log_formats_md_lists_every_format_of_the_registry() -> None:
    table = "\n".join(format_rows())
    head, _, rest = text_of(LOG_FORMATS).partition("<!-- formats -->\n")
    tail = rest.partition("<!-- end of formats -->")[2]
    expected = f"{head}<!-- formats -->\n{table}\n<!-- end of formats -->{tail}"
    assert written(LOG_FORMATS, expected) == expected, "run LLMOPS_UPDATE_DOCS=1 pytest tests/test_docs.py"


@pytest.mark.parametrize("name", readers.names())
def test_every_log_format_has_a_section(name: str) -> None:
    assert re.search(rf"^## .*`{name}`", text_of(LOG_FORMATS), re.MULTILINE)


def test_every_column_of_a_mapping_file_is_documented() -> None:
    text = text_of(DOCS / "mapping.md")
    names = {*DESTINATIONS, *SHORT_NAMES} - {
        "ts_utc",
        "model_served",
        "output_total_tokens",
    }  # said by their short names
    spelled = text.replace("`_1h_`", "cache_write_1h_tokens").replace("`_other_`", "cache_write_other_tokens")
    assert [name for name in sorted(names) if not re.search(rf"\b{name}\b", spelled)] == []


def keys_of(model: type[BaseModel]) -> Iterator[str]:
    """The keys of a section and of all that is inside it."""
    for name, field in model.model_fields.items():
        yield field.alias or name
        for inner in models_in(field.annotation):
            yield from keys_of(inner)


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from models_in(inner)


@pytest.mark.parametrize(
    "section",
    [PricesSection, TcoSection, ChaosSection, GatesSection, GamedaySection, PlaybooksSection],
    ids=["prices", "tco", "chaos", "gates", "gameday", "playbooks"],
)
def test_every_key_of_the_configuration_is_documented(section: type[BaseModel]) -> None:
    text = text_of(DOCS / "configuration.md")
    assert [key for key in sorted(set(keys_of(section))) if not re.search(rf"\b{key}\b", text)] == []


def test_the_sections_that_exist_are_documented() -> None:
    text = text_of(DOCS / "configuration.md")
    assert [name for name in SECTIONS if not re.search(rf"`{name}:?`", text)] == []


def test_every_exit_code_is_documented() -> None:
    everything = "".join(map(text_of, PAGES))
    assert [code.value for code in ExitCode if not re.search(rf"^\| {code.value} \|", everything, re.MULTILINE)] == []


def test_the_readme_sets_up_with_two_commands() -> None:
    assert set(re.findall(r"^\s*(?:\$ )?make (\w+)", text_of(README), re.MULTILINE)) == {"demo", "test"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", text_of(page)):
        assert target.startswith("https://") or (page.parent / target).exists(), target
