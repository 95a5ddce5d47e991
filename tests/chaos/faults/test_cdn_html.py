"""HTML error pages of what stands before the provider."""

from collections.abc import Callable
from typing import Any, get_args, get_type_hints

import pytest

from llmops.chaos.faults.cdn_html import CdnHtml

Ask = Callable[..., Any]
Status = Any  # one of the words of a Literal


@pytest.mark.parametrize("status", get_args(get_type_hints(CdnHtml)["status"]))
@pytest.mark.parametrize("provider", ["openai", "gemini", "opaque"])
def test_a_page_names_its_status_and_id(http_fault: Ask, provider: str, status: Status) -> None:
    got = http_fault(CdnHtml(status=status), provider)
    assert (got.status, got.headers["content-type"]) == (status, "text/html; charset=UTF-8")
    assert f"Error code {status}" in got.body.decode()
    assert got.headers["cf-ray"].removesuffix("-FRA") in got.body.decode()
    assert "$" not in got.body.decode()
    assert (got.receipts[0]["applied"], got.receipts[0]["page"]) == (True, "cdn")


def test_a_web_server_says_it_in_a_few_lines(http_fault: Ask) -> None:
    got = http_fault(CdnHtml(page="web_server"))
    assert (got.headers["server"], "cf-ray" in got.headers) == ("nginx", False)
    assert got.body.decode().count("502 Bad Gateway") == 2
