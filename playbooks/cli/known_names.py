"""Names that commands look up only when they run: scenarios, systems, faults, templates; lint looks them up, too."""

from collections.abc import Iterator, Mapping, Sequence

from llmops.errors import nearest_hint


def unknown_name(path: str, given: Mapping[str, Sequence[str]]) -> str:
    """The sentence for the first name that is none, with the nearest; empty where all are known.

    `path` is that of the command, such as `chaos run`; `given` the values of its parameters by their names.
    """
    for parameter, values in given.items():
        kind, known = _known(path, parameter)
        for value in values:
            if known and _is_a_name(value) and value not in known:
                return f"no {kind} is named {value!r}; {nearest_hint(value, known)}"
    return ""


def _is_a_name(value: str) -> bool:
    """Not a file, not a variable of a shell."""
    return not any(sign in value for sign in "/.$*")


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
