"""The proxy of a provider through its part of the API, called as the API calls it."""

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import uvloop

from llmops.chaos.proxy.toxic_faults import ToxicFaults
from llmops.chaos.proxy.toxic_json import ApiError, toxic_change, toxic_shape
from llmops.errors import BadInput


def play(wire: Any, journal: Path, scenario: Callable[[ToxicFaults, Any], Awaitable[None]]) -> None:
    async def main() -> None:
        async with wire.bench(wire.says(wire.answer()), journal) as bench:
            await scenario(ToxicFaults(bench.proxy, bench.proxy.providers["openai"]), bench)

    asyncio.run(main())


def shape(kind: str, **more: Any) -> Any:
    return toxic_shape(json.dumps({"type": kind, **more}))


def change(**fields: Any) -> Any:
    return toxic_change(json.dumps(fields))


def test_a_provider_is_shown_as_a_proxy_and_its_faults_as_toxics(wire: Any, journal_file: Path) -> None:
    async def scenario(api: ToxicFaults, bench: Any) -> None:
        await api.add(shape("reset_mid_body", name="cut", toxicity=0.5, attributes={"after_bytes": 7}, lease_s=60))
        told = api.json()
        (toxic,) = told.pop("toxics")
        assert told == {
            "name": "openai",
            "listen": f"127.0.0.1:{bench.port}",
            "upstream": f"127.0.0.1:{bench.upstream.port}",
            "enabled": True,
        }
        assert 59 < toxic.pop("lease_left_s") <= 60
        assert toxic == {
            "attributes": {"after_bytes": 7},
            "name": "cut",
            "type": "reset_mid_body",
            "stream": "downstream",
            "toxicity": 0.5,
            "schedule": {"probability": 0.5},
            "scope": {},
            "in_scope": 0,
            "hit": 0,
            "applied": 0,
        }

    play(wire, journal_file, scenario)


def test_toxicity_is_a_probability_for_each_request(wire: Any, journal_file: Path) -> None:
    async def scenario(api: ToxicFaults, bench: Any) -> None:
        await api.add(shape("empty_body", name="e", toxicity=0.5))
        for _ in range(40):
            await bench.ask(wire.chat_request())
        told = api.toxic("e")
        assert told["in_scope"] == 40
        assert 5 <= told["hit"] <= 35

    play(wire, journal_file, scenario)


def test_scope_and_schedule_are_taken(wire: Any, journal_file: Path) -> None:
    async def scenario(api: ToxicFaults, bench: Any) -> None:
        await api.add(shape("empty_body", name="e", scope={"models": ["gpt-5"]}, schedule={"first": 1}))
        for model, seen, hit in (("gpt-4o", 0, 0), ("gpt-5", 1, 1), ("gpt-5", 2, 1)):
            await bench.ask(wire.chat_request(model=model))
            told = api.toxic("e")
            assert (told["in_scope"], told["hit"]) == (seen, hit)

    play(wire, journal_file, scenario)


def test_a_change_keeps_what_it_does_not_name_and_counts_anew(wire: Any, journal_file: Path) -> None:
    async def scenario(api: ToxicFaults, bench: Any) -> None:
        scope, schedule = {"models": ["gpt-4o-mini"]}, {"every": 1}
        await api.add(shape("rate_limit_requests", name="r", scope=scope, schedule=schedule, lease_s=60))
        before = api.toxic("r")
        await bench.ask(wire.chat_request())
        assert api.toxic("r")["hit"] == 1
        await api.change("r", change(attributes={}, toxicity=1))
        after = api.toxic("r")
        assert after["attributes"] == before["attributes"]
        assert (after["hit"], 59 < after["lease_left_s"] <= 60) == (0, True)
        await bench.ask(wire.chat_request(model="another"))
        assert api.toxic("r")["in_scope"] == 0  # its scope is the old one

    play(wire, journal_file, scenario)


def test_schedule_and_scope_are_shown_as_they_were_given(wire: Any, journal_file: Path) -> None:
    async def scenario(api: ToxicFaults, _bench: Any) -> None:
        scope = {"models": ["gpt-5"], "stream": False}
        schedule = {"ramp": [[0.0, 0.008], [60.0, 0.16]], "sticky": "client"}
        await api.add(shape("empty_body", name="e", scope=scope, schedule=schedule))
        told = json.loads(json.dumps(api.toxic("e")))  # as the API sends it
        assert (told["scope"], told["schedule"]) == (scope, schedule)
        await api.add(shape("empty_body", name="all"))
        assert (api.toxic("all")["scope"], api.toxic("all")["schedule"]) == ({}, {})

    play(wire, journal_file, scenario)


