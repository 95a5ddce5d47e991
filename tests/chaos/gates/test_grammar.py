"""The words of a gate."""

from decimal import Decimal

import pytest

from llmops.chaos.gates.conditions import Bound, Condition, SameSystem, VerdictIs
from llmops.chaos.gates.grammar import ALSO, COUNTED, condition_of
from llmops.errors import BadInput
from llmops.metrics import METRICS


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("ttft_p95_s < 0.6", Bound("ttft_p95_s", "at_most", Decimal("0.6"), strict=True)),
        ("ttft_p95_s<0.6", Bound("ttft_p95_s", "at_most", Decimal("0.6"), strict=True)),
        ("ttft_p95_s <= 600 ms", Bound("ttft_p95_s", "at_most", Decimal("0.6"))),
        ("ttft_p95_s <= 600ms", Bound("ttft_p95_s", "at_most", Decimal("0.6"))),
        ("time_to_recover_s <= 2 min", Bound("time_to_recover_s", "at_most", Decimal(120))),
        ("success_ratio >= 0.99 over 500", Bound("success_ratio", "at_least", Decimal("0.99"), over=500)),
        ("success_ratio >= 99 % over 500", Bound("success_ratio", "at_least", Decimal("0.99"), over=500)),
        ("goodput_per_second > 4.5", Bound("goodput_per_second", "at_least", Decimal("4.5"), strict=True)),
        ("attempts_per_request <= 2", Bound("mean_attempts", "at_most", Decimal(2))),
        ("usd_per_1k_requests < 4 usd", Bound("usd_per_1k_requests", "at_most", Decimal(4), strict=True)),
        ("laundered == 0", Bound("laundered_ratio", "at_most", Decimal(0))),
        ("laundered_ratio == 0 over 80", Bound("laundered_ratio", "at_most", Decimal(0), over=80)),
        ("false_trips == 0", Bound("false_trips", "at_most", Decimal(0))),
        ("requests >= 1e3", Bound("requests", "at_least", Decimal(1000))),
        ("verdict(stream-cut) == PASS", VerdictIs("stream-cut", "PASS")),
        ("verdict( tco )==BUY", VerdictIs("tco", "BUY")),
        ("system(infra-drill) == system(infra-status)", SameSystem("infra-drill", "infra-status")),
        ("system( a )==system(b)", SameSystem("a", "b")),
    ],
)  # fmt: skip
def test_a_gate_means(text: str, meant: Condition) -> None:
    assert condition_of(text) == meant


