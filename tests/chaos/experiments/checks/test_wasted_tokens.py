from dataclasses import replace
from typing import Any

from llmops.chaos.experiments.checks.wasted_tokens import WastedTokens


def cut(make: Any, **more: Any) -> Any:
    """The primary answers too, and is paid: 10 and 20 tokens, as the backup."""

    def ask(one: Any) -> Any:
        at = one.sent_at - make.ZERO
        paid = replace(make.refused(at, 200), upstream_status=200, input_uncached_tokens=10, output_tokens=20)
        return replace(one, attempts=(replace(paid, **more), one.attempts[1]))

    return make.changed(make.evidence(), ask)


def test_refusals_cost_no_tokens(make: Any) -> None:
    found = WastedTokens(at_most=0.0).judge(make.evidence())
    assert (found.word, found.value) == ("PASS", 0.0)


def test_an_answer_that_reached_nobody_is_waste(make: Any) -> None:
    found = WastedTokens(at_most=0.5).judge(cut(make))
    assert (found.word, found.value) == ("PASS", 0.5)  # 30 of 60
    assert WastedTokens(at_most=0.49).judge(cut(make)).word == "FAIL"


def test_where_a_provider_did_not_count_nothing_is_measured(make: Any) -> None:
    found = WastedTokens().judge(cut(make, output_tokens=None))
    assert (found.word, found.value) == ("INVALID", None)
    assert "40 of 80 answers say no tokens" in found.reason


def test_an_error_to_the_caller_wastes_all(make: Any) -> None:
    run = make.changed(cut(make), lambda one: replace(one, status=502, text=""))
    assert WastedTokens(at_most=0.9).judge(run).value == 1.0
