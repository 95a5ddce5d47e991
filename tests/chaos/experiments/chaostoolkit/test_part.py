"""Fields are read with their kind; what cannot be is refused by name, with the line."""

import pytest

from llmops.chaos.experiments.chaostoolkit.part import Part
from llmops.chaos.experiments.loader import Source
from llmops.errors import BadInput


def part(**data: object) -> Part:
    return Part(Source("a.yaml", {("method", 0): 7, ("method", 0, "name"): 8}), data, ("method", 0))


def test_fields_are_read_and_defaults_stand_for_absent_ones() -> None:
    found = part(name="x", background=True, inner={"a": 1}, list=[{"b": 2}], null=None)
    assert found.text("name") == "x"
    assert found.truth("background")
    assert not found.truth("other")
    assert found.part("inner").data == {"a": 1}
    assert found.part("none").data == {}
    assert [each.path for each in found.parts("list")] == [("method", 0, "list", 0)]
    assert found.parts("none") == []
    assert found.text("null", "y") == "y"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "a.yaml:7: method.0 has no 'name'"),
        ({"name": 3}, "a.yaml:8: method.0.name must be text, not 3"),
        ({"name": "  "}, "a.yaml:8: method.0.name is empty"),
    ],
)
def test_a_text_that_is_none_is_refused_at_its_line(data: dict[str, object], words: str) -> None:
    with pytest.raises(BadInput) as caught:
        part(**data).text("name")
    assert str(caught.value) == words


def test_a_list_of_other_things_is_refused_with_the_place() -> None:
    with pytest.raises(BadInput, match=r"method\.0\.probes\.1 is 'x', and no mapping"):
        part(probes=[{}, "x"]).parts("probes")


def test_an_unknown_key_is_refused_with_the_nearest() -> None:
    with pytest.raises(BadInput, match=r"unknown key 'method\.0\.nmae'") as caught:
        part(nmae=1).only(("name", "type"), {})
    assert "'name'" in caught.value.hint


def test_what_has_no_counterpart_is_refused_with_the_reason() -> None:
    with pytest.raises(BadInput, match=r"method\.0\.dry cannot be carried over: it proves nothing"):
        part(dry=True).only(("name",), {"dry": "it proves nothing"})