@pytest.mark.parametrize(
    ("text", "words", "hint"),
    [
        ("", "'' is no gate", "such as"),
        ("ttft_p95_s", "is no gate", "such as"),
        ("ttft_p95_s <", "is no gate", "such as"),
        ("< 0.6", "'< 0.6' is no gate", "such as"),
        ("ttft_p95_s < < 0.6", "'< 0.6' is no limit", "a number"),
        ("ttft_p95s < 0.6", "no metric is named 'ttft_p95s'", "'ttft_p95_s'"),
        ("landered == 0", "no metric is named 'landered'", "'laundered'"),
        ("attempt_per_request <= 2", "no metric is named", "'attempts_per_request'"),
        ("ttft_p95_s != 0.6", "'!=' compares nothing", "<=, >"),
        ("ttft_p95_s =< 0.6", "'=<' compares nothing", "<=, >"),
        ("ttft_p95_s < fast", "'fast' is no limit", "ttft_p95_s is in s"),
        ("ttft_p95_s < nan", "'nan' is no limit", "a number"),
        ("ttft_p95_s < inf", "'inf' is no limit", "a number"),
        ("ttft_p95_s < 1,000", "no unit is named ',000'", "ttft_p95_s is in s"),
        ("ttft_p95_s < 0.6 sec", "no unit is named 'sec'", "ttft_p95_s is in s"),
        ("ttft_p95_s < 4 usd", "ttft_p95_s is in s, and 4 usd is in usd", "same unit"),
        ("usd_per_1k_requests < 4 s", "usd_per_1k_requests is in usd, and 4 s is in s", "same unit"),
        ("ttft_p95_s < 60 %", "ttft_p95_s is in s, and 60 % is in ratio", "same unit"),
        ("ttft_p95_s < e2e_p95_s", "'e2e_p95_s' is no limit", "a number"),
        ("ttft_p95_s == 0.6", "only verdicts, and 0, can be equal", "<="),
        ("laundered <= 3", "laundered is a count, of which only == 0 can be asked", "laundered_ratio <= 0.01"),
        ("laundered == 3", "only verdicts, and 0, can be equal", "<="),
        ("functional_success_ratio >= 99", "could satisfy it", "99 percent is 0.99"),
        ("functional_success_ratio >= 0", "could fail it", "99 percent is 0.99"),
        ("functional_success_ratio >= 0.995 over 500", "it needs 765", "as many"),
        ("laundered == 0 over 20", "it needs 35", "as many"),
        ("functional_success_ratio >= 1e-400", "too near to 0", "0.99"),
        ("functional_success_ratio >= 1e-20", "too near to 0", "0.99"),
        ("functional_success_ratio >= 0.9999999999999", "too near to 1", "0.99"),
        ("attempts_per_request < 1e400", "no figure is so large", "attempts"),
        ("attempts_per_request < -1e400", "no figure is so large", "attempts"),
        ("ttft_p95_s < 1e-400", "too near to 0", "ttft_p95_s is in s"),
        ("ttft_p95_s < 0.6 over 0", "over 0: that is no number of samples", "whole number"),
        ("ttft_p95_s < 0.6 over -5", "over -5", "whole number"),
        ("ttft_p95_s < 0.6 over 99.5", "over 99.5", "whole number"),
        ("ttft_p95_s < 0.6 over many", "over many", "whole number"),
        ("ttft_p95_s < 0.6 over", "is no gate", "such as"),
        ("ttft_p95_s < 0.6 and e2e_p95_s < 2", "is no gate", "such as"),
        ("verdict == PASS", "is no gate", "verdict(stream-cut) == PASS"),
        ("verdict() == PASS", "is no gate", "verdict(stream-cut) == PASS"),
        ("verdict(stream-cut) != FAIL", "is no gate", "verdict(stream-cut) == PASS"),
        ("verdict(stream-cut) == GREEN", "no verdict is 'GREEN'", "PASS"),
        ("verdict(stream-cut) == pass", "no verdict is 'pass'", "PASS"),
        ("verdict(stream-cut) == INVALID", "a lack of proof", "PASS"),
        ("verdict(tco) == INCONCLUSIVE", "a lack of proof", "PASS"),
        ("verdict(stream-cut) == PASS over 40", "is no gate", ""),
    ],
)
def test_what_is_no_gate_is_refused_in_a_sentence_and_a_hint(text: str, words: str, hint: str) -> None:
    with pytest.raises(BadInput) as caught:
        condition_of(text)
    assert words in str(caught.value)
    assert hint in caught.value.hint
    assert "\n" not in str(caught.value)


def test_no_word_means_two_metrics() -> None:
    assert not {*COUNTED, *ALSO} & {*METRICS}
    assert not {*COUNTED} & {*ALSO}
    assert {*ALSO.values(), *COUNTED.values()} <= {*METRICS}


@pytest.mark.parametrize(
    "text",
    [
        "system(a) == system(a)",  # always true
        "system(a) == PASS",
        "system(a) != system(b)",
        "system() == system(b)",
        "system(a)",
        "system",
        "system(a) == system(b) over 3",
    ],
)
def test_systems_are_compared_with_others_and_nothing_else(text: str) -> None:
    with pytest.raises(BadInput, match="compares no two systems") as refused:
        condition_of(text)
    assert refused.value.hint == "write it as system(infra-drill) == system(infra-status)"
