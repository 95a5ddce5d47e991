"""A request that was kept is the same when it is read back."""

from pathlib import Path

from llmops.chaos.experiments.evidence import UserRequest
from llmops.chaos.gameday.kept_requests import KeptRequests, read_kept

WHOLE = UserRequest(
    "t-1-first-1", "first", 1.5, 1.6, None, 5.0, "openai_chat", "/v1/chat/completions", b'{"model": "\xff"}', True,
    model_asked="gpt-4o", tenant="a", status=200, content_type="text/event-stream", answer_bytes=3,
    answer_body=b"\x00\xfe",
    transport_error="closed_early", error_type="x", error_event=True, unreadable=True, text="ä\n", refusal="no",
    tool_arguments=("{}",), finish_reason="stop", terminated=True, model_answered="gpt-4o", input_tokens=1,
    output_tokens=2, first_token_at=2.5, piece_times=(2.5, 2.75), truth="ä",
)  # fmt: skip
BARE = UserRequest("t-1-first-2", "first", 1.5, 1.6, 2.0, 5.0, "openai_chat", "/", b"", False)


def test_every_field_comes_back_as_it_was(tmp_path: Path) -> None:
    kept = KeptRequests(tmp_path / "requests.jsonl")
    kept.ended(WHOLE)
    kept.ended(BARE, "paused")
    kept.close()
    found = read_kept(tmp_path / "requests.jsonl")
    assert found.requests == [WHOLE, BARE]
    assert found.aside == {"t-1-first-2": "paused"}


def test_what_was_sent_and_has_no_end_is_lost(tmp_path: Path) -> None:
    kept = KeptRequests(tmp_path / "requests.jsonl")
    for number, name in enumerate(("t-1-first-1", "t-1-first-2", "t-1-first-3")):
        kept.sent("first", name, number, 10.0 + number)
    kept.ended(BARE)
    kept.close()
    found = read_kept(tmp_path / "requests.jsonl")
    assert found.lost == {"t-1-first-1", "t-1-first-3"}
    assert found.sent == {"first": 3}
    assert found.last_due_at == {"first": 12.0}
    assert read_kept(tmp_path / "none").requests == []
