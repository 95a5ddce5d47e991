from dataclasses import replace
from typing import Any

from llmops.chaos.experiments.checks.masked_error import MaskedError


def test_an_error_page_with_a_200_fails(make: Any) -> None:
    page = {"text": "", "unreadable": True, "content_type": "text/html", "finish_reason": None}
    assert MaskedError().judge(make.changed(make.evidence(), lambda one: replace(one, **page))).word == "FAIL"


def test_answers_and_errors_with_their_status_pass(make: Any) -> None:
    assert MaskedError().judge(make.evidence()).word == "PASS"
    told = {"text": "", "status": 502, "unreadable": True, "content_type": "text/html"}
    assert MaskedError().judge(make.changed(make.evidence(), lambda one: replace(one, **told))).word == "PASS"
