"""Names that commands look up only when they run: scenarios, systems, faults, templates; lint looks them up, too."""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

NO_NAME = re.compile(r"[A-Z][A-Z0-9_]*…?|.*[/.$*].*", re.DOTALL)  # a placeholder, a file, a variable of a shell


def unknown_name(path: str, given: Mapping[str, Sequence[str]]) -> str:
    """The sentence for the first name that is none, with the nearest; empty where all are known.

    `path` is that of the command, such as `chaos run`; `given` the values of its parameters by their names.
    """
    for parameter, values in given.items():
        kind, known = _known(path, parameter)
        for value in values:
            if known and not NO_NAME.fullmatch(value) and value not in known:
                near = get_close_matches(value, known, n=1)
                return f"no {kind} is named {value!r}" + (f"; did you mean {near[0]!r}?" if near else "")
    return ""


def _known(path: str, parameter: str) -> tuple[str, Sequence[str]]:
    return next(((kind, names) for at, of, kind, names in _table() if (at, of) == (path, parameter)), ("", ()))


def _table() -> Iterator[tuple[str, str, str, Sequence[str]]]:
    """Command, parameter, what it names, and all that there are."""
    from llmops.chaos.experiments import known, shipped
    from llmops.chaos.faults.base import faults
    from llmops.chaos.providers.base import providers
    from llmops.playbooks.cli.options import folder_of, section_of
    from llmops.playbooks.shelf import OURS, names

    for path, parameter in (("chaos run", "experiments"), ("chaos export", "experiment"), ("gameday plan", "preset")):
        yield path, parameter, "scenario", shipped.names()
    for path in ("chaos run", "gameday plan"):
        yield path, "system", "system", known.names()
    yield "chaos describe", "fault", "fault", faults.names()
    yield "chaos provider", "provider", "provider", providers.names()
    own = folder_of(None, section_of(None))
    yield "playbook render", "name", "template", [*names(OURS), *([] if own is None else names(own))]
