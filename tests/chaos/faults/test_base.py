"""What holds for every fault of streams, content and embeddings: the client's bytes and the receipts agree."""

from collections.abc import Callable, Iterable
from dataclasses import FrozenInstanceError, fields
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmops.chaos.faults.base import Edits, Fault, faults, require, require_one_of
from llmops.errors import BadInput

DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")
OURS = [name for name in faults.names() if faults.get(name).family in {"stream", "content", "embeddings"}]
EDITING = [name for name in OURS if isinstance(faults.get(name)(), Edits)]
SAME_BYTES = {"utf8_split"}  # it moves a cut, not a byte
ANSWERS: list[tuple[str, str, bool]] = [
    (dialect, what, stream)
    for dialect in DIALECTS
    for what in ("text", "structured", "tool")
    for stream in (False, True)
]
ANSWERS.append(("openai_embeddings", "text", False))


def cases() -> Iterable[tuple[str, str, str, bool]]:
    return [(name, dialect, what, stream) for name in OURS for dialect, what, stream in ANSWERS]


def made(name: str) -> Fault:
    return faults.get(name)()


@pytest.mark.parametrize(("name", "dialect", "what", "stream"), cases())
def test_changed_bytes_have_a_receipt_and_unchanged_ones_a_reason(
    through: Callable[..., Any], name: str, dialect: str, what: str, stream: bool
) -> None:
    healthy = through([], dialect, what, stream=stream)
    seen = through(made(name), dialect, what, stream=stream, schema=dialect in DIALECTS)
    assert seen.receipts, "it did something or says why not"
    if seen.applied:
        assert seen.body != healthy.body or name in SAME_BYTES
        assert not seen.reasons
        assert seen.ended
    else:
        assert seen.raw == healthy.raw or stream  # a stream is framed anew, event by event
        assert seen.body == healthy.body
        assert len(seen.reasons) == 1


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("name", OURS)
def test_the_receipt_is_written_before_the_bytes_leave(through: Callable[..., Any], name: str, stream: bool) -> None:
    dialect = "openai_embeddings" if made(name).family == "embeddings" else "openai_chat"
    if dialect == "openai_embeddings" and stream:
        pytest.skip("embeddings are never streamed")
    seen = through(made(name), dialect, stream=stream)
    if seen.applied:
        assert seen.upstream.startswith(seen.sent_unconfessed())


@pytest.mark.parametrize("name", EDITING)
def test_an_error_of_the_upstream_passes_and_is_reported(through: Callable[..., Any], name: str) -> None:
    dialect = "openai_embeddings" if made(name).family == "embeddings" else "openai_chat"
    error = b'{"error":{"message":"no","type":"server_error","param":null,"code":null}}'
    seen = through(made(name), dialect, status=500, body=error)
    if name != "truncated_json":  # half of an error is as good as half of an answer
        assert (seen.body, seen.applied) == (error, [])
        assert seen.reasons


@pytest.mark.parametrize("name", [name for name in EDITING if name != "truncated_json"])
@pytest.mark.parametrize("dialect", ["opaque", "bedrock"])
def test_a_route_that_is_opaque_passes_and_is_reported(through: Callable[..., Any], name: str, dialect: str) -> None:
    body = b"\x00\x01 any bytes"
    seen = through(made(name), dialect, body=body)
    assert (seen.body, seen.applied, len(seen.reasons)) == (body, [], 1)


@pytest.mark.parametrize("name", EDITING)
def test_what_cannot_be_decoded_passes_byte_for_byte_and_is_reported(through: Callable[..., Any], name: str) -> None:
    dialect = "openai_embeddings" if made(name).family == "embeddings" else "gemini"
    for claims, reason in {"br, gzip": "not known here", "gzip": "damaged", "zstd": "damaged"}.items():
        seen = through(made(name), dialect, claims=claims)
        assert (seen.body, seen.applied, len(seen.reasons)) == (seen.upstream, [], 1)
        assert reason in seen.reasons[0] or seen.reasons == through(made(name), dialect).reasons
        assert seen.raw == through([], dialect, claims=claims).raw


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from([name for name in EDITING if made(name).family != "embeddings"]),
    dialect=st.sampled_from(DIALECTS),
    size=st.integers(1, 400),
    coding=st.sampled_from(["", "gzip", "deflate", "br", "zstd"]),
)
def test_how_the_bytes_were_split_changes_nothing(
    through: Callable[..., Any], name: str, dialect: str, size: int, coding: str
) -> None:
    one, other = (through(made(name), dialect, stream=True, coding=coding, size=n) for n in (size, 10_000))
    assert (one.body, one.receipts) == (other.body, other.receipts)


@pytest.mark.parametrize("name", OURS)
def test_a_fault_is_frozen(name: str) -> None:
    fault: Any = made(name)
    for field in fields(fault):
        with pytest.raises(FrozenInstanceError):
            setattr(fault, field.name, None)


def test_two_faults_work_on_one_answer(through: Callable[..., Any]) -> None:
    seen = through([made("wrong_model"), made("missing_terminator"), made("usage_zero")], stream=True, coding="gzip")
    assert [receipt["what"] for receipt in seen.applied] == [
        "model gpt-3.5-turbo-0125",
        "usage zero",
        "terminal mark left out",
    ]
    assert b"[DONE]" not in seen.body


def test_what_must_hold_is_said_with_a_hint() -> None:
    require(True, "never said")
    with pytest.raises(BadInput, match="it is wrong"):
        require(False, "it is wrong")
    with pytest.raises(BadInput, match="must be one of cut, garbage") as refused:
        require_one_of("how", "cat", ["cut", "garbage"])
    assert refused.value.hint == "did you mean 'cut'?"


def test_a_hint_does_not_repeat_the_list_that_the_error_has_told() -> None:
    with pytest.raises(BadInput, match="must be one of cut, garbage") as refused:
        require_one_of("how", "upside_down", ("cut", "garbage"))
    assert refused.value.hint == ""
