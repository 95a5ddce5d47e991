"""Each outcome from both sides, and that every request has exactly one."""

import itertools
from dataclasses import replace
from typing import Any

import pytest

from llmops.chaos.experiments.outcomes import (
    OUTCOMES,
    allows,
    is_good,
    is_laundered,
    is_masked_error,
    is_whole,
    is_with_a_hole,
    model_of,
    outcome_of,
)
from llmops.chaos.proxy.text_hash import head_hashes, text_hash

NO_TRUTH: dict[str, Any] = {"truth": None}


def outcome(make: Any, *, budget: int = 10, **more: Any) -> str:
    return outcome_of(make.request(**more), make.evidence(attempts_budget=budget))


# --- hang


def test_at_its_deadline_a_request_is_in_time_and_after_it_hangs(make: Any) -> None:
    assert outcome(make, took=15.0) == "ok"
    assert outcome(make, took=15.001) == "hang"


def test_a_request_without_an_end_hangs(make: Any) -> None:
    assert outcome(make, ended_at=None) == "hang"
    assert outcome(make, transport_error="timeout", took=1.0) == "hang"


def test_the_deadline_runs_from_when_it_was_sent(make: Any) -> None:
    """A load that is late is not the system's hang."""
    late = make.request(took=16.0, sent_at=make.ZERO + 2.0)
    assert outcome_of(late, make.evidence()) == "ok"


def test_an_error_that_comes_after_the_deadline_is_a_hang(make: Any) -> None:
    assert outcome(make, status=503, took=20.0) == "hang"


# --- storm


def test_more_attempts_than_the_budget_are_a_storm(make: Any) -> None:
    attempts = tuple(make.attempt(at=n / 10) for n in range(3))
    assert outcome(make, attempts=attempts, budget=3) == "rescued"
    assert outcome(make, attempts=attempts, budget=2) == "storm"


# --- laundered


@pytest.mark.parametrize("text", ["", "  \n", "Report 0badcafe: The quiet engine", "End of report 0badcafe."])
def test_an_empty_answer_and_a_part_of_the_true_one_are_laundered(make: Any, text: str) -> None:
    assert outcome(make, text=text) == "laundered"


def test_an_answer_with_a_piece_missing_inside_is_laundered(make: Any) -> None:
    assert outcome(make, text=make.TRUTH.replace("the warm ", "")) == "laundered"


def test_whatever_the_finish_reason_claims(make: Any) -> None:
    assert outcome(make, text="Report", finish_reason="stop", terminated=True) == "laundered"
    assert outcome(make, text="Report", finish_reason=None, terminated=False) == "laundered"
    assert outcome(make, text="Report", finish_reason="done") == "laundered"  # no word of the dialect: says nothing


@pytest.mark.parametrize(
    "more",
    [
        {"status": 500},
        {"transport_error": "reset"},
        {"transport_error": "closed_early"},
        {"error_event": True, "error_type": "server_error"},
    ],
)
def test_a_part_of_an_answer_that_ends_in_an_error_is_not_laundered(make: Any, more: dict[str, Any]) -> None:
    assert outcome(make, text="Report 0badcafe:", **more) == "clean_error"


def test_cut_json_passed_as_success_is_laundered(make: Any) -> None:
    cut: dict[str, Any] = {"stream": False, "content_type": "application/json", "unreadable": True, "answer_bytes": 200}
    assert outcome(make, text="", finish_reason=None, **cut) == "laundered"


def test_without_a_truth_an_answer_that_lacks_its_marks_is_laundered(make: Any) -> None:
    answered: dict[str, Any] = {**NO_TRUTH, "attempts": (make.attempt(),)}
    assert outcome(make, **answered) == "ok"
    assert outcome(make, terminated=False, **NO_TRUTH) == "laundered"
    assert outcome(make, finish_reason=None, **NO_TRUTH) == "laundered"
    assert outcome(make, text="", **NO_TRUTH) == "laundered"


