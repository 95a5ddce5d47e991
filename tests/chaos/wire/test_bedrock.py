import zlib

from llmops.chaos.wire.bedrock import Bedrock

BEDROCK = Bedrock()


def test_what_was_asked() -> None:
    body = b'{"messages":[{"role":"user","content":[{"text":"Hi"}]}]}'
    asked = BEDROCK.asked(b"/model/anthropic.claude%3A0/converse-stream", body)
    assert asked is not None
    assert (asked.model, asked.stream, asked.user_text) == ("anthropic.claude:0", True, "Hi")
    invoked = BEDROCK.asked(b"/model/m/invoke", b"{}")
    assert invoked is not None
    assert (invoked.model, invoked.stream, invoked.messages_hash) == ("m", False, None)


def test_an_exception_is_a_frame_of_the_binary_stream() -> None:
    (frame,) = BEDROCK.stream_error("rate_limit_requests")
    total, headers = int.from_bytes(frame[:4], "big"), int.from_bytes(frame[4:8], "big")
    assert total == len(frame)
    assert int.from_bytes(frame[8:12], "big") == zlib.crc32(frame[:8])
    assert int.from_bytes(frame[-4:], "big") == zlib.crc32(frame[:-4])
    assert b"\x0f:exception-type\x07\x00\x13throttlingException" in frame[12 : 12 + headers]  # lengths 15 and 19
    assert frame[12 + headers : -4] == BEDROCK.error("rate_limit_requests").body


def test_its_answers_are_not_read() -> None:
    observer = BEDROCK.observer()
    observer.body(b"\x00\x01")
    assert not observer.event(b"x")
    assert observer.answered.model is None
