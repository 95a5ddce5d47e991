"""What is left of a schedule after ten seconds of its phase."""

from typing import Any

import pytest

from llmops.chaos.gameday.remaining import rest_of


@pytest.mark.parametrize(
    ("schedule", "hit", "rest"),
    [
        ({"probability": 0.8}, 0, {"probability": 0.8}),
        ({"after_s": 30.0}, 0, {"after_s": 20.0}),
        ({"after_s": 5.0}, 0, {"after_s": 0.0}),
        ({"until_s": 30.0}, 0, {"until_s": 20.0}),
        ({"until_s": 10.0}, 0, None),
        ({"first": 5}, 3, {"first": 2}),
        ({"first": 5}, 5, None),
        ({"first": 3, "every": 3}, 1, None),  # of the two that are left none is a third
        ({"ramp": [(0, 0.0), (20, 1.0)]}, 0, {"ramp": [(-10, 0.0), (10, 1.0)]}),
    ],
)
def test_moments_come_sooner_and_counts_are_less(
    schedule: dict[str, Any], hit: int, rest: dict[str, Any] | None
) -> None:
    found = rest_of(schedule, 10.0, hit)
    if rest is None or found is None:
        assert found is rest
    else:
        assert {name: found[name] for name in rest} == rest


def test_a_ramp_goes_on_where_it_was() -> None:
    from llmops.chaos.proxy.schedule import Schedule

    whole = Schedule(ramp=((0.0, 0.2), (20.0, 1.0)))
    rest = rest_of({"ramp": list(whole.ramp)}, 10.0, 0)
    assert rest is not None
    assert Schedule(ramp=rest["ramp"]).probability_at(3.0) == pytest.approx(whole.probability_at(13.0))
