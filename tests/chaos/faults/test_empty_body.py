from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.empty_body import EmptyBody


@pytest.mark.parametrize(("stream", "kind"), [(False, b"application/json"), (True, b"text/event-stream")])
def test_nothing_with_the_type_that_was_asked_for(through: Callable[..., Any], stream: bool, kind: bytes) -> None:
    seen = through(EmptyBody(), stream=stream)
    assert (seen.head.status, seen.body, seen.ended) == (200, b"", True)
    assert dict(seen.head.headers) == {b"content-type": kind, b"content-length": b"0"}
    assert seen.applied == [{"applied": True, "what": "empty body as 200"}]