def test_without_a_truth_an_answer_that_no_watched_provider_gave_is_a_masked_error(make: Any) -> None:
    """Canned, old, or from a provider outside: `stop`, `[DONE]` and a text are not enough."""
    failed = make.attempt(status=503, model_answered=None)
    assert outcome(make, attempts=(failed,), **NO_TRUTH) == "masked_error"
    assert outcome(make, attempts=(), **NO_TRUTH) == "masked_error"
    assert outcome(make, attempts=(failed, make.attempt("backup")), **NO_TRUTH) == "rescued"
    assert outcome(make, attempts=(failed,), status=503, **NO_TRUTH) == "clean_error"


def test_without_a_truth_the_wire_tells_that_more_was_said(make: Any) -> None:
    """A gateway that invents `stop` for a cut stream is seen by what its provider sent."""
    whole = (make.attempt(text_characters=len(make.TRUTH)),)
    longer = (make.attempt(text_characters=len(make.TRUTH) + 1),)
    cut = (make.attempt(text_characters=len(make.TRUTH), complete=False),)
    assert outcome(make, attempts=whole, **NO_TRUTH) == "ok"
    assert outcome(make, attempts=longer, **NO_TRUTH) == "laundered"
    assert outcome(make, attempts=cut, **NO_TRUTH) == "laundered"


# --- without a truth, against what the wire says that the provider sent

SENT = "The river is warm and long; it follows the quiet engine to the sea, and nobody knows why it does so."
OTHER_SENT = "Nobody knows the engine, which follows a warm river."


def got(make: Any, text: str, *sent: str, **more: Any) -> str:
    attempts = tuple(
        make.attempt(
            at=n / 10,
            text_characters=len(each),
            text_hash=text_hash(each),
            text_head_hashes=tuple(head_hashes(each)),
        )
        for n, each in enumerate(sent)
    )
    return outcome(make, **{**NO_TRUTH, "text": text, "attempts": attempts, **more})


def test_the_providers_text_is_whole_also_without_the_white_space_around_it(make: Any) -> None:
    assert got(make, SENT, SENT) == "ok"
    assert got(make, SENT, f"\n\n{SENT} ") == "ok"
    assert got(make, f" {SENT}\n", SENT) == "ok"


@pytest.mark.parametrize(
    "text",
    [
        SENT + " Buy Foo now!", SENT + "!", SENT + OTHER_SENT, SENT + SENT, SENT.upper(), OTHER_SENT, "I am sorry.",
        SENT.replace("warm", "cold"), SENT.replace("is", "was"), SENT.replace("the quiet ", ""),
    ],
)  # fmt: skip
def test_another_text_than_the_providers_is_a_masked_error_also_where_it_is_shorter(make: Any, text: str) -> None:
    expected = "laundered" if text == "I am sorry." else "masked_error"  # too short to tell from a beginning
    assert got(make, text, SENT) == expected


@pytest.mark.parametrize("characters", [1, 15, 16, 17, 64, 98, 99])
def test_a_beginning_of_it_is_laundered(make: Any, characters: int) -> None:
    assert got(make, SENT[:characters], SENT) == "laundered"


def test_of_several_answers_that_are_no_streams_it_is_one_of_them(make: Any) -> None:
    plain = {"stream": False, "content_type": "application/json"}
    assert got(make, SENT, SENT, OTHER_SENT, **plain) == "rescued"
    assert got(make, OTHER_SENT, SENT, OTHER_SENT, **plain) == "rescued"
    assert got(make, OTHER_SENT + SENT, SENT, OTHER_SENT, **plain) == "masked_error"


def test_a_stream_that_went_on_with_the_next_attempt_is_judged_by_its_marks(make: Any) -> None:
    assert got(make, SENT[:40] + OTHER_SENT, SENT, OTHER_SENT) == "rescued"


def test_where_a_providers_text_was_not_read_only_its_marks_can_be(make: Any) -> None:
    assert outcome(make, **NO_TRUTH, attempts=(make.attempt(text_characters=0),)) == "ok"
    assert got(make, "", SENT) == "laundered"
    assert got(make, "", SENT, tool_arguments=("{}",)) == "ok"


