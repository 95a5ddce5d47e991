"""The result of a drill: for a gate to judge."""

from datetime import UTC, datetime

import pytest

from llmops.infra.drill import Answer, Drilled
from llmops.infra.drill_report import drill_report, verdict

NOW = datetime(2026, 11, 26, tzinfo=UTC)
GOOD, BAD = Answer(good=True, reason="", first_token_s=0.5), Answer(good=False, reason="no text", first_token_s=None)


@pytest.mark.parametrize(
    ("drilled", "word", "because", "code"),
    [
        (Drilled(60, 65.25, (GOOD, GOOD)), "PASS", "the first good token came after 65.2 s", 0),
        (Drilled(60, 65.25, (GOOD, BAD)), "FAIL", "1 of 2 answers: no text", 1),
        (Drilled(60, None, (BAD,)), "FAIL", "no good answer came: no text", 1),
    ],
)
def test_the_verdict(drilled: Drilled, word: str, because: str, code: int) -> None:
    told = verdict(drilled)
    assert (told.word, told.because, told.exit_code) == (word, because, code)


def test_the_system_names_what_was_drilled_and_the_metrics_are_of_all_of_it() -> None:
    system = {"fallback": "fb", "mode": "warm", "model": "m", "ami_id": "ami-1"}
    report = drill_report(Drilled(60, 65, (GOOD, BAD)), system, started_at=NOW, finished_at=NOW)
    assert report.system == system
    told = {it.name: (it.value, it.n) for it in report.metrics}
    assert told == {
        "fallback_wake_s": (60, None),  # a moment, not a sample
        "fallback_first_good_token_s": (65, None),
        "fallback_good_requests_ratio": (0.5, 2),
    }
    assert [it.scope for it in report.metrics] == [{}, {}, {}]  # as a gate asks
