"""A content filter stops the prompt."""

from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.content_filter_prompt import ContentFilterPrompt

Ask = Callable[..., Any]


def test_azure_names_the_category_in_its_innererror(http_fault: Ask) -> None:
    got = http_fault(ContentFilterPrompt(category="hate", severity="high"), "azure")
    error = got.json()["error"]
    assert (got.status, error["code"], error["status"]) == (400, "content_filter", 400)
    assert error["innererror"]["code"] == "ResponsibleAIPolicyViolation"
    results = error["innererror"]["content_filter_result"]
    assert results["hate"] == {"filtered": True, "severity": "high"}
    assert [name for name, result in results.items() if result["filtered"]] == ["hate"]
    assert got.receipts == [
        {"applied": True, "what": "answered 400 content_filter", "status": 400, "error_kind": "content_filter"}
    ]


def test_azures_form_may_come_on_any_route_with_its_other_code_and_a_curly_apostrophe(http_fault: Ask) -> None:
    got = http_fault(ContentFilterPrompt(azure=True, code="ContentFiltered", curly_apostrophe=True), "openai")
    error = got.json()["error"]
    assert error["code"] == "ContentFiltered"
    assert "OpenAI’s" in error["message"]
    assert "'" not in error["message"]
    assert "OpenAI's" in http_fault(ContentFilterPrompt(azure=True), "opaque").json()["error"]["message"]


def test_openai_and_anthropic_have_their_own(http_fault: Ask) -> None:
    assert http_fault(ContentFilterPrompt(), "openai").json()["error"]["code"] == "invalid_prompt"
    assert http_fault(ContentFilterPrompt(), "anthropic").json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("provider", ["gemini", "bedrock"])
def test_where_there_is_none_the_receipt_says_so(http_fault: Ask, provider: str) -> None:
    got = http_fault(ContentFilterPrompt(), provider)
    assert (got.asked_upstream, got.receipts[0]["applied"]) == (True, False)
