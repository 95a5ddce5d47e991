"""Hypothesis, method, hypothesis; rollbacks always; the background is waited for; nothing lasts for ever."""

import asyncio
from collections.abc import Callable
from typing import Any

from llmops.chaos.experiments.chaostoolkit.document import Document
from llmops.chaos.experiments.chaostoolkit.engine import Engine, Played

Read = Callable[..., Document]


def play(read: Document, **given: Any) -> Played:
    return asyncio.run(Engine(read, **given).run())


def told(played: Played) -> list[tuple[str, str]]:
    return [(item.where, item.activity.name) for item in played.items]


def test_the_hypothesis_is_asked_before_and_after_and_rollbacks_come_last(document: Read, build: Any) -> None:
    data = build.experiment(
        build.action("give", "do"), build.probe("give", name="look"), rollbacks=[build.action("give", "undo")]
    )
    played = play(document(data))
    assert told(played) == [
        ("before", "steady"), ("method", "do"), ("method", "look"), ("after", "steady"), ("rollbacks", "undo"),
    ]  # fmt: skip
    assert all(item.succeeded for item in played.items)
    assert [item.met for item in played.items] == [True, None, None, True, None]


def test_a_hypothesis_that_is_not_met_ends_it_before_anything_is_done_and_rolls_back(
    document: Read, build: Any
) -> None:
    data = build.experiment(
        build.action("give", "do"),
        hypothesis=[build.probe("give", 2, "unmet"), build.probe("give", 1, "never asked")],
        rollbacks=[build.action("give", "undo")],
    )
    played = play(document(data))
    assert told(played) == [("before", "unmet"), ("rollbacks", "undo")]
    assert "steady state" in played.broke_off


def test_an_action_that_failed_ends_the_method_and_rolls_back(document: Read, build: Any) -> None:
    data = build.experiment(
        build.action("boom", "broken"), build.action("give", "next"), rollbacks=[build.action("give", "undo")]
    )
    played = play(document(data))
    assert told(played) == [("before", "steady"), ("method", "broken"), ("rollbacks", "undo")]
    assert "the action 'broken' failed: RuntimeError" in played.broke_off


def test_an_action_that_a_program_or_a_server_refused_has_failed(document: Read, build: Any) -> None:
    false = {"type": "action", "name": "false", "provider": {"type": "process", "path": "false"}}
    played = play(document(build.experiment(false)))
    assert "false ended with exit code 1" in played.broke_off
    assert played.of("method")[0].output["status"] == 1


def test_a_probe_that_failed_does_not_end_the_method(document: Read, build: Any) -> None:
    played = play(document(build.experiment(build.probe("boom"), build.action("give", "next"))))
    assert [name for _, name in told(played)] == ["steady", "probe boom", "next", "steady"]
    assert not played.broke_off


def test_tolerances_in_the_method_are_evaluated(document: Read, build: Any) -> None:
    played = play(document(build.experiment(build.probe("give", 5, "in time"), build.probe("give", 1, "well"))))
    assert [item.met for item in played.of("method")] == [False, True]


def test_what_is_in_the_background_goes_on_beside_and_is_waited_for(document: Read, build: Any, acts: Any) -> None:
    slow = {**build.action("mark", "slow", word="slow", wait_s=0.3), "background": True}
    data = build.experiment(slow, build.action("mark", "quick", word="quick"), hypothesis=[])
    played = play(document(data))
    assert acts.done == ["quick", "slow"]
    assert all(item.succeeded for item in played.items)


def test_an_action_in_the_background_that_failed_breaks_it_off_too(document: Read, build: Any) -> None:
    played = play(document(build.experiment({**build.action("boom"), "background": True}, build.action("give"))))
    assert "failed" in played.broke_off
    assert not played.of("after")


def test_pauses_are_kept(document: Read, build: Any) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    data = build.experiment({**build.action("give"), "pauses": {"before": 30, "after": 60}})
    play(document(data), sleep=sleep)
    assert slept == [30, 60]


def test_an_activity_that_takes_too_long_has_failed(document: Read, build: Any) -> None:
    played = play(document(build.experiment({**build.action("hang"), "timeout": 0.1})))
    assert "took longer than 0.1 s" in played.broke_off


def test_rollbacks_are_all_played_though_one_fails(document: Read, build: Any) -> None:
    data = build.experiment(rollbacks=[build.action("boom", "first"), build.action("give", "second")])
    played = play(document(data))
    assert [(item.activity.name, item.succeeded) for item in played.of("rollbacks")] == [
        ("first", False),
        ("second", True),
    ]


def test_a_run_that_is_cancelled_rolls_back_before_it_ends(document: Read, build: Any) -> None:
    data = build.experiment(build.action("hang"), rollbacks=[build.action("give", "undo")])
    engine = Engine(document(data))

    async def cancel() -> None:
        task = asyncio.create_task(engine.run())
        while not engine.played.of("method"):  # noqa: ASYNC110 - the engine has no event for it
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()

    asyncio.run(cancel())
    assert [name for where, name in told(engine.played) if where == "rollbacks"] == ["undo"]
    assert engine.played.interrupted
    assert engine.played.of("method")[0].failure == "it was interrupted"


def test_each_activity_is_told_when_it_is_over(document: Read, build: Any) -> None:
    heard: list[str] = []
    play(document(build.experiment(build.action("give", "do"))), tell=lambda item: heard.append(item.activity.name))
    assert heard == ["steady", "do", "steady"]
