"""The part of JSONPath that tolerances use: names, numbers and `*`, one after another."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from llmops.errors import BadInput

Step = str | int | None
"""A name, a place in a list, or None for all of them."""
STEP = re.compile(
    r"""\.(?P<name>[A-Za-z_][\w-]*|\*)|\[(?:(?P<place>\d+)|(?P<all>\*)|'(?P<one>[^']*)'|"(?P<two>[^"]*)")\]"""
)


def steps_of(path: str) -> tuple[Step, ...]:
    """`$.choices[0].message` in its steps. BadInput for what is not of this part."""
    text = path.strip()
    at = 1
    found: list[Step] = []
    while text.startswith("$") and at < len(text):
        step = STEP.match(text, at)
        if step is None:
            break
        found.append(_step(step))
        at = step.end()
    if at != len(text) or not text.startswith("$"):
        hint = "names, numbers and * are: $.choices[0].message, $['a b'], $.items[*].id"
        raise BadInput(f"the JSONPath {path!r} is not understood", hint=hint)
    return tuple(found)


def _step(found: re.Match[str]) -> Step:
    if found["place"] is not None:
        return int(found["place"])
    name = next((found[group] for group in ("name", "one", "two") if found[group] is not None), "*")
    return None if found["all"] or found["name"] == "*" else name


def matches(steps: tuple[Step, ...], value: Any) -> Iterator[Any]:  # noqa: ANN401 - any JSON
    """What stands there; nothing where the value has no such place."""
    if not steps:
        yield value
        return
    for inner in _inside(value, steps[0]):
        yield from matches(steps[1:], inner)


def _inside(value: Any, step: Step) -> Iterator[Any]:  # noqa: ANN401 - any JSON
    if isinstance(value, Mapping):
        if step is None:
            yield from value.values()
        elif step in value:
            yield value[step]
    elif isinstance(value, list):
        if step is None:
            yield from value
        elif isinstance(step, int) and step < len(value):
            yield value[step]
