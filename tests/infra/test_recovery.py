"""Recovery: its parts by mode, and what follows for the module."""

import pytest

from llmops.infra.recovery import bounds_s, disk_mib_s, expected_start_max_s, recovery

MIB = 1024**2
WEIGHTS = 750.0 * MIB * 100  # 100 s at 750 MiB/s


@pytest.mark.parametrize(
    ("mode", "names"),
    [
        ("cold", ["node", "boot", "image", "download", "load", "engine", "health"]),
        ("warm", ["boot", "load", "engine", "health"]),
        ("hot", []),
    ],
)
def test_each_mode_has_its_parts(mode: str, names: list[str]) -> None:
    parts = recovery(mode, WEIGHTS, 750)
    assert [part.name for part in parts] == names
    assert all(0 <= part.low_s <= part.high_s and part.source for part in parts)


def test_weights_go_through_the_volume_at_its_throughput_or_half_of_it() -> None:
    cold = {part.name: part for part in recovery("cold", WEIGHTS, 750)}
    assert (cold["download"].low_s, cold["download"].high_s) == pytest.approx((100, 200))
    assert (cold["load"].low_s, cold["load"].high_s) == pytest.approx((0, 200))  # the memory may still hold them
    warm = {part.name: part for part in recovery("warm", WEIGHTS, 750)}
    assert (warm["load"].low_s, warm["load"].high_s) == pytest.approx((100, 200))  # it does not after a stop


def test_the_whole_is_the_sum() -> None:
    # 30 + 80 + 67 + 20 of the table, 30 to boot; 284 + 126 + 300 + 297 + 40 at most
    assert bounds_s(recovery("cold", WEIGHTS, 750)) == pytest.approx((30 + 30 + 80 + 100 + 0 + 67 + 20, 1047 + 400))
    assert bounds_s(recovery("hot", WEIGHTS, 750)) == (0, 0)


def test_the_expected_start_is_the_upper_bound_of_a_cold_one_in_whole_minutes() -> None:
    assert expected_start_max_s(WEIGHTS, 750) == 1500  # 1,447 s
    assert expected_start_max_s(1.0, 750) == 1080  # 1,047 s


def test_a_start_that_no_hook_waits_for_is_none() -> None:
    # 5,760 s - 1,047 s = 4,713 s for both ways: 2,356.5 s each, at 375 MiB/s
    at_most = 2356.5 * 375 * MIB
    assert expected_start_max_s(at_most - 375 * MIB, 750) == 5760
    assert expected_start_max_s(at_most + 375 * MIB, 750) is None


def test_an_instance_may_take_less_than_its_volume_gives() -> None:
    assert disk_mib_s(750, 2500.0) == 750
    assert disk_mib_s(1000, 593.75) == 566  # 593.75e6 / 1,048,576 = 566.2
