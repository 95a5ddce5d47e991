"""All that is wrong with one page."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from llmops.errors import BadInput
from llmops.playbooks.head import headed
from llmops.playbooks.lint.commands import command_problems
from llmops.playbooks.lint.exercise import Exercise, exercise_of
from llmops.playbooks.lint.leftovers import leftover_problems
from llmops.playbooks.lint.links import link_problems
from llmops.playbooks.lint.problem import ParseCommand, Problem


@dataclass(frozen=True)
class Linted:
    """What was looked at in a page, and what is wrong."""

    file: str
    exercise: Exercise
    commands: int
    links: int
    problems: tuple[Problem, ...]


def linted(file: Path, parse: ParseCommand, *, today: date, max_age_weeks: float) -> Linted:
    """BadInput where the file cannot be read."""
    text = _read(file)
    parts = headed(text, f"{file}:1")
    exercise = exercise_of(parts, today, max_age_weeks)
    commands, wrong_commands = command_problems(parts.body, parts.body_line, file.parent, parse)
    links, wrong_links = link_problems(parts.body, parts.body_line, file)
    problems = [*exercise.problems, *wrong_commands, *wrong_links, *leftover_problems(text)]
    if not parts.body.strip():
        problems.append(Problem(1, "there is nothing in it", "write what to do"))
    return Linted(str(file), exercise, commands, links, tuple(sorted(problems, key=lambda each: each.line)))


def _read(file: Path) -> str:
    if file.suffix == ".j2":
        raise BadInput(f"{file} is a template", hint="render it first: llmops playbook render NAME --out FILE")
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(f"cannot read {file}: {error.strerror}", hint="check the path and its permissions") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{file} is not UTF-8 text", hint="save it as UTF-8") from error
