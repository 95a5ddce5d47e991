"""What a body must look like."""

from collections.abc import Callable

import pytest

from llmops.chaos.providers.answering.ask import Malformed, kind, mapping, sequence, string, whole_number


@pytest.mark.parametrize("value", [0, -1, 1.5, "3", True])
def test_a_whole_number_is_one_and_at_least_one(value: object) -> None:
    with pytest.raises(Malformed):
        whole_number(value, "n")


def test_an_absent_number_is_none() -> None:
    assert whole_number(None, "n") is None
    assert whole_number(1, "n") == 1


@pytest.mark.parametrize(("check", "value"), [(mapping, []), (sequence, {}), (string, ""), (string, None)])
def test_each_complaint_names_its_parameter(check: Callable[[object, str], object], value: object) -> None:
    with pytest.raises(Malformed, match="'here'") as caught:
        check(value, "here")
    assert caught.value.param == "here"


def test_values_are_called_as_json_calls_them() -> None:
    assert [kind(value) for value in (None, True, 1, 1.5, "", [], {})] == [  # type: ignore[var-annotated]
        "null",
        "a boolean",
        "an integer",
        "a decimal",
        "a string",
        "an array",
        "an object",
    ]