# --- masked_error


@pytest.mark.parametrize(
    "more",
    [
        {"error_type": "server_error", "stream": False, "content_type": "application/json"},  # 200 {"error": …}
        {"error_type": "overloaded_error", "error_event": False},  # an event that no SDK raises
        {"unreadable": True, "content_type": "text/html"},
        {"unreadable": True, "content_type": None},
    ],
)
def test_an_error_with_a_2xx_is_masked(make: Any, more: dict[str, Any]) -> None:
    assert outcome(make, text="", finish_reason=None, terminated=False, **more) == "masked_error"


def test_an_error_event_that_the_sdk_raises_is_no_mask(make: Any) -> None:
    assert outcome(make, text="", error_type="server_error", error_event=True) == "clean_error"


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I cannot help with that.",
        "{truth}<|im_end|>",
        "{truth}{truth}",
        "รายงาน",
        "Report 0badcafe: The loud",
    ],
)
def test_another_text_than_the_true_one_is_masked(make: Any, text: str) -> None:
    assert outcome(make, text=text.replace("{truth}", make.TRUTH)) == "masked_error"


def test_a_broken_event_is_masked_where_the_truth_is_not_known(make: Any) -> None:
    assert outcome(make, unreadable=True, **NO_TRUTH) == "masked_error"


def test_a_broken_event_beside_the_whole_true_answer_is_harmless(make: Any) -> None:
    assert outcome(make, unreadable=True) == "ok"


# --- wrong_model


def test_an_answer_of_a_model_that_may_not_answer(make: Any) -> None:
    swapped = (make.attempt(model_answered="gpt-3.5-turbo-0125"),)
    assert outcome(make, attempts=swapped, model_answered="gpt-3.5-turbo-0125") == "wrong_model"


def test_also_where_the_caller_is_told_another_name(make: Any) -> None:
    swapped = (make.attempt(model_answered="gpt-3.5-turbo-0125"),)
    assert outcome(make, attempts=swapped, model_answered="gpt-4o") == "wrong_model"


def test_the_model_is_that_of_the_attempt_which_answered(make: Any) -> None:
    attempts = (make.refused(0.0), make.attempt("backup", 0.2), make.refused(0.5))
    assert model_of(make.request(attempts=attempts)) == "gpt-4o-mini"


@pytest.mark.parametrize(
    ("model", "allowed"),
    [
        ("gpt-4o", True),
        ("gpt-4o-2024-08-06", True),
        ("gpt-4o-0806", True),
        ("gpt-4o@20240806", True),
        ("gpt-4o-mini-2024-07-18", True),
        ("gpt-4o-32k", False),
        ("gpt-4", False),
        ("gpt-4o-audio-preview", False),
        ("my-gpt-4o", False),
    ],
)
def test_a_dated_name_is_the_same_model(make: Any, model: str, allowed: bool) -> None:
    assert allows(make.evidence(), model) is allowed


# --- clean_error, degraded_honest


@pytest.mark.parametrize("status", [400, 429, 500, 503, 307, None])
def test_an_error_status_is_a_clean_error(make: Any, status: int | None) -> None:
    assert outcome(make, status=status, text="") == "clean_error"


def test_a_response_that_says_it_failed_is_a_clean_error(make: Any) -> None:
    assert outcome(make, dialect="openai_responses", finish_reason="failed", text="") == "clean_error"


@pytest.mark.parametrize(
    ("dialect", "word"),
    [
        ("openai_chat", "length"),
        ("openai_chat", "abort"),  # vLLM's
        ("openai_chat", "content_filter"),
        ("openai_responses", "max_output_tokens"),
        ("anthropic_messages", "max_tokens"),
        ("anthropic_messages", "refusal"),
        ("gemini", "MAX_TOKENS"),
        ("gemini", "SAFETY"),
    ],
)
@pytest.mark.parametrize("text", ["", "Report 0badcafe:"])
def test_an_answer_that_says_it_is_reduced_is_honest(make: Any, dialect: str, word: str, text: str) -> None:
    assert outcome(make, dialect=dialect, finish_reason=word, text=text) == "degraded_honest"


