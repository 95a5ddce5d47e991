import json
from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.clean_end_mid_answer import CleanEndMidAnswer
from llmops.chaos.faults.content_filter_finish import ContentFilterFinish
from llmops.chaos.faults.duplicate_chunks import DuplicateChunks
from llmops.chaos.faults.empty_body import EmptyBody
from llmops.chaos.faults.error_as_200 import ErrorAs200
from llmops.chaos.faults.error_event import ErrorEvent
from llmops.chaos.faults.html_as_200 import HtmlAs200
from llmops.chaos.faults.length_cutoff import LengthCutoff
from llmops.chaos.faults.malformed_chunk import MalformedChunk
from llmops.chaos.faults.missing_finish_reason import MissingFinishReason
from llmops.chaos.faults.missing_terminator import MissingTerminator
from llmops.chaos.faults.only_terminator import OnlyTerminator
from llmops.chaos.faults.truncated_json import TruncatedJson
from llmops.chaos.faults.unknown_finish_reason import UnknownFinishReason
from llmops.chaos.reliability.exchange import Checked
from llmops.chaos.reliability.validators.completeness import Completeness

TEXT_DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")
STREAMED = [(dialect, stream) for dialect in TEXT_DIALECTS for stream in (False, True)]


@pytest.mark.parametrize("what", ["text", "structured", "tool"])
@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_a_healthy_answer_is_complete(healthy: Callable[..., Checked], dialect: str, stream: bool, what: str) -> None:
    assert Completeness().judge(healthy(dialect, what, stream=stream)).outcome == "valid"


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (LengthCutoff(), "cut before its end"),
        (ContentFilterFinish(), "withheld by a filter or a refusal"),
        (UnknownFinishReason("because"), "a finish reason that the protocol does not have"),
        (ErrorAs200(), "an error instead of an answer"),
        (HtmlAs200(), "damaged"),
        (EmptyBody(), "nothing of the protocol in it"),
    ],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_a_spoiled_answer_is_not(
    spoiled: Callable[..., Checked], fault: Any, reason: str, dialect: str, stream: bool
) -> None:
    judged = Completeness().judge(spoiled(fault, dialect, stream=stream))
    assert (judged.outcome, judged.reason) == ("invalid", reason)


@pytest.mark.parametrize("dialect", TEXT_DIALECTS)
def test_a_body_cut_in_the_middle_is_damaged(spoiled: Callable[..., Checked], dialect: str) -> None:
    judged = Completeness().judge(spoiled(TruncatedJson(), dialect))
    assert (judged.reason, judged.evidence) == ("damaged", "the body is no JSON object")


@pytest.mark.parametrize("dialect", TEXT_DIALECTS)
@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (MalformedChunk(), "damaged"),
        (ErrorEvent(), "an error instead of an answer"),
        (CleanEndMidAnswer(700), "no finish reason"),
        (MissingFinishReason(), "no finish reason"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_spoiled_stream_is_not_complete(
    spoiled: Callable[..., Checked], fault: Any, reason: str, dialect: str
) -> None:
    judged = Completeness().judge(spoiled(fault, dialect, stream=True))
    assert judged.outcome == "invalid"
    assert judged.reason in {reason, "damaged"}  # the cut may fall inside an event


@pytest.mark.parametrize("dialect", ["openai_chat", "openai_responses", "anthropic_messages"])
@pytest.mark.parametrize("fault", [MissingTerminator(), OnlyTerminator()], ids=["missing", "only"])
def test_a_stream_needs_its_terminal_mark_and_more_than_it(
    spoiled: Callable[..., Checked], fault: Any, dialect: str
) -> None:
    assert Completeness().judge(spoiled(fault, dialect, stream=True)).outcome == "invalid"


def test_pieces_that_do_not_make_up_what_the_stream_repeats_are_damage(spoiled: Callable[..., Checked]) -> None:
    judged = Completeness().judge(spoiled(DuplicateChunks(), "openai_responses", stream=True))
    assert judged.evidence == "the pieces of the text are not what the stream repeats whole"


@pytest.mark.parametrize(("limit", "outcome"), [(16, "undecided"), (17, "invalid"), (None, "invalid")])
def test_who_asks_for_16_tokens_or_less_asks_for_a_sign_of_life(
    said: Callable[..., Checked], limit: int | None, outcome: str
) -> None:
    """A gateway took `max_tokens: 1` with an empty answer for a failure (OmniRoute#3572)."""
    more = {} if limit is None else {"max_tokens": limit}
    assert Completeness().judge(said("I", finish="length", **more)).outcome == outcome


def test_a_server_that_never_says_why_it_ended_is_decided_by_its_user(spoiled: Callable[..., Checked]) -> None:
    """Named on litellm PR #40353: some servers never send one. Then a stream is whole by its terminal mark."""
    optional = Completeness(finish_reason_required=False)
    exchange = spoiled(MissingFinishReason(), "openai_chat", stream=True)
    assert Completeness().judge(exchange).outcome == "invalid"
    assert optional.judge(exchange).outcome == "valid"
    assert optional.judge(spoiled(MissingFinishReason(), "openai_chat")).outcome == "undecided"
    assert optional.judge(spoiled(CleanEndMidAnswer(700), "openai_chat", stream=True)).outcome == "invalid"


def test_every_choice_must_have_ended(said: Callable[..., Checked]) -> None:
    exchange = said("one")
    body = json.loads(exchange.response)
    body["choices"].append({"index": 1, "message": {"content": "two"}, "finish_reason": None})
    two = Checked(exchange.request, json.dumps(body).encode(), exchange.dialect)
    assert Completeness().judge(exchange).outcome == "valid"
    assert Completeness().judge(two).reason == "no finish reason"
