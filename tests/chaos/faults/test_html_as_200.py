from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.html_as_200 import HtmlAs200
from llmops.errors import BadInput


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("dialect", ["openai_chat", "opaque"])
def test_a_page_instead_of_an_answer(through: Callable[..., Any], dialect: str, stream: bool) -> None:
    seen = through(HtmlAs200(), dialect, stream=stream, body=b"{}")
    assert seen.head.status == 200
    assert dict(seen.head.headers)[b"content-type"] == b"text/html"
    assert b"502 Bad Gateway" in seen.body
    assert seen.ended
    assert seen.applied[0]["bytes_sent"] == len(seen.body)


def test_an_unknown_page_is_refused() -> None:
    with pytest.raises(BadInput):
        HtmlAs200("nginx")
