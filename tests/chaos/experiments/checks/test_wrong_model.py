from dataclasses import replace
from typing import Any

from llmops.chaos.experiments.checks.wrong_model import WrongModel


def test_a_swapped_model_fails_also_where_the_caller_cannot_see_it(make: Any) -> None:
    def swapped(one: Any) -> Any:
        other = replace(one.attempts[1], model_answered="gpt-3.5-turbo-0125")
        return replace(one, attempts=(one.attempts[0], other), model_answered="gpt-4o")

    assert WrongModel().judge(make.changed(make.evidence(), swapped)).word == "FAIL"


def test_the_backups_model_may_answer(make: Any) -> None:
    assert WrongModel().judge(make.evidence()).word == "PASS"