def test_a_change_may_replace_schedule_and_scope(wire: Any, journal_file: Path) -> None:
    async def scenario(api: ToxicFaults, bench: Any) -> None:
        await api.add(shape("empty_body", name="e", scope={"models": ["gpt-5"]}, schedule={"first": 1}))
        await api.change("e", change(scope={}, schedule={"every": 2}))
        assert (api.toxic("e")["scope"], api.toxic("e")["schedule"]) == ({}, {"every": 2})
        answers = [await bench.ask(wire.chat_request(model="gpt-4o")) for _ in range(2)]
        assert [answer == wire.answer() for answer in answers] == [True, False]
        await api.change("e", change(toxicity=0.25))
        assert api.toxic("e")["schedule"] == {"every": 2, "probability": 0.25}

    play(wire, journal_file, scenario)


def test_how_often_is_said_once(wire: Any, journal_file: Path) -> None:
    async def scenario(api: ToxicFaults, _bench: Any) -> None:
        for schedule, message in (
            ({"probability": 0.5}, "give schedule.probability alone"),
            ({"probability": 1}, "give schedule.probability alone"),
            ({"ramp": [[0, 0.1]]}, "schedule.ramp says how often"),
        ):
            with pytest.raises(ApiError, match=message) as error:
                await api.add(shape("empty_body", name="e", toxicity=0.5, schedule=schedule))
            assert error.value.status == 400
        await api.add(shape("empty_body", name="whole", toxicity=1, schedule={"probability": 0.5}))  # 1 is the default
        assert api.toxic("whole")["toxicity"] == 0.5
        await api.add(shape("empty_body", name="ramp", schedule={"ramp": [[0, 0.1]]}))
        for name, asked in (("ramp", {"toxicity": 0.5}), ("whole", {"toxicity": 0.5, "schedule": {"probability": 1}})):
            before = api.json()["toxics"]
            with pytest.raises(ApiError, match="toxicity"):
                await api.change(name, change(**asked))
            assert [one["schedule"] for one in api.json()["toxics"]] == [one["schedule"] for one in before]

    play(wire, journal_file, scenario)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"schedul": {"first": 1}}, "unknown key 'schedul'; did you mean 'schedule'"),
        ({"scop": {"models": ["nope"]}}, "unknown key 'scop'; did you mean 'scope'"),
        ({"lease": 1}, "unknown key 'lease'; did you mean 'lease_s'"),
        ({"toxicty": 0.1}, "unknown key 'toxicty'; did you mean 'toxicity'"),
        ({"parameters": {}}, "unknown key 'parameters'; known: attributes, lease_s, name, schedule, scope"),
        ({"schedule": {"frist": 1}}, "unknown key 'schedule.frist'"),
        ({"scope": {"model": ["x"]}}, "unknown key 'scope.model'"),
        ({"scope": []}, "scope must hold a mapping"),
        ({"schedule": False}, "schedule must hold a mapping"),
    ],
)
def test_a_typing_error_never_makes_a_fault_that_hits_everybody(
    wire: Any, journal_file: Path, more: dict[str, Any], message: str
) -> None:
    async def scenario(api: ToxicFaults, bench: Any) -> None:
        with pytest.raises((ApiError, BadInput), match=message):
            await api.add(shape("wrong_model", name="w", **more))
        assert api.json()["toxics"] == []
        assert await bench.ask(wire.chat_request()) == wire.answer()
        await api.add(shape("wrong_model", name="w", schedule={"first": 1}))
        with pytest.raises((ApiError, BadInput), match=message):
            await api.change("w", change(**more))
        assert api.toxic("w")["schedule"] == {"first": 1}

    play(wire, journal_file, scenario)


def test_what_is_refused_changes_nothing(wire: Any, journal_file: Path) -> None:
    async def scenario(api: ToxicFaults, _bench: Any) -> None:
        await api.add(shape("reset_mid_body", name="cut", attributes={"after_bytes": 7}))
        for work, message in (
            (api.add(shape("reset_mid_body", name="cut")), "toxic already exists"),
            (api.add(shape("latency")), "latency works on plain TCP proxies"),
            (api.add(shape("reset_mid_bodyy")), "did you mean 'reset_mid_body'"),
            (api.add(shape("reset_mid_body", stream="upstream")), "its stream is downstream"),
            (api.add(shape("reset_mid_body", name="b", attributes={"after": 1})), "no parameter 'after'"),
            (api.add(shape("reset_mid_body", name="b", lease_s=0)), "lease_s must be seconds above 0"),
            (api.add(shape("reset_mid_body", name="b", toxicity=2)), "probability"),
            (api.add(shape("reset_mid_body", name="b", scope={"model": "x"})), "model"),
            (api.change("cut", change(attributes={"after_bytes": "x"})), "after_bytes"),
            (api.change("cut", change(attributes={"after": 1})), "no parameter 'after'"),
            (api.change("none", change()), "toxic not found"),
            (api.remove("none"), "toxic not found"),
        ):
            with pytest.raises((ApiError, BadInput), match=message):
                await work
        assert [(toxic["name"], toxic["attributes"]) for toxic in api.json()["toxics"]] == [("cut", {"after_bytes": 7})]

    play(wire, journal_file, scenario)