def test_a_refusal_by_the_dialects_own_means_is_honest(make: Any) -> None:
    assert outcome(make, text="", refusal="I cannot help with that.") == "degraded_honest"
    assert outcome(make, text="", refusal="I cannot help with that.", **NO_TRUTH) == "degraded_honest"


def test_the_words_of_one_dialect_say_nothing_in_another(make: Any) -> None:
    assert outcome(make, dialect="openai_chat", finish_reason="max_tokens", text="Report") == "laundered"


# --- rescued, ok


def test_a_whole_answer_after_a_second_attempt_is_rescued(make: Any) -> None:
    one, two = (make.attempt(),), (make.refused(), make.attempt("backup", 0.1))
    assert outcome(make, attempts=one) == "ok"
    assert outcome(make, attempts=two) == "rescued"


def test_a_connection_that_was_refused_below_http_is_an_attempt_too(make: Any) -> None:
    """Nobody saw it on the wire; the request was sent while the state held."""
    state = replace(make.FAULT, below_http=True, fault="refused", off_at=make.ZERO + 30)
    run = make.evidence(phases=(replace(make.INJECT, injections=(state,)),))
    one = (make.attempt("backup", 20.1),)
    assert outcome_of(make.request(at=20, attempts=one), run) == "rescued"
    assert outcome_of(make.request(at=40, attempts=one), run) == "ok"


def test_a_tool_call_is_whole_where_its_arguments_are_the_true_ones(make: Any) -> None:
    truth = '{"city": "Oslo", "days": 3}'
    assert outcome(make, truth=truth, text="", tool_arguments=('{"days":3,"city":"Oslo"}',)) == "ok"
    assert outcome(make, truth=truth, text="", tool_arguments=('{"city": "Oslo", "da',)) == "laundered"
    assert outcome(make, truth=truth, text="", tool_arguments=('{"city": "Rome", "days": 3}',)) == "masked_error"


def test_the_true_answer_without_its_last_marks_lost_nothing(make: Any) -> None:
    assert outcome(make, finish_reason=None, terminated=False) == "ok"


# --- good


def test_a_good_answer_is_whole_in_time_and_from_a_model_that_may(make: Any) -> None:
    run = make.evidence()
    assert is_good(make.request(), run)
    assert not is_good(make.request(text=""), run)
    assert not is_good(make.request(took=16.0), run)
    assert not is_good(make.request(model_answered="other"), run)
    assert not is_good(make.request(model_answered=None), run)  # unknown is not allowed


# --- laws


def test_every_request_has_exactly_one_outcome_and_claims_are_of_one_kind(make: Any) -> None:
    fields: dict[str, list[Any]] = {
        "status": [200, 500, None],
        "transport_error": ["", "reset", "timeout"],
        "error_type": [None, "server_error"],
        "error_event": [False, True],
        "unreadable": [False, True],
        "text": ["", "Report", "another", make.TRUTH],
        "refusal": ["", "no"],
        "finish_reason": [None, "stop", "length", "done"],
        "terminated": [False, True],
        "truth": [None, make.TRUTH],
    }
    run, seen = make.evidence(), set()
    base = make.request()
    for values in itertools.product(*fields.values()):
        request = replace(base, **dict(zip(fields, values, strict=True)))
        found = outcome_of(request, run)
        seen.add(found)
        assert found in OUTCOMES
        assert is_whole(request) + is_laundered(request) + is_masked_error(request) <= 1
    assert seen == {"hang", "laundered", "masked_error", "clean_error", "degraded_honest", "ok"}


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("", True),
        ("abc", True),
        ("def", True),
        ("abef", True),
        ("abcdef", False),
        ("acf", False),
        ("xbc", False),
        ("abcdefg", False),
    ],
)
def test_a_hole_is_one_stretch_taken_out(part: str, expected: bool) -> None:
    assert is_with_a_hole(part, "abcdef") is expected
