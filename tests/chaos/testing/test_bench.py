"""All of one test: what was asked for before there was a proxy, what never fired, and errors at the test's own line."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.testing.bench import Bench
from llmops.chaos.testing.fault_asked import fault_asked
from llmops.errors import BadInput, UnknownName

Ask = Callable[..., Any]


def test_nothing_runs_until_something_is_made() -> None:
    with Bench([fault_asked("unavailable")]):
        assert "llmops" not in {each.name for each in threading.enumerate()}


def test_what_was_asked_for_before_is_on_when_its_proxy_is_made(ask: Ask) -> None:
    with Bench([fault_asked("unavailable", proxy="primary")]) as bench:
        url = bench.provider().base_url
        primary, backup = bench.proxy(url, name="primary"), bench.proxy(url, name="backup")
        assert (ask(primary.base_url)[0], ask(backup.base_url)[0]) == (503, 200)
        assert bench.unfired == []
        assert bench.told == ["unavailable on primary fired once; 1 request came by"]


@pytest.mark.parametrize(
    ("proxy", "names", "unfired"),
    [
        (None, [], "unavailable never fired: the test made no proxy"),
        ("primry", ["primary"], "unavailable never fired: the test made no proxy named primry"),
        (None, ["primary"], "unavailable on primary never fired: no request came by"),
    ],
)
def test_what_was_asked_for_and_met_nobody_is_named(proxy: str | None, names: list[str], unfired: str) -> None:
    with Bench([fault_asked("unavailable", proxy=proxy)]) as bench:
        for name in names:
            bench.proxy("http://127.0.0.1:9", name=name)
        assert bench.unfired == [unfired]


@pytest.mark.parametrize(
    ("asks", "why"),
    [
        (0, "no request came by"),
        (1, "1 request came by: the answer ended before the fault found anything to change"),
        (2, "2 requests came by: the answer ended before the fault found anything to change"),
    ],
)
def test_a_fault_that_never_fired_says_why(bench: Bench, ask: Ask, asks: int, why: str) -> None:
    proxy = bench.proxy(bench.provider().base_url)
    bench.inject("broken_tool_arguments")
    assert [ask(proxy.base_url)[0] for _ in range(asks)] == [200] * asks
    assert bench.unfired == bench.told == [f"broken_tool_arguments on provider never fired: {why}"]


def test_an_error_of_inject_is_a_fault_that_never_fired(bench: Bench) -> None:
    bench.proxy("http://127.0.0.1:9")
    with pytest.raises(UnknownName) as caught:
        bench.inject("unavailble")
    assert caught.value.__notes__ == ["hint: did you mean 'unavailable'?"]
    assert bench.unfired == ["unavailble was never on: no fault is named 'unavailble'"]


def test_a_fault_goes_to_the_proxy_that_it_names(bench: Bench, ask: Ask) -> None:
    url = bench.provider().base_url
    first, second = bench.proxy(url, name="first"), bench.proxy(url, name="second")
    bench.inject("unavailable", proxy="second")
    assert (ask(first.base_url)[0], ask(second.base_url)[0]) == (200, 503)


@pytest.mark.parametrize(
    ("names", "proxy", "error", "hint"),
    [
        ([], None, "the test has no proxies to inject unavailable at", "make one first"),
        (["a", "b"], None, "the test has 2 proxies to inject unavailable at", "say which: proxy='a'"),
        (["primary"], "primry", "the test has no proxy named 'primry'", "did you mean 'primary'?"),
    ],
)
def test_a_fault_without_its_one_proxy_is_refused(
    bench: Bench, names: list[str], proxy: str | None, error: str, hint: str
) -> None:
    for name in names:
        bench.proxy("http://127.0.0.1:9", name=name)
    with pytest.raises(BadInput, match=error) as caught:
        bench.inject("unavailable", proxy=proxy)
    assert caught.value.hint == hint


def test_two_proxies_of_one_name_are_refused(bench: Bench) -> None:
    bench.proxy("http://127.0.0.1:9")
    with pytest.raises(BadInput, match="the test has a proxy named 'provider' already"):
        bench.proxy("http://127.0.0.1:9")


def test_a_marker_without_a_name_is_for_one_proxy() -> None:
    with Bench([fault_asked("unavailable")]) as bench:
        bench.proxy("http://127.0.0.1:9", name="primary")
        with pytest.raises(BadInput, match="the marker of unavailable names no proxy") as caught:
            bench.proxy("http://127.0.0.1:9", name="backup")
        assert caught.value.hint == 'llmops_fault("unavailable", proxy="primary")'


def test_a_marked_fault_that_its_proxy_refuses_was_never_on() -> None:
    with Bench([fault_asked("expired_certificate")]) as bench:
        with pytest.raises(BadInput, match="needs a TLS listener"):
            bench.proxy("http://127.0.0.1:9")
        assert bench.unfired == ["expired_certificate was never on: expired_certificate needs a TLS listener"]


def test_the_same_seed_breaks_the_same_requests(ask: Ask) -> None:
    def statuses(seed: int) -> list[int]:
        with Bench([fault_asked("unavailable", schedule={"probability": 0.5})]) as bench:
            proxy = bench.proxy(bench.provider().base_url, seed=seed)
            return [ask(proxy.base_url)[0] for _ in range(12)]

    first = statuses(1)
    assert set(first) == {200, 503}
    assert statuses(1) == first
    assert statuses(2) != first


@pytest.mark.parametrize("name", ["anthropic", "gemini", "openai"])
def test_every_simulated_provider_can_be_started(bench: Bench, name: str) -> None:
    assert bench.provider(name).base_url.startswith("http://127.0.0.1:")


def test_an_unknown_provider_is_refused_with_the_nearest(bench: Bench) -> None:
    with pytest.raises(UnknownName) as caught:
        bench.provider("opnai")
    assert caught.value.__notes__ == ["hint: did you mean 'openai'?"]
