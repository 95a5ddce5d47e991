# ruff: noqa: RUF001 - other languages have other letters

from collections.abc import Callable

import pytest

from llmops.chaos.faults.repetition_loop import RepetitionLoop
from llmops.chaos.reliability.exchange import Checked
from llmops.chaos.reliability.validators.repetition import Repetition, longest_loop

TEXT_DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")
STREAMED = [(dialect, stream) for dialect in TEXT_DIALECTS for stream in (False, True)]


@pytest.mark.parametrize("what", ["text", "structured"])
@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_a_healthy_answer_is_no_loop(healthy: Callable[..., Checked], dialect: str, stream: bool, what: str) -> None:
    assert Repetition().judge(healthy(dialect, what, stream=stream)).outcome == "valid"


@pytest.mark.parametrize("what", ["text", "structured"])
@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_a_loop_is_seen(spoiled: Callable[..., Checked], dialect: str, stream: bool, what: str) -> None:
    judged = Repetition().judge(spoiled(RepetitionLoop(), dialect, what, stream=stream))
    assert (judged.outcome, judged.reason) == ("invalid", "a loop")


def test_it_tells_how_long_the_phrase_is_and_how_often_it_came(said: Callable[..., Checked]) -> None:
    judged = Repetition().judge(said("We begin. " + "and so on " * 10))  # 2 words, then 30
    assert judged.evidence == "3 words 10 times in a row, 94% of the text"


@pytest.mark.parametrize(("times", "outcome"), [(4, "valid"), (5, "invalid")])
def test_five_times_is_a_loop_and_four_are_none(said: Callable[..., Checked], times: int, outcome: str) -> None:
    assert Repetition().judge(said("one two three four five six " * times)).outcome == outcome


@pytest.mark.parametrize(("words", "outcome"), [(19, "valid"), (20, "invalid")])
def test_a_short_run_of_one_word_is_none(said: Callable[..., Checked], words: int, outcome: str) -> None:
    assert Repetition().judge(said("no " * words)).outcome == outcome


def test_a_loop_in_a_text_of_much_else_is_none(said: Callable[..., Checked]) -> None:
    other = " ".join(f"word{number}" for number in range(60))
    assert Repetition().judge(said(f"{other} {'la ' * 25}")).outcome == "valid"  # 25 of 85 words are under 30 %
    assert Repetition().judge(said(f"{other} {'la ' * 26}")).outcome == "invalid"  # 26 of 86 are over


def test_scripts_without_spaces_are_looked_at_sign_by_sign(said: Callable[..., Checked]) -> None:
    assert Repetition().judge(said("请稍后再试。" * 12)).outcome == "invalid"
    assert (
        Repetition().judge(said("关于您的问题，需要先核实相关信息，然后才能继续处理。请稍后再试。")).outcome == "valid"
    )


def test_code_and_lists_may_say_the_same_often(said: Callable[..., Checked]) -> None:
    assert Repetition().judge(said("Here it is:\n```\n" + "0, 0, 0, 0,\n" * 50 + "```")).outcome == "valid"
    assert Repetition().judge(said('["yes"' + ', "yes"' * 60 + "]")).outcome == "valid"


def test_a_loop_that_was_asked_for_decides_nothing(said: Callable[..., Checked]) -> None:
    phrase = "all work and no play "
    assert Repetition().judge(said(phrase * 40, f"Write {phrase}40 times")).outcome == "undecided"


def test_the_longest_loop_is_found_where_it_is() -> None:
    assert longest_loop(["a", "b", "x", "y", "z", "x", "y", "z", "x", "y", "z", "c"]) == (2, 3, 3)
    assert longest_loop(["a", "b", "c"]) == (0, 0, 0)
