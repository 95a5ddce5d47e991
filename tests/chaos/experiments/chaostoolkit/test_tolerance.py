"""Tolerances: what is within them and what is not, and that Chaos Toolkit's own library says the same."""

import asyncio
from typing import Any

import pytest

from llmops.chaos.experiments.chaostoolkit.part import Part
from llmops.chaos.experiments.chaostoolkit.tolerance import tolerance_of
from llmops.chaos.experiments.chaostoolkit.values import Values
from llmops.chaos.experiments.loader import Source
from llmops.errors import BadInput

VALUES = Values({"word": "fine", "port": 80, "pattern": "^f"}, {})
CHOICE = {"body": '{"choices": [{"id": 1}, {"id": 2}]}', "status": 200}

AGREED: list[tuple[Any, Any, bool]] = [
    (200, 200, True),
    (200, {"status": 200, "body": ""}, True),
    (200, {"status": 503, "body": ""}, False),
    (1, True, True),  # as Python compares
    (True, True, True),
    (True, {"status": True}, False),  # only numbers look at a status
    (False, True, False),
    ("fine", "fine", True),
    ("fine", "fin", False),
    ("${word}", "fine", True),
    ("${port}", {"status": 80}, True),
    ([200, 204], {"status": 204}, True),
    ([200, 204], {"status": 202}, False),  # of a status, two values are choices
    ([1, 5], 3, True),
    ([1, 5], 5, True),
    ([1, 5], 6, False),
    (["a", "b", "c"], "c", True),
    (["a", "b", "c"], "d", False),
    ([7], 7, True),
    ({"type": "range", "range": [0.5, 1.5]}, 1.5, True),
    ({"type": "range", "range": [0.5, 1.5]}, 1.6, False),
    ({"type": "range", "range": [1, 9], "target": "stdout"}, {"stdout": "5", "status": 0}, True),
    ({"type": "range", "range": [1, 9]}, "many", False),
    ({"type": "regex", "pattern": "^a.c$"}, "abc", True),
    ({"type": "regex", "pattern": "^a.c$"}, "xabc", False),
    ({"type": "regex", "pattern": "${pattern}", "target": "body"}, {"body": "fine"}, True),
    ({"type": "regex", "pattern": "PASS", "target": "verdict"}, {"verdict": "FAIL"}, False),
    ({"type": "jsonpath", "path": "$.choices[*].id", "target": "body", "count": 2}, CHOICE, True),
    ({"type": "jsonpath", "path": "$.choices[*].id", "target": "body", "count": 3}, CHOICE, False),
    ({"type": "jsonpath", "path": "$.choices[*].id", "target": "body", "expect": [1, 2]}, CHOICE, True),
    ({"type": "jsonpath", "path": "$.choices[0].id", "target": "body", "expect": 1}, CHOICE, True),
    ({"type": "jsonpath", "path": "$.choices[0].id", "target": "body", "expect": 2}, CHOICE, False),
    ({"type": "jsonpath", "path": "$.none"}, {"a": 1}, False),
    ({"type": "jsonpath", "path": "$.a"}, {"a": 1}, True),
]  # fmt: skip
"""Tolerance, output, and whether it is met: by Chaos Toolkit 1.44.0 and 1.45.1 alike."""

OURS: list[tuple[Any, Any]] = [
    ([1, 5], {"x": 1}),
    ([1, 5], None),
    ({"type": "range", "range": [1, 9]}, {"x": 1}),
    ({"type": "regex", "pattern": "a"}, {"a": 1}),
    ({"type": "regex", "pattern": "a"}, None),
]
"""Outputs that cannot be compared: there the library raises, and the run ends without a journal."""


def met(tolerance: object, output: object) -> bool:
    found = tolerance_of(Part(Source("a.yaml"), {"tolerance": tolerance}, ("probes", 0)), VALUES)
    assert found is not None
    return asyncio.run(found.met(output, VALUES))


@pytest.mark.parametrize(("tolerance", "output", "expected"), AGREED)
def test_an_output_is_within_it_or_not(tolerance: object, output: object, expected: bool) -> None:
    assert met(tolerance, output) is expected


@pytest.mark.parametrize(("tolerance", "output", "expected"), AGREED)
def test_and_the_library_says_the_same(tolerance: object, output: object, expected: bool) -> None:
    library = pytest.importorskip("chaoslib.hypothesis", reason="needs chaostoolkit-lib (a development dependency)")
    filled = VALUES.filled(tolerance) if isinstance(tolerance, str) else tolerance
    assert library.within_tolerance(filled, output, dict(VALUES.configuration), {}) is expected


@pytest.mark.parametrize(("tolerance", "output"), OURS)
def test_what_cannot_be_compared_is_not_within_it(tolerance: object, output: object) -> None:
    assert not met(tolerance, output)


@pytest.mark.parametrize("value", [3, 30])
def test_a_function_may_decide(acts: object, value: int) -> None:  # noqa: ARG001 - it is called
    provider = {"type": "python", "module": "acts", "func": "is_small"}
    assert met({"type": "probe", "name": "small", "provider": provider}, value) is (value == 3)


def test_a_function_that_fails_is_not_met(acts: object) -> None:  # noqa: ARG001 - it is called
    provider = {"type": "python", "module": "acts", "func": "is_small"}
    assert not met({"type": "probe", "name": "small", "provider": provider}, "a text")


def test_a_probe_without_one_has_none() -> None:
    assert tolerance_of(Part(Source("a.yaml"), {}), VALUES) is None


@pytest.mark.parametrize(
    ("tolerance", "words"),
    [
        (0.5, "probes.0.tolerance 0.5 cannot be compared"),
        ({"type": "range", "range": [1]}, "probes.0.tolerance.range must be two numbers, not [1]"),
        ({"type": "range", "range": [1, True]}, "must be two numbers"),
        ({"type": "regex", "pattern": "("}, "probes.0.tolerance.pattern is no regular expression"),
        ({"type": "regex", "pattern": "a", "flags": "i"}, "unknown key 'probes.0.tolerance.flags'"),
        ({"type": "regex"}, "probes.0.tolerance has no 'pattern'"),
        ({"type": "jsonpath", "path": "$..a"}, "probes.0.tolerance.path: the JSONPath '$..a' is not understood"),
        ({"type": "jsonpath", "path": "$.a", "count": True}, "count must be a whole number"),
        ({"type": "fuzzy"}, "probes.0.tolerance.type 'fuzzy' cannot be carried over"),
        ({"type": "probe", "name": "x", "provider": {"type": "process", "path": "true"}}, "is never false"),
        ("${none}", "names ${none}: neither configuration nor secrets have it"),
    ],
)
def test_one_that_cannot_be_is_refused_by_name(tolerance: object, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        met(tolerance, None)
    assert words in str(caught.value)
