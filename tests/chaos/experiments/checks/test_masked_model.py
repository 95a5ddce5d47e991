from dataclasses import replace
from typing import Any

from llmops.chaos.experiments.checks.masked_model import MaskedModel


def told(make: Any, name: str | None) -> Any:
    """The backup's gpt-4o-mini answered, and the caller was told this."""
    return make.changed(make.evidence(), lambda one: replace(one, model_answered=name))


def test_the_name_of_the_model_that_did_not_answer_fails(make: Any) -> None:
    assert MaskedModel().judge(told(make, "gpt-4o")).word == "FAIL"


def test_the_name_of_the_model_that_answered_passes_also_with_a_date(make: Any) -> None:
    assert MaskedModel().judge(told(make, "gpt-4o-mini")).word == "PASS"
    assert MaskedModel().judge(told(make, "gpt-4o-mini-2024-07-18")).word == "PASS"


def test_an_alias_must_be_listed(make: Any) -> None:
    assert MaskedModel().judge(told(make, "cheap")).word == "FAIL"
    assert MaskedModel(aliases={"cheap": ["gpt-4o-mini"]}).judge(told(make, "cheap")).word == "PASS"
    assert MaskedModel(aliases={"cheap": ["other"]}).judge(told(make, "cheap")).word == "FAIL"


def test_the_alias_of_the_healthy_baseline_is_the_models_name(make: Any) -> None:
    def own(one: Any) -> Any:
        return replace(one, attempts=(make.attempt(at=one.sent_at - make.ZERO),), model_answered="my-model")

    run = make.changed(make.changed(make.evidence(), own), own, phase="baseline")
    assert MaskedModel(of="all").judge(run).word == "PASS"
    assert MaskedModel(of="all").judge(make.changed(make.evidence(), own)).word == "FAIL"


def test_where_no_name_is_told_nothing_is_decided(make: Any) -> None:
    assert MaskedModel().judge(told(make, None)).word == "INVALID"
