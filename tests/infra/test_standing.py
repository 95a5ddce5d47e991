"""Standing by: which lines there are, and what they add up to."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from llmops.infra.standing import Line, Standing, serving_usd, standing_lines, total_of

ON = date(2026, 11, 26)
COLD = Standing("cold", "g6e.12xlarge", 0, Decimal(141))


def told(standing: Standing) -> dict[str, Decimal | None]:
    return {line.what: line.usd for line in standing_lines(standing, ON)}


def test_cold_pays_for_what_is_always_there() -> None:
    assert told(COLD) == {
        "weights in S3, GB": Decimal("3.243"),  # 141 × 0.023
        "load balancer": Decimal("16.425"),  # 0.0225 × 730
        "NAT gateways, one a zone": Decimal("65.7"),  # 2 × 0.045 × 730
        "their public addresses": Decimal("7.3"),  # 2 × 0.005 × 730
        "key": Decimal(1),
        "secret": Decimal("0.4"),
    }
    assert total_of(standing_lines(COLD, ON)) == Decimal("94.068")


def test_warm_pays_for_the_volumes_besides() -> None:
    warm = told(replace(COLD, mode="warm", instances=2, volume_size_gb=400))
    assert warm["volumes, GB"] == Decimal("64.0")  # 2 × 400 × 0.08
    assert warm["volumes, IOPS above 3,000"] == Decimal("30.0")  # 2 × 3,000 × 0.005
    assert warm["volumes, MiB/s above 125"] == Decimal("50.0")  # 2 × 625 × 0.04
    assert not any("serving" in what for what in warm)


def test_hot_pays_for_the_instances_besides() -> None:
    hot = told(replace(COLD, mode="hot", instances=2))
    assert hot["g6e.12xlarge, serving"] == Decimal("15319.2544")  # 2 × 10.49264 × 730
    assert "volumes, GB" in hot


def test_endpoints_instead_of_nat() -> None:
    lines = told(replace(COLD, egress="endpoints", zones=3))
    assert lines["interface endpoints, ten a zone"] == Decimal("219.0")  # 10 × 3 × 0.01 × 730
    assert not any("NAT" in what for what in lines)


def test_an_existing_network_is_not_charged_to_us() -> None:
    assert set(told(replace(COLD, zones=0))) == {"weights in S3, GB", "load balancer", "key", "secret"}


def test_a_line_without_a_price_makes_the_total_unknown() -> None:
    lines = standing_lines(replace(COLD, mode="hot", instance_type="p5e.48xlarge", instances=1), ON)
    assert [line.what for line in lines if line.usd is None] == ["p5e.48xlarge, serving"]
    assert total_of(lines) is None
    assert total_of([Line("x", Decimal(1), None)]) is None


def test_serving_is_the_instances_all_month() -> None:
    found = serving_usd("g6e.12xlarge", 3, ON)
    assert found is not None
    assert found[0] == Decimal("22978.8816")  # 3 × 10.49264 × 730
    assert serving_usd("p5e.48xlarge", 1, ON) is None
