from decimal import Decimal

import pytest

from llmops.costmodel.tco.break_even import SelfHostCurve
from llmops.costmodel.tco.decision import Api, BreakEven, break_even, decide, too_short
from llmops.costmodel.tco.lines import CostLine, Range
from llmops.errors import ExitCode
from llmops.report import Source


def usd(low: int, typical: int, high: int) -> Range:
    return Range(Decimal(low), Decimal(typical), Decimal(high))


def line(name: str, amount: Range) -> CostLine:
    return CostLine(name, name, amount, "stated", Source(name, "test"))


def api(amount: int, unpriced_tokens: int = 0) -> Api:
    return Api(Range.exactly(amount), unpriced_tokens)


@pytest.mark.parametrize(
    ("api_usd", "word"),
    [(99, "BUY"), (100, "INCONCLUSIVE"), (150, "INCONCLUSIVE"), (200, "INCONCLUSIVE"), (201, "BUILD")],
)
def test_only_ranges_that_do_not_touch_are_a_decision(api_usd: int, word: str) -> None:
    verdict = decide(api(api_usd), [line("gpus", usd(100, 150, 200))])
    assert verdict.word == word
    assert verdict.exit_code == ExitCode.PASS


def test_a_range_of_the_api_counts_at_both_of_its_ends() -> None:
    lines = [line("gpus", usd(100, 150, 200))]
    assert decide(Api(usd(50, 80, 100)), lines).word == "INCONCLUSIVE"
    assert decide(Api(usd(50, 80, 99)), lines).word == "BUY"
    assert decide(Api(usd(200, 300, 400)), lines).word == "INCONCLUSIVE"


def test_unpriced_tokens_leave_buy_unproven_and_build_as_it_is() -> None:
    lines = [line("gpus", usd(100, 150, 200))]
    unproven = decide(api(50, unpriced_tokens=7), lines)
    assert (unproven.word, unproven.exit_code) == ("INCONCLUSIVE", ExitCode.NO_DATA)
    assert decide(api(300, unpriced_tokens=7), lines).word == "BUILD"


def test_the_verdict_names_the_assumption_that_would_flip_it() -> None:
    # typical 150 against 160: people may cost 60 + 10 = 70 before the API is cheaper
    verdict = decide(api(160), [line("gpus", usd(85, 90, 95)), line("people", usd(20, 60, 100))])
    assert "if people cost more than 70.00" in verdict.flips[0]
    assert "inside its range" in verdict.flips[0]
    assert "BUY" in verdict.flips[0]


def test_a_line_that_cannot_flip_the_verdict_alone_is_not_named() -> None:
    # typical 150 against 20: even free people leave 90
    verdict = decide(api(20), [line("gpus", usd(80, 90, 100)), line("people", usd(20, 60, 100))])
    assert not verdict.flips


def test_a_short_log_is_inconclusive_and_no_data_whatever_it_says() -> None:
    verdict = too_short(decide(api(99), [line("gpus", usd(100, 150, 200))]), span_days=0.04)
    assert (verdict.word, verdict.exit_code) == ("INCONCLUSIVE", ExitCode.NO_DATA)
    assert "If it repeated: BUY" in verdict.because


def test_the_break_even_range_pairs_the_cheap_side_with_the_dear_one() -> None:
    curves = tuple(SelfHostCurve(Decimal(fixed), Decimal(0), Decimal(0), Decimal(0), 0) for fixed in (100, 200, 300))
    found = break_even(usd(50, 100, 200), (curves[0], curves[1], curves[2]))
    assert found == BreakEven(Decimal("0.5"), Decimal(2), Decimal(6))  # 100/200, 200/100, 300/50
