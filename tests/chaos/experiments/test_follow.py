"""From journals to attempts: `proxy_journal.jsonl` was written by a real proxy, before a simulated provider."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from llmops.chaos.experiments.evidence import Attempt
from llmops.chaos.experiments.follow import follow, messages_hash

JOURNAL = [json.loads(line) for line in (Path(__file__).parent / "proxy_journal.jsonl").read_text().splitlines()]
AT = 1_795_719_420.5  # 2026-11-26T18:57:00.5Z, when it was written
BODY = b'{"model":"%s","messages":[{"role":"user","content":"%s"}]}'


def asked(make: Any, *, id: str, words: bytes = b"Hi", model: bytes = b"gpt-4o", **more: Any) -> Any:  # noqa: A002
    times = {"scheduled_at": AT, "sent_at": AT, "ended_at": AT + 1}
    return make.request(id, body=BODY % (model, words), **{**times, **more})


def first_attempt(make: Any, name: str) -> Attempt:
    (request,) = follow([asked(make, id=name)], [JOURNAL]).requests
    (attempt,) = request.attempts
    return attempt


def line(**more: Any) -> dict[str, Any]:
    whole = next(each for each in JOURNAL if each["kind"] == "wire" and each["request_id"] == "r1")
    return {**whole, **more}


def test_an_attempt_is_found_by_the_marker_of_its_request(make: Any) -> None:
    attempt = first_attempt(make, "r1")
    assert (attempt.provider, attempt.status, attempt.model_asked, attempt.complete) == ("openai", 200, "gpt-4o", True)
    assert (attempt.followed_by, attempt.faults, attempt.stream) == ("marker", (), False)
    assert attempt.started_at == pytest.approx(1_795_719_420.506702)  # 2026-11-26T18:57:00.506702Z
    assert (attempt.input_uncached_tokens, attempt.output_tokens) == (9, 48)


def test_a_receipt_is_on_the_attempt_that_it_was_written_for(make: Any) -> None:
    assert first_attempt(make, "r10").faults == ("clean_end_mid_answer",)
    assert first_attempt(make, "r2").faults == ()


def test_a_receipt_that_was_not_applied_is_on_none(make: Any) -> None:
    assert first_attempt(make, "r11").faults == ()
    assert first_attempt(make, "r12").faults == ("only_terminator",)
    (reason,) = {r.reason for r in follow([], [JOURNAL]).receipts if not r.applied}
    assert reason == "the answer is no stream"


def test_the_model_that_was_told_is_the_swapped_one_and_the_served_one_is_billed(make: Any) -> None:
    swapped = first_attempt(make, "r3")
    assert (swapped.model_answered, swapped.model_served) == ("gpt-3.5-turbo-0125", "gpt-4o")
    assert first_attempt(make, "r1").model_answered == "gpt-4o"


def test_what_a_refusal_told_to_wait(make: Any) -> None:
    assert first_attempt(make, "r7").retry_after_s == 3.0  # retry-after-ms: 3000
    dated = first_attempt(make, "r5").retry_after_s
    assert dated is not None and 4.0 <= dated <= 5.0  # a date 5 s later, in whole seconds  # noqa: PT018
    assert first_attempt(make, "r1").retry_after_s is None


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"retry_after": "20"}, 20.0),
        ({"retry_after": "20", "retry_after_ms": "1500"}, 1.5),
        ({"retry_after": "0"}, 0.0),
        ({"retry_after": "-5"}, None),
        ({"retry_after": "soon, probably"}, None),
        ({"retry_after": "nan"}, None),
        ({"retry_after": "Thu, 26 Nov 2026 17:57:00 GMT"}, 0.0),  # an hour ago
        ({}, None),
    ],
)
def test_a_real_provider_s_header_counts_too(make: Any, told: dict[str, str], expected: float | None) -> None:
    (request,) = follow([asked(make, id="r1")], [[line(status=429, **told)]]).requests
    assert request.attempts[0].retry_after_s == expected


def test_states_below_http_are_receipts_without_a_call() -> None:
    states = [r for r in follow([], [JOURNAL]).receipts if r.fault == "refused"]
    assert [r.state for r in states] == ["on", "hit", "off"]
    assert [(r.call, r.connections) for r in states] == [(None, None), (None, 1), (None, None)]


def test_requests_that_are_no_inference_are_probes() -> None:
    assert [probe.route for probe in follow([], [JOURNAL]).probes] == ["/v1/models"]


def test_an_attempt_without_a_marker_is_found_by_the_hash_of_its_messages(make: Any) -> None:
    followed = follow([asked(make, id="x", words=b"no marker"), asked(make, id="y", words=b"other")], [JOURNAL])
    assert [len(request.attempts) for request in followed.requests] == [1, 0]
    assert followed.requests[0].attempts[0].followed_by == "messages_hash"


def test_the_same_messages_twice_are_told_apart_by_time_or_not_at_all(make: Any) -> None:
    here, later = (
        asked(make, id="x", words=b"twice"),
        asked(make, id="y", words=b"twice", sent_at=AT + 60, ended_at=AT + 61),
    )
    followed = follow([here, later], [JOURNAL])
    assert [len(request.attempts) for request in followed.requests] == [1, 0]
    both = follow([here, replace(here, id="y")], [JOURNAL])
    assert [len(request.attempts) for request in both.requests] == [0, 0]
    assert len(both.unattributed) == len(follow([], [JOURNAL]).unattributed)


def test_what_belongs_to_nobody_is_counted() -> None:
    followed = follow([], [JOURNAL])
    assert len(followed.unattributed) == sum(each["kind"] == "wire" for each in JOURNAL) - 1  # without the probe


def test_an_id_that_two_requests_have_is_nobodys(make: Any) -> None:
    twins = follow([asked(make, id="r1"), asked(make, id="r1")], [JOURNAL])
    assert [len(request.attempts) for request in twins.requests] == [0, 0]


def test_attempts_stand_in_the_order_of_their_beginning(make: Any) -> None:
    lines = [
        line(call=n, at=f"2026-11-26T18:57:0{at}.000000Z", provider=p)
        for n, at, p in [(1, 3, "b"), (1, 1, "a"), (2, 2, "a")]
    ]
    (request,) = follow([asked(make, id="r1")], [lines]).requests
    assert [attempt.provider for attempt in request.attempts] == ["a", "a", "b"]


def test_calls_are_numbered_anew_in_each_proxys_life(make: Any) -> None:
    """The receipt of the first call of one proxy is not that of the first call of the next."""
    receipts = [each for each in JOURNAL if each.get("call") == 3 and each["kind"] == "receipt"]
    one, other = [line(call=3)], [line(call=3, request_id="r2"), *receipts]
    followed = follow([asked(make, id="r1"), asked(make, id="r2")], [one, other])
    assert [request.attempts[0].faults for request in followed.requests] == [(), ("wrong_model",)]


@pytest.mark.parametrize(
    ("dialect", "expected"),
    [("openai_chat", 70), ("openai_responses", 70), ("gemini", 70), ("anthropic_messages", 100)],
)
def test_cached_tokens_are_part_of_the_input_but_for_anthropic(make: Any, dialect: str, expected: int) -> None:
    counted = line(dialect=dialect, input_tokens=100, cache_read_tokens=30)
    (request,) = follow([asked(make, id="r1")], [[counted]]).requests
    assert request.attempts[0].input_uncached_tokens == expected


def test_more_cached_tokens_than_input_are_no_count(make: Any) -> None:
    (request,) = follow([asked(make, id="r1")], [[line(input_tokens=10, cache_read_tokens=30)]]).requests
    assert request.attempts[0].input_uncached_tokens is None


def test_the_hash_is_that_of_the_messages_alone(make: Any) -> None:
    one = messages_hash(asked(make, id="a", words=b"Hi"))
    assert one == messages_hash(asked(make, id="b", words=b"Hi", model=b"other"))
    assert one != messages_hash(asked(make, id="c", words=b"Ho"))
    assert messages_hash(make.request(body=b"no JSON")) is None
