import pytest

from llmops.chaos.wire.stages import CannotEditError
from llmops.chaos.wire.structured import objects_in, schema_of, structured


def test_objects_and_lists_only() -> None:
    assert structured("[1]") == [1]
    for text in ("1", '"a"', "prose", "", "null"):
        with pytest.raises(CannotEditError):
            structured(text)


def test_a_request_without_a_schema_is_a_reason() -> None:
    assert schema_of(b'{"output_format":{"schema":{"type":"object"}}}') == {"type": "object"}
    for body in (b"", b"{}", b'{"response_format":{"type":"json_object"}}'):
        with pytest.raises(CannotEditError, match="no schema"):
            schema_of(body)


def test_objects_at_any_depth_the_outermost_first() -> None:
    value = {"a": [{"b": {"c": 1}}], "d": 2}
    assert list(objects_in(value)) == [value, {"b": {"c": 1}}, {"c": 1}]
    assert list(objects_in(7)) == []
