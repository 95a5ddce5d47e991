import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmops.chaos.wire.json_scan import (
    characters,
    has_object,
    member,
    members,
    parsed,
    parsed_any,
    string_at,
    whole_number,
)


@given(text=st.text(), other=st.text())
def test_a_string_is_found_whatever_stands_in_it(text: str, other: str) -> None:
    for separators in ((",", ":"), (", ", ": ")):
        for plain in (True, False):
            raw = json.dumps({"a": other, "key": text}, separators=separators, ensure_ascii=plain)
            found = string_at(raw.encode("utf-8", "surrogatepass"), b"key")
            if other != "key":
                assert found == json.dumps(text, ensure_ascii=plain)[1:-1].encode("utf-8", "surrogatepass")


@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"])), plain=st.booleans())
def test_characters_are_counted_as_they_read(text: str, plain: bool) -> None:
    assert characters(json.dumps(text, ensure_ascii=plain)[1:-1].encode()) == len(text)


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b'{"key":null,"x":{"key":"v"}}', b"v"),  # the first that is a string
        (b'{"key":null}', None),
        (b'{"key":null}' * 5000, None),
        (b'{"key":"cut', None),
        (b'{"key":', None),
        (b'{"x":"\\"key\\":\\"no\\""}', None),
        (b'{"key":"a\\\\"}', b"a\\\\"),
        (b"", None),
    ],
)
def test_edges(raw: bytes, found: bytes | None) -> None:
    assert string_at(raw, b"key") == found


@pytest.mark.parametrize(
    ("raw", "there"),
    [
        (b'{"key":{"a":1}}', True),
        (b'{"key" : { }}', True),
        (b'{"key":null}', False),
        (b'{"key":null,"x":{"key":{}}}', True),
        (b'{"x":"\\"key\\":{"}', False),
        (b'{"key":', False),
    ],
)
def test_an_object_behind_a_key(raw: bytes, there: bool) -> None:
    assert has_object(raw, b"key") is there


def test_parsing_never_raises() -> None:
    assert parsed(b"{not json") is None
    assert parsed(b"[1]") is None
    assert parsed(None) is None
    assert parsed_any(b"[1]") == [1]
    assert parsed(b'{"a":1}') == {"a": 1}


def test_a_count_is_an_integer_and_unknown_is_not_zero() -> None:
    assert [whole_number(value) for value in (0, 3, None, "3", True, 1.5)] == [0, 3, None, None, None, None]


def test_members() -> None:
    assert member({"a": [{"b": 1}]}, "a", 0, "b") == 1
    assert member({"a": [{"b": 1}]}, "a", 1, "b") is None
    assert member({"a": None}, "a", "b") is None
    assert members({"a": [1]}, "a") == [1]
    assert members({"a": 1}, "a") == []