def test_a_change_that_is_refused_leaves_the_fault_with_its_lease_and_its_counts(wire: Any, journal_file: Path) -> None:
    async def scenario(api: ToxicFaults, bench: Any) -> None:
        await api.add(shape("rate_limit_requests", name="limit", lease_s=60))
        await bench.ask(wire.chat_request())
        before = api.toxic("limit")
        assert (before["in_scope"], before["hit"]) == (1, 1)
        for scope in ({"routes": ["openai_chatt"]}, {"tenants": ["a"]}):
            with pytest.raises(BadInput):
                await api.change("limit", change(attributes={"retry_after_s": 9}, scope=scope))
        after = api.toxic("limit")
        assert after.pop("lease_left_s") <= before.pop("lease_left_s") <= 60
        assert after == before
        assert [line["what"] for line in bench.lines("lease")] == ["granted"]
        assert (await bench.ask(wire.chat_request())).startswith(b"HTTP/1.1 429 ")

    play(wire, journal_file, scenario)


def test_a_provider_is_taken_down_and_up_and_nothing_else_of_it_is_changed(wire: Any, journal_file: Path) -> None:
    async def scenario(api: ToxicFaults, bench: Any) -> None:
        before = api.json()
        await api.update({"enabled": False})
        assert api.json() == {**before, "enabled": False}
        with pytest.raises(ConnectionRefusedError):
            await bench.connect()
        await api.update({**before, "enabled": True})
        assert api.json() == before
        assert await bench.ask(wire.chat_request()) == wire.answer()
        for field in ("listen", "upstream"):
            with pytest.raises(ApiError, match=f"{field} of a provider is what the configuration says"):
                await api.update({field: "127.0.0.1:1", "enabled": False})
        assert api.json() == before

    play(wire, journal_file, scenario)


def test_what_begins_when_its_lease_is_over_is_warned_of_for_somebody_may_renew_it(
    wire: Any, journal_file: Path
) -> None:
    async def scenario(api: ToxicFaults, _bench: Any) -> None:
        for after_s in (29, 30):
            await api.add(shape("bad_gateway", name=f"at-{after_s}", schedule={"after_s": after_s}, lease_s=30))

    play(wire, journal_file, scenario)
    lines = [json.loads(line) for line in journal_file.read_text().splitlines()]
    assert [(line["toxic"], line["reason"]) for line in lines if line.get("what") == "warning"] == [
        ("at-30", "at-30 begins after 30 s, and its lease ends after 30 s unless renewed")
    ]


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
def test_who_is_told_that_connections_are_refused_or_accepted_meets_it_at_once(
    wire: Any, journal_file: Path, run: Any
) -> None:
    """The client blocks the loop: nothing can happen between the answer of the API and its connection."""

    def refused(port: int) -> bool:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=2).close()
        except ConnectionRefusedError:
            return True
        return False

    async def main() -> None:
        async with wire.bench(wire.says(wire.answer()), journal_file) as bench:
            api = ToxicFaults(bench.proxy, bench.proxy.providers["openai"])
            for _ in range(5):
                await api.add(shape("refused", name="gone"))
                assert refused(bench.port)
                await api.remove("gone")
                assert not refused(bench.port)
                await asyncio.sleep(0.01)  # that connection is made and ends
                await api.add(shape("refused", name="gone", schedule={"after_s": 500}))
                assert not refused(bench.port)
                await asyncio.sleep(0.01)  # that connection is made and ends
                await api.change("gone", change(schedule={}))
                assert refused(bench.port)
                await api.reset()
                assert not refused(bench.port)
                await asyncio.sleep(0.01)  # that connection is made and ends
                await api.update({"enabled": False})
                assert refused(bench.port)
                await api.update({"enabled": True})
                assert not refused(bench.port)
                await asyncio.sleep(0.01)  # that connection is made and ends

    run(main())


def test_reset_ends_all_faults_and_enables(wire: Any, journal_file: Path) -> None:
    async def scenario(api: ToxicFaults, bench: Any) -> None:
        await api.add(shape("empty_body"))
        await api.update({"enabled": False})
        await api.reset()
        assert (api.json()["enabled"], api.json()["toxics"]) == (True, [])
        assert await bench.ask(wire.chat_request()) == wire.answer()

    play(wire, journal_file, scenario)
