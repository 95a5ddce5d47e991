"""When an injection fires: the clock is a number, the dice are a seed."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from llmops.chaos.proxy.schedule import Schedule, Scope, Subject
from llmops.errors import BadInput

SUBJECT = Subject("/v1/chat/completions", "openai_chat", "gpt-4o-mini", "acme", stream=True, request_bytes=1000)
RAMP = ((0.0, 0.008), (3600.0, 0.16))  # 0.8 to 16 percent in an hour


def hit(schedule: Schedule, count: int, *, elapsed_s: float = 0.0, seed: int = 7, label: str = "p:f") -> list[int]:
    """Which of the first `count` requests are hit."""
    return [n for n in range(1, count + 1) if schedule.hits(n, elapsed_s, seed=seed, label=label)]


# --- how many


def test_nothing_said_is_always() -> None:
    assert hit(Schedule(), 5) == [1, 2, 3, 4, 5]
    assert Schedule().is_always


def test_the_first_three_are_the_first_three() -> None:
    assert hit(Schedule(first=3), 6) == [1, 2, 3]


def test_every_third_is_the_third_and_the_sixth() -> None:
    assert hit(Schedule(every=3), 7) == [3, 6]
    assert hit(Schedule(every=1), 3) == [1, 2, 3]


def test_all_that_is_given_must_agree() -> None:
    assert hit(Schedule(first=7, every=3), 12) == [3, 6]


@pytest.mark.parametrize("field", ["first", "every"])
def test_counts_begin_at_one(field: str) -> None:
    def schedule(value: Any) -> Schedule:
        return Schedule(**{field: value})

    assert schedule(1)
    with pytest.raises(BadInput, match=f"{field} is 0"):
        schedule(0)


def test_a_count_that_no_request_can_meet_is_refused() -> None:
    assert hit(Schedule(first=3, every=3), 9) == [3]
    with pytest.raises(BadInput, match="of the first 2 none is a multiple of 3"):
        Schedule(first=2, every=3)


def test_how_probable_is_said_once() -> None:
    with pytest.raises(BadInput, match="a ramp says how probable it is, and so does probability"):
        Schedule(ramp=RAMP, probability=0.5)


@pytest.mark.parametrize("field", ["models", "tenants"])
def test_an_empty_pattern_is_for_nobody(field: str) -> None:
    scope: dict[str, Any] = {field: ("a", "")}
    with pytest.raises(BadInput, match=f"a scope with an empty pattern in {field} is for nobody"):
        Scope(**scope)


def test_a_route_has_no_query() -> None:
    assert Scope(routes=("/v?/chat/*",))
    with pytest.raises(BadInput, match=r"no route is '/v1/files\?limit=5'"):
        Scope(routes=("/v1/files?limit=5",))


# --- dice


def test_a_probability_is_a_share_of_the_requests() -> None:
    share = len(hit(Schedule(probability=0.16), 10_000)) / 10_000
    assert abs(share - 0.16) < 0.0147  # 4 standard deviations: 4 * sqrt(0.16 * 0.84 / 10,000)


def test_zero_is_never_and_one_is_always() -> None:
    assert hit(Schedule(probability=0.0), 1000) == []
    assert len(hit(Schedule(probability=1.0), 1000)) == 1000


def test_the_same_seed_hits_the_same_requests_and_another_does_not() -> None:
    schedule = Schedule(probability=0.5)
    assert hit(schedule, 200) == hit(schedule, 200)
    assert hit(schedule, 200, seed=8) != hit(schedule, 200)
    assert hit(schedule, 200, label="p:other") != hit(schedule, 200)


def test_each_request_has_dice_of_its_own() -> None:
    schedule = Schedule(probability=0.5)
    assert [n for n in range(101, 201) if schedule.hits(n, 0, seed=7, label="p:f")] == [
        n for n in hit(schedule, 200) if n > 100
    ]


def test_a_higher_probability_only_adds_requests() -> None:
    few, more = (set(hit(Schedule(probability=ratio), 2000)) for ratio in (0.1, 0.3))
    assert few < more


@pytest.mark.parametrize("ratio", [0.0, 1.0])
def test_a_probability_may_be_at_its_bounds(ratio: float) -> None:
    assert Schedule(probability=ratio)
    assert Schedule(ramp=((0.0, ratio),))


@pytest.mark.parametrize("ratio", [-0.001, 1.001, 5.0, float("nan")])
def test_what_is_no_ratio_is_refused(ratio: float) -> None:
    wrong: dict[str, Any]
    for wrong in ({"probability": ratio}, {"ramp": ((0.0, ratio),)}):
        with pytest.raises(BadInput, match="a probability of"):
            Schedule(**wrong)


# --- sticky


def keys_hit(schedule: Schedule, keys: list[str], *, ordinal: int = 1, elapsed_s: float = 0.0) -> set[str]:
    return {key for key in keys if schedule.hits(ordinal, elapsed_s, seed=7, label="p:f", key=key)}


KEYS = [f"10.0.{n // 250}.{n % 250}" for n in range(5000)]


@pytest.mark.parametrize("by", ["client", "X-Session"])
def test_a_sticky_schedule_hits_the_same_one_always_or_never(by: str) -> None:
    schedule = Schedule(probability=0.3, sticky=by)
    first = keys_hit(schedule, KEYS, ordinal=1)
    assert first == keys_hit(schedule, KEYS, ordinal=99)
    assert abs(len(first) / len(KEYS) - 0.3) < 0.026  # 4 * sqrt(0.3 * 0.7 / 5,000)


def test_who_has_no_key_is_never_hit_by_a_sticky_schedule() -> None:
    assert not Schedule(sticky="x-session").hits(1, 0, seed=7, label="p:f", key=None)
    assert Schedule(sticky="x-session").hits(1, 0, seed=7, label="p:f", key="a")


def test_a_sticky_ramp_only_adds_clients() -> None:
    schedule = Schedule(ramp=RAMP, sticky="client")
    moments = [keys_hit(schedule, KEYS, elapsed_s=at) for at in (0, 1800, 3600)]
    assert all(before < after for before, after in pairwise(moments))


@pytest.mark.parametrize("nothing", ["", " ", "bad header", "x:y", "é"])
def test_sticky_to_what_no_header_is_named_is_refused(nothing: str) -> None:
    with pytest.raises(BadInput, match="no header is named so"):
        Schedule(sticky=nothing)


# --- time


def test_between_two_moments_is_from_the_first_to_before_the_second() -> None:
    schedule = Schedule(after_s=10, until_s=20)
    open_at = {at: schedule.is_open(at) for at in (0, 9.999, 10, 19.999, 20, 1e9)}
    assert open_at == {0: False, 9.999: False, 10: True, 19.999: True, 20: False, 1e9: False}
    assert [bool(hit(schedule, 1, elapsed_s=at)) for at in (9.999, 10, 19.999, 20)] == [False, True, True, False]


def test_without_an_end_it_stays_open() -> None:
    assert Schedule(after_s=10).is_open(1e9)


def test_the_next_moment_is_the_next_opening_or_closing() -> None:
    schedule = Schedule(after_s=10, until_s=20)
    assert [schedule.next_moment_s(at) for at in (0, 10, 15, 20)] == [10, 20, 20, None]
    assert Schedule().next_moment_s(0) is None


@pytest.mark.parametrize(
    ("after_s", "until_s"), [(-0.001, None), (10, 10), (10, 9.999), (0, float("inf")), (float("nan"), None)]
)
def test_no_time_is_refused(after_s: float, until_s: float | None) -> None:
    with pytest.raises(BadInput):
        Schedule(after_s=after_s, until_s=until_s)


def test_the_shortest_time_is_allowed() -> None:
    assert Schedule(after_s=10, until_s=10.001).is_open(10)


# --- ramp


@pytest.mark.parametrize(
    ("elapsed_s", "expected"),
    [
        (0, 0.008),
        (900, 0.046),  # 0.008 + 0.152 / 4
        (1800, 0.084),  # 0.008 + 0.152 / 2
        (3599, 0.008 + 0.152 * 3599 / 3600),
        (3600, 0.16),
        (7200, 0.16),  # flat behind its last moment
    ],
)
def test_a_ramp_rises_linearly_from_0_8_to_16_percent(elapsed_s: float, expected: float) -> None:
    assert Schedule(ramp=RAMP).probability_at(elapsed_s) == pytest.approx(expected, rel=1e-12)


def test_a_ramp_is_flat_before_its_first_moment_and_falls_too() -> None:
    schedule = Schedule(ramp=((10, 0.5), (20, 0.1), (30, 0.1)))
    assert [schedule.probability_at(at) for at in (0, 10, 20, 25, 31)] == [0.5, 0.5, 0.1, 0.1, 0.1]
    assert schedule.probability_at(15) == pytest.approx(0.3)  # half way


def test_a_ramp_is_the_share_that_is_hit() -> None:
    for at, expected in [(0, 0.008), (1800, 0.084), (3600, 0.16)]:
        share = len(hit(Schedule(ramp=RAMP), 10_000, elapsed_s=at)) / 10_000
        assert abs(share - expected) < 4 * (expected * (1 - expected) / 10_000) ** 0.5


def test_a_ramp_replaces_the_probability() -> None:
    assert Schedule(probability=1.0, ramp=((0, 0.0),)).probability_at(5) == 0


@pytest.mark.parametrize("ramp", [((5, 0.1), (5, 0.2)), ((5, 0.1), (4, 0.2)), ((0, 0.1), (float("inf"), 0.2))])
def test_moments_that_do_not_rise_are_refused(ramp: Any) -> None:
    with pytest.raises(BadInput, match="ramp"):
        Schedule(ramp=ramp)


@pytest.mark.parametrize(
    "limit", [{"first": 9}, {"every": 1}, {"probability": 0.9}, {"ramp": ((0, 1.0),)}, {"sticky": "client"}]
)
def test_what_is_limited_is_not_always(limit: dict[str, Any]) -> None:
    assert not Schedule(**limit).is_always


# --- scope


def test_an_empty_scope_allows_all_even_what_is_unknown() -> None:
    assert Scope().is_all
    assert Scope().allows(Subject("/anything"))


@pytest.mark.parametrize(
    ("scope", "inside", "outside"),
    [
        ({"models": ("gpt-4o*",)}, {"model": "gpt-4o"}, {"model": "o3"}),
        ({"models": ("gpt-4o",)}, {"model": "gpt-4o"}, {"model": "GPT-4o"}),
        ({"models": ("o3", "gpt-4o")}, {"model": "o3"}, {"model": None}),
        ({"routes": ("openai_chat",)}, {"dialect": "openai_chat"}, {"dialect": "anthropic_messages"}),
        ({"routes": ("/v1/chat/*",)}, {"path": "/v1/chat/completions"}, {"path": "/v1/embeddings"}),
        ({"routes": ("/v1/files",)}, {"path": "/v1/files", "dialect": None}, {"path": "/v1/files/x", "dialect": None}),
        ({"tenants": ("acme",)}, {"tenant": "acme"}, {"tenant": "acme2"}),
        ({"tenants": ("acme*",)}, {"tenant": "acme2"}, {"tenant": None}),
        ({"stream": True}, {"stream": True}, {"stream": False}),
        ({"stream": False}, {"stream": False}, {"stream": None}),
        ({"min_request_bytes": 1000}, {"request_bytes": 1000}, {"request_bytes": 999}),
        ({"max_request_bytes": 1000}, {"request_bytes": 1000}, {"request_bytes": 1001}),
    ],
)
def test_a_scope_allows_what_it_names_and_nothing_unknown(
    scope: dict[str, Any], inside: dict[str, Any], outside: dict[str, Any]
) -> None:
    asked = Scope(**scope)
    assert not asked.is_all
    assert asked.allows(replace(SUBJECT, **inside))
    assert not asked.allows(replace(SUBJECT, **outside))


def test_all_of_a_scope_must_agree() -> None:
    scope = Scope(models=("gpt-4o-mini",), stream=True, max_request_bytes=1000)
    assert scope.allows(SUBJECT)
    assert not scope.allows(replace(SUBJECT, stream=False))


def test_sizes_that_hold_nothing_are_refused() -> None:
    assert Scope(min_request_bytes=5, max_request_bytes=5)
    with pytest.raises(BadInput, match="from 6 to 5 request bytes is empty"):
        Scope(min_request_bytes=6, max_request_bytes=5)
