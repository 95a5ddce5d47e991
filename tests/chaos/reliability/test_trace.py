from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from llmops.chaos.reliability.quality import Sampler
from llmops.chaos.reliability.trace import Reading, Recorded, Trace, is_error, read_trace, seconds
from llmops.errors import BadInput

READING = Reading(Sampler())


def wire(**more: Any) -> bytes:
    base: dict[str, Any] = {
        "schema_version": 1,
        "kind": "wire",
        "at": "2026-11-25T10:00:00.500000Z",
        "provider": "openai",
        "call": 1,
        "dialect": "openai_chat",
        "stream": True,
        "ended": "complete",
        "status": 200,
        "upstream_status": 200,
        "duration_s": 2.5,
        "ttft_s": 0.4,
        "complete": True,
        "finish_reason": "stop",
        "text_characters": 10,
        "error_type": None,
    }
    return orjson.dumps({**base, **more})


def read(*lines: bytes, reading: Reading = READING) -> Trace:
    return read_trace(iter(lines), reading)


def table(*rows: str) -> Trace:
    return read(b"at,status,latency_s,quality", *(row.encode() for row in rows))


BEGAN_S = 1_764_064_800.5 + 365 * 86_400  # 2026-11-25T10:00:00.5Z: 2025-11-25T10:00:00Z is 1764064800


def test_a_wire_record_is_a_request_that_is_known_when_it_is_over() -> None:
    (request,) = read(wire()).requests
    assert request == Recorded(BEGAN_S, False, 2.5, 1.0, "openai", 2.5, "wire record")
    assert request.known_at_s == BEGAN_S + 2.5


def test_its_latency_may_be_that_of_the_first_token() -> None:
    (request,) = read(wire(), reading=Reading(Sampler(), latency="ttft")).requests
    assert (request.latency_s, request.known_at_s) == (0.4, BEGAN_S + 2.5)


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"status": 500}, True),
        ({"status": 429}, None),
        ({"status": None, "ended": "upstream_unreachable"}, True),
        ({"ended": "upstream_reset"}, True),
        ({"ended": "fault"}, True),  # a fault cut the connection: the client saw no whole answer
        ({"ended": "client_gone"}, None),
    ],
)
def test_errors_are_the_providers_and_what_the_client_did_is_not(more: dict[str, Any], error: bool | None) -> None:
    (request,) = read(wire(**more)).requests
    assert (request.error, request.quality) == (error, None)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (200, False),
        (302, False),
        (400, None),
        (401, None),
        (408, True),
        (424, True),
        (429, None),
        (500, True),
        (529, True),
        (None, True),
    ],
)
def test_a_status_is_the_providers_failure_or_the_callers(status: int | None, error: bool | None) -> None:
    assert is_error(status) is error


def test_a_status_may_be_counted_as_an_error_too() -> None:
    """OpenRouter, 17 February 2026: 80 to 90 % false 401s."""
    assert is_error(401, frozenset({401})) is True


def test_lines_that_are_no_request_are_set_aside_with_their_reason() -> None:
    receipt = {
        "schema_version": 1,
        "kind": "receipt",
        "at": "1970-01-01T00:00:07Z",
        "provider": "openai",
        "applied": True,
    }
    trace = read(
        wire(),
        orjson.dumps(receipt),
        orjson.dumps({**receipt, "applied": False}),
        wire(dialect=None),
        b"{broken",
        wire(at="yesterday"),
    )
    assert len(trace.requests) == 1
    assert trace.set_aside == {"a receipt of the journal": 2, "no request to a model": 1}
    assert trace.rejected == {"no JSON object": 1, "`at` is no time": 1}
    assert trace.fault_times == [7.0]  # of the applied one


def test_one_provider_may_be_chosen() -> None:
    reading = Reading(Sampler(), provider="openai")
    trace = read(wire(), wire(provider="azure"), reading=reading)
    assert (trace.providers, trace.set_aside) == (["openai"], {"another provider": 1})
    assert read(wire(), wire(provider="azure")).providers == ["azure", "openai"]


def test_a_table_has_a_request_a_row() -> None:
    trace = table("0,200,1.5,0.9", "1,503,,", "2,,,", "3,429,0.1,", "4,200,,")
    assert [(one.at_s, one.error, one.latency_s, one.quality) for one in trace.requests] == [
        (1.0, True, None, None),  # known at once, and so before the first, which is known at 1.5
        (0.0, False, 1.5, 0.9),
        (2.0, True, None, None),  # no status: no answer came
        (3.0, None, 0.1, None),
        (4.0, False, None, None),
    ]
    assert [one.known_at_s for one in trace.requests] == [1.0, 1.5, 2.0, 3.1, 4.0]


def test_json_lines_say_the_same() -> None:
    trace = read(b'{"at": "2026-11-25T10:00:00.5Z", "status": 200, "latency_s": 1, "quality": 0.5}')
    assert trace.requests == [Recorded(BEGAN_S, False, 1.0, 0.5, quality_by="the trace")]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",200,1,1", "no `at` or no `status`"),
        ("noon,200,1,1", "`at` is no time"),
        ("nan,200,1,1", "`at` is no time"),
        ("0,twohundred,1,1", "`status` is no number"),
        ("0,20,1,1", "`status` is no HTTP status"),
        ("0,200,-1,1", "`latency_s` is negative"),
        ("0,200,inf,1", "`latency_s` is no number"),
        ("0,200,1,92", "`quality` is not from 0 to 1"),
    ],
)
def test_a_row_that_cannot_be_is_rejected_with_its_reason(row: str, reason: str) -> None:
    assert (table(row).rejected, table(row).requests) == ({reason: 1}, [])


def test_a_table_without_times_is_refused() -> None:
    with pytest.raises(BadInput, match="no column at") as caught:
        read(b"when,status", b"0,200")
    assert "latency_s" in caught.value.hint


def test_nothing_is_an_empty_trace() -> None:
    def none() -> Iterator[bytes]:
        yield from ()

    assert read_trace(none(), READING) == Trace()


@pytest.mark.parametrize(
    ("at", "expected"), [(5, 5.0), ("5.5", 5.5), ("1970-01-01T00:01:00Z", 60.0), ("1970-01-01", 0.0)]
)
def test_a_moment_is_a_number_or_an_iso_time(at: object, expected: float) -> None:
    assert seconds(at) == expected


@pytest.mark.parametrize("at", [None, True, "", "inf", "soon", float("nan")])
def test_what_is_no_moment_is_refused(at: object) -> None:
    with pytest.raises(ValueError, match="`at` is no time"):
        seconds(at)
