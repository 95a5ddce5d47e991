"""An error is a sentence, a hint and an exit code."""

import pytest

from llmops.errors import BadInput, ExitCode, LlmopsError, NoData, OutsideFailed, UnknownName, nearest_hint


@pytest.mark.parametrize(
    ("kind", "exit_code"),
    [(LlmopsError, 2), (BadInput, 2), (UnknownName, 2), (NoData, 3), (OutsideFailed, 4)],
)
def test_each_kind_of_error_has_its_exit_code(kind: type[LlmopsError], exit_code: int) -> None:
    assert kind("a sentence").exit_code == exit_code


def test_exit_codes_are_those_that_pipelines_know() -> None:
    assert [code.value for code in ExitCode] == [0, 1, 2, 3, 4]


def test_an_error_carries_its_sentence_and_its_hint() -> None:
    error = BadInput("the log is empty", hint="check the path")
    assert (str(error), error.hint) == ("the log is empty", "check the path")


def test_a_hint_may_be_missing() -> None:
    assert BadInput("the log is empty").hint == ""


def test_a_near_name_is_the_hint() -> None:
    assert nearest_hint("latancy", ["latency", "bandwidth"]) == "did you mean 'latency'?"


def test_far_names_are_all_listed_in_order() -> None:
    assert nearest_hint("zzz", ["latency", "bandwidth"]) == "known: bandwidth, latency"


def test_nothing_known_gives_no_hint() -> None:
    assert nearest_hint("zzz", []) == ""


def test_of_many_names_the_command_that_lists_them_is_told() -> None:
    many = [f"name-{n}" for n in range(31)]
    assert nearest_hint("zzz", many, listed_by="llmops x") == "`llmops x` lists all 31"
    assert nearest_hint("name-3x", many, listed_by="llmops x").startswith("did you mean 'name-3")
    assert nearest_hint("zzz", many[:30], listed_by="llmops x").startswith("known: name-0, ")
    assert nearest_hint("zzz", many).startswith("known: name-0, ")
