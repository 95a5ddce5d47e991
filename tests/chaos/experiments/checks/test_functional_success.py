from dataclasses import replace
from typing import Any

import pytest

from llmops.chaos.experiments.checks.functional_success import FunctionalSuccess


def test_whole_true_answers_in_time_from_a_model_that_may_are_good(make: Any) -> None:
    found = FunctionalSuccess().judge(make.evidence())
    assert (found.word, found.value, found.n) == ("PASS", 1.0, 40)


@pytest.mark.parametrize(
    "more",
    [
        {"text": ""},
        {"text": "Report 0badcafe:"},
        {"text": "I'm sorry, but I cannot help with that."},
        {"text": "", "refusal": "no"},
        {"finish_reason": "length", "text": "Report"},
        {"deadline_s": 0.4},
        {"status": 503},
        {"attempts": (), "model_answered": "gpt-3.5-turbo"},
        {"attempts": (), "model_answered": None},
    ],
)
def test_anything_less_is_not(make: Any, more: dict[str, Any]) -> None:
    assert FunctionalSuccess().judge(make.changed(make.evidence(), lambda one: replace(one, **more))).word == "FAIL"
