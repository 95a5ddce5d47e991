from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from llmops.chaos.experiments.checks.functional_success import FunctionalSuccess
from llmops.chaos.reliability.validators.base import VALID, Judgement, validators
from llmops.errors import UnknownName


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


# --- with validators


ANSWERS = Path(__file__).parents[2] / "answers"


def answered(make: Any, body: bytes | None) -> Any:
    """A real provider's answers, whose truth nobody knows."""
    return make.changed(make.evidence(), lambda one: replace(one, answer_body=body, truth=None))


def test_a_validator_looks_at_what_came(make: Any) -> None:
    whole = (ANSWERS / "openai_chat_text.sse").read_bytes()
    check = FunctionalSuccess(validators=("completeness", "empty"))
    assert check.judge(answered(make, whole)).word == "PASS"
    assert check.judge(answered(make, whole[: len(whole) // 2])).word == "FAIL"
    assert check.judge(answered(make, b"")).word == "FAIL"


def test_an_answer_that_was_not_kept_is_not_measured(make: Any) -> None:
    found = FunctionalSuccess(validators=("completeness",)).judge(answered(make, None))
    assert (found.word, found.reason) == ("INVALID", "not measured: 40 answers were not kept for validators")
    assert FunctionalSuccess().judge(answered(make, None)).word == "PASS"


def test_a_validator_that_always_passes_proves_nothing(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class Credulous:
        def judge(self, _: object) -> Judgement:
            return VALID

    monkeypatch.setattr(validators, "get", lambda _: Credulous)
    found = FunctionalSuccess(validators=("completeness",)).judge(answered(make, b"anything"))
    assert (found.word, found.reason) == ("INVALID", "not measured: completeness finds broken answers valid")


def test_an_unknown_validator_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownName) as error:
        FunctionalSuccess(validators=("completness",))
    assert error.value.hint == "did you mean 'completeness'?"
