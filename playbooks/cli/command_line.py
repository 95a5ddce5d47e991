"""The running command line as a parser of commands: what it would take, with nothing run."""

import re
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import typer

from llmops.playbooks.cli.known_names import unknown_name
from llmops.playbooks.lint.problem import Parsed

WRITTEN = {"out", "junit", "journal", "steps", "records", "rejects"}  # parameters that name what a command makes
CHOICES = re.compile(r"[a-z_]+(?:\|[a-z_]+)+")
MENTION_ENDS = {"…", "..."}


@dataclass(frozen=True)
class CommandLine:
    """Parses by the command that is running: `CommandLine(context.find_root().command)`."""

    root: Any  # typer carries its own click, whose types have no public name

    def __call__(self, words: Sequence[str], *, mention: bool) -> Parsed:
        command, context = self.root, typer.Context(self.root, info_name="llmops")
        rest = [*words]
        try:
            while rest and hasattr(command, "commands") and rest[0] not in MENTION_ENDS:
                if rest[0].startswith("-"):
                    return self._parsed(command, context, rest)
                name, command, rest = command.resolve_command(context, rest)
                context = typer.Context(command, info_name=name, parent=context)
            if mention and (not rest or rest[0] in MENTION_ENDS):
                return Parsed()
            if hasattr(command, "commands"):
                return _refused(context, f"it needs one of {', '.join(sorted(command.commands))}")
            return self._parsed(command, context, rest)
        except typer.TyperException as error:
            return _refused(context, _sentence(error))

    def _parsed(self, command: Any, context: typer.Context, words: list[str]) -> Parsed:  # noqa: ANN401 - of typer's click
        given, left, _ = command.make_parser(context).parse_args(args=[*words])
        if given.get("help"):
            return Parsed()
        if left:
            return _refused(context, f"it takes no further {' '.join(left)}")
        for parameter in command.params:
            _check(parameter, context, given.get(parameter.name))
        named = [(each, _texts(given.get(each.name))) for each in command.params]
        wrong = next((why for each, texts in named if (why := _no_choice(each, texts))), "")
        if problem := wrong or unknown_name(_path_of(context), {each.name: texts for each, texts in named}):
            return _refused(context, problem)
        return Parsed(
            reads=[text for each, texts in named if _is_read(each) for text in texts],
            writes=[text for each, texts in named if each.name in WRITTEN for text in texts],
            inner=words[words.index("--") + 1 :] if "--" in words else (),
        )


def _refused(context: typer.Context, problem: str) -> Parsed:
    return Parsed(problem, hint=" ".join(filter(None, ["llmops", _path_of(context), "--help"])))


def _path_of(context: typer.Context) -> str:
    """Such as `chaos run`."""
    names = []
    at: Any = context
    while at is not None and at.parent is not None:
        names.append(at.info_name)
        at = at.parent
    return " ".join(reversed(names))


def _check(parameter: Any, context: typer.Context, value: Any) -> None:  # noqa: ANN401 - of typer's click
    """TyperException where the value is not of its type, or missing. Variables of a shell have any."""
    if value is None and not parameter.required:
        return
    if any("$" in text for text in _texts(value)):
        return
    silent = copy(parameter)
    silent.callback = None
    silent.process_value(context, value)


def _texts(value: Any) -> list[str]:  # noqa: ANN401 - what a parser found
    if isinstance(value, list | tuple):
        return [text for each in value for text in _texts(each)]
    return [value] if isinstance(value, str) else []


def _is_read(parameter: Any) -> bool:  # noqa: ANN401 - of typer's click
    return parameter.name not in WRITTEN and Path in {*_types(parameter.type_descriptor.annotation)}


def _no_choice(parameter: Any, texts: Sequence[str]) -> str:  # noqa: ANN401 - of typer's click
    """Why a value is none of those that its name lists, such as `detected|mitigated|resolved`."""
    if not CHOICES.fullmatch(parameter.metavar or ""):
        return ""
    known = parameter.metavar.split("|")
    none = next((text for text in texts if text not in known and "$" not in text and not text.isupper()), None)
    return "" if none is None else f"{none!r} is none of {', '.join(known)}"


def _types(annotation: Any) -> Iterator[Any]:  # noqa: ANN401 - a type annotation is anything
    yield annotation
    for inner in get_args(annotation):
        yield from _types(inner)


def _sentence(error: typer.TyperException) -> str:
    said = getattr(error, "format_message", lambda: str(error))()
    text = " ".join(said.split()).rstrip(".")
    return f"{text[:1].lower()}{text[1:]}"
