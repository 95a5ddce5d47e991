from decimal import Decimal

from llmops.config import validated
from llmops.costmodel.tco.compare import saving_ratio
from llmops.costmodel.tco.config import TcoSection
from llmops.costmodel.tco.lines import Range
from llmops.costmodel.tco.study import Study, as_stated
from llmops.errors import ExitCode

# Tian Pan, "Open-Weight Models in Production: When Self-Hosting Actually Beats the API" (2026-04-13)
CLOUD_70B: dict[str, object] = {
    "api_usd_per_month": 15_000,
    "hours_per_month": 720,
    "self_host": {"model": "a 70B model", "naive": {"gpus": 1, "usd_per_gpu_hour": 2}},
    "only_these_lines": True,
    "lines": {
        "gpus": {"low": 6200, "high": 12400},
        "people": {"low": 2500, "high": 5000},
        "infrastructure": {"low": 700, "high": 1400},
        "electricity": {"low": 400, "high": 600, "applies_to": "owned"},
    },
}


def study(data: dict[str, object]) -> Study:
    return as_stated(validated(TcoSection, data, "tco"))


def test_the_napkin_says_1440_and_a_saving_of_90_4_percent() -> None:
    napkin = study(CLOUD_70B).napkin
    assert napkin is not None
    assert napkin.usd_per_month == 2 * 720
    assert round(saving_ratio(napkin.usd_per_month, Decimal(15_000)), 3) == Decimal("0.904")


def test_the_honest_cost_straddles_the_api_bill() -> None:
    found = study(CLOUD_70B)
    assert (found.self_host.low, found.self_host.high) == (9_400, 18_800)
    assert round(saving_ratio(found.self_host.low, Decimal(15_000)), 3) == Decimal("0.373")
    assert round(saving_ratio(found.self_host.high, Decimal(15_000)), 3) == Decimal("-0.253")
    assert (found.verdict.word, found.verdict.exit_code) == ("INCONCLUSIVE", ExitCode.PASS)


def test_electricity_counts_where_it_is_stated_to_apply() -> None:
    lines = {**CLOUD_70B["lines"], "electricity": {"low": 400, "high": 600}}  # type: ignore[dict-item]
    found = study({**CLOUD_70B, "lines": lines})
    assert (found.self_host.low, found.self_host.high) == (9_800, 19_400)


def test_a_line_that_does_not_apply_is_said_and_not_charged() -> None:
    assert any("electricity applies to owned hardware" in finding.text for finding in study(CLOUD_70B).findings)


def test_gpus_may_be_stated_by_number_and_price() -> None:
    stated = {"gpus": {"low": 4, "high": 8}, "usd_per_gpu_hour": "2.15"}
    found = study({"api_usd_per_month": 1, "self_host": stated, "hours_per_month": 720, "only_these_lines": True})
    assert found.self_host == Range(4 * 720 * Decimal("2.15"), 6 * 720 * Decimal("2.15"), 8 * 720 * Decimal("2.15"))


def test_mostly_hardware_warns_that_people_are_missing() -> None:
    def warned(people: int) -> bool:
        lines = {"gpus": {"low": 300, "high": 300}, "people": {"low": people, "high": people}}
        found = study({"api_usd_per_month": 1, "only_these_lines": True, "lines": lines})
        return any("hardware is" in finding.text for finding in found.findings)

    assert not warned(people=700)  # 300 / 1,000 = 30 %: not above it
    assert warned(people=699)


def test_a_published_line_is_added_to_stated_gpus_unless_told_otherwise() -> None:
    data: dict[str, object] = {"api_usd_per_month": 1, "lines": {"gpus": {"low": 300, "high": 300}}}
    assert {"gpus", "people", "observability"} <= {line.name for line in study(data).lines}
    assert {line.name for line in study({**data, "only_these_lines": True}).lines} == {"gpus"}


def test_every_stated_figure_is_marked_as_not_measured() -> None:
    found = study(CLOUD_70B)
    assert all("stated, not measured" in line.source.what for line in (found.api_line, *found.lines))
