import json
from dataclasses import replace
from typing import Any

import pytest

from llmops.chaos.experiments.evidence import UserRequest
from llmops.chaos.experiments.odd_marks import odd_marks
from llmops.chaos.experiments.result import _findings
from llmops.chaos.experiments.verdict import judge


def body(*indices: int, stream: bool = True) -> bytes:
    if not stream:
        return json.dumps({"choices": [{"index": at, "message": {"content": "Yes."}} for at in indices]}).encode()
    events = [{"choices": [{"index": at, "delta": {"content": "Yes."}}]} for at in indices]
    return b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events) + b"data: [DONE]\n\n"


def told(make: Any, **more: Any) -> list[str]:
    one: UserRequest = make.request(attempts=(make.attempt(),), **more)
    return odd_marks([one])


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"finish_reason": None}, "1 whole answers have no finish reason"),
        ({"finish_reason": "length"}, "1 whole answers end with the finish reason length, as if cut"),
        (
            {"finish_reason": "error"},
            "1 whole answers end with the finish reason error, which openai_chat does not have",
        ),
        (
            {"finish_reason": "x" * 99},
            "1 whole answers end with the finish reason that is no word, which openai_chat does",
        ),
        ({"terminated": False}, "1 whole answers have no terminal mark"),
        ({"answer_body": body(1, 1)}, "1 whole answers stand under another choice than 0"),
        ({"answer_body": body(1, stream=False)}, "1 whole answers stand under another choice than 0"),
    ],
)
def test_a_whole_answer_whose_marks_say_otherwise_is_counted(make: Any, more: dict[str, Any], sentence: str) -> None:
    (found,) = told(make, **more)
    assert found.startswith(sentence)


@pytest.mark.parametrize("answer", [body(0, 0), body(0, 1), body(0, stream=False), b"no JSON", b'{"index": 3}'])
def test_an_answer_with_all_its_marks_is_not(make: Any, answer: bytes) -> None:
    assert told(make, answer_body=answer) == []


def test_one_that_is_not_whole_has_an_outcome_of_its_own(make: Any) -> None:
    assert told(make, text="", finish_reason="length") == []


def test_it_is_a_finding_of_the_report_and_the_run_passes_all_the_same(make: Any) -> None:
    from llmops.chaos.experiments.checks.base import make_check
    from llmops.chaos.experiments.result import Ran
    from llmops.chaos.experiments.verdict import Expectation

    run = make.changed(make.evidence(), lambda one: replace(one, finish_reason="length"))
    verdict = judge(run, [Expectation("laundered", make_check("laundered"))])
    found = [each for each in _findings(Ran(verdict, run)) if each.level == "warn"]
    assert verdict.word == "PASS"
    assert [each.text for each in found] == ["outage: 40 whole answers end with the finish reason length, as if cut"]
