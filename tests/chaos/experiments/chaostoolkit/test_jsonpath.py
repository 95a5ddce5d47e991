"""Names, numbers and `*`; everything else of JSONPath is refused."""

import pytest

from llmops.chaos.experiments.chaostoolkit.jsonpath import matches, steps_of
from llmops.errors import BadInput

VALUE = {"choices": [{"message": {"content": "a"}}, {"message": {"content": "b"}}], "a b": {"c": 1}, "n": None}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$", [VALUE]),
        ("$.choices[0].message.content", ["a"]),
        ("$.choices[*].message.content", ["a", "b"]),
        (" $['a b'].c ", [1]),
        ('$["a b"].*', [1]),
        ("$.n", [None]),
        ("$.choices[2]", []),
        ("$.choices.message", []),
        ("$.none[0].x", []),
        ("$.n[0]", []),
    ],
)
def test_what_stands_there_is_found(path: str, expected: list[object]) -> None:
    assert list(matches(steps_of(path), VALUE)) == expected


@pytest.mark.parametrize(
    "path", ["$.choices[0].message.content", "$.choices[*].message.content", "$.choices[2]", "$.n"]
)
def test_and_nothing_else_than_jsonpath2_finds(path: str) -> None:
    jsonpath2 = pytest.importorskip("jsonpath2.path", reason="needs jsonpath2, which Chaos Toolkit compares with")
    theirs = [found.current_value for found in jsonpath2.Path.parse_str(path).match(VALUE)]
    assert list(matches(steps_of(path), VALUE)) == theirs


@pytest.mark.parametrize("path", ["", "choices", "$..content", "$.a[?(@.b > 1)]", "$.a[0:2]", "$.a[-1]", "$.a.", "$a"])
def test_what_is_not_of_this_part_is_refused(path: str) -> None:
    with pytest.raises(BadInput, match="is not understood"):
        steps_of(path)
