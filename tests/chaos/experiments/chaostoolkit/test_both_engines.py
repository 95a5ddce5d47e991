"""The same experiments under Chaos Toolkit's engine and ours: alike where both mean the same, and pinned where not."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

Play = Callable[..., Any]


def agreed(build: Any) -> dict[str, Any]:
    give, slow = build.action("give"), build.action("mark", "slow", word="slow", wait_s=0.2)
    undo = [build.action("give", "undo")]
    echo = {"type": "process", "path": "echo", "arguments": "-n ${word}"}
    said = {"type": "regex", "pattern": "^hello$", "target": "stdout"}
    return {
        "well": build.experiment(give, rollbacks=undo),
        "not met after": build.experiment(give, hypothesis=[build.probe("count", 1)], rollbacks=undo),
        "failed after": build.experiment(give, hypothesis=[build.probe("boom_at", 1, turn=2)]),
        "failed before": build.experiment(give, hypothesis=[build.probe("boom", 1)]),
        "second probe not met": build.experiment(
            give, hypothesis=[build.probe("give", 1), build.probe("count", 1), build.probe("give", 1, "unasked")]
        ),
        "background": build.experiment({**slow, "background": True}, build.action("mark", "q", word="quick"),
                                       hypothesis=[build.probe("give", [0, 2])]),
        "pauses": build.experiment(
            {**give, "pauses": {"before": 0.01, "after": "${wait}"}}, configuration={"wait": 0.01}
        ),
        "reference": build.experiment({"ref": "steady"}, {"ref": "action give"}, give),
        "process": build.experiment(
            {"type": "action", "name": "say", "provider": echo},
            hypothesis=[{"type": "probe", "name": "said", "provider": echo, "tolerance": said}],
            configuration={"word": {"type": "env", "key": "WORD", "default": "hello"}},
        ),
        "process fails in a probe": build.experiment(
            {"type": "probe", "name": "false", "provider": {"type": "process", "path": "false"}}
        ),
        "given": build.experiment(
            {"type": "probe", "name": "given", "provider": {"type": "python", "module": "acts", "func": "given",
                                                            "secrets": ["api"]}},
            configuration={"a": 1}, secrets={"other": {"x": {"type": "env", "key": "WORD"}}, "api": {}},
        ),
        "no probe": build.experiment(give, hypothesis=[], rollbacks=undo),
    }  # fmt: skip


NOTHING = SimpleNamespace(**dict.fromkeys(("probe", "action", "experiment"), lambda *_, **__: {}))


@pytest.mark.parametrize("name", [*agreed(NOTHING)])
def test_what_both_can_say_they_say_alike(ours: Play, theirs: Play, build: Any, name: str) -> None:
    data = agreed(build)[name]
    mine, their = ours(data, {"WORD": "hello"}).journal, theirs(data, {"WORD": "hello"})
    if name != "no probe":  # nothing was expected: here that is INVALID
        assert (mine["status"], mine["deviated"]) == (their["status"], their["deviated"])
    for part in ("run", "rollbacks"):
        assert sorted(_told(mine[part])) == sorted(_told(their[part]))
    for when in ("before", "after"):
        assert _state(mine, when) == _state(their, when)


def _told(items: list[Any]) -> list[str]:
    return [f"{each['activity']['name']} {each['status']} {each['output']}" for each in items]


def _state(journal: dict[str, Any], when: str) -> object:
    state = journal["steady_states"][when]
    return state and (state["steady_state_met"], [(each["status"], each["tolerance_met"]) for each in state["probes"]])


def test_an_action_that_failed_is_completed_there_and_invalid_here(ours: Play, theirs: Play, build: Any) -> None:
    data = build.experiment(build.action("boom"), build.action("give", "next"))
    their, mine = theirs(data), ours(data)
    assert (their["status"], their["deviated"]) == ("completed", False)
    assert [each["status"] for each in their["run"]] == ["failed", "succeeded"]
    assert (mine.verdict.word, mine.journal["status"]) == ("INVALID", "failed")
    assert [each["status"] for each in mine.journal["run"]] == ["failed"]


def test_a_hypothesis_not_met_at_first_is_completed_there_and_invalid_here(
    ours: Play, theirs: Play, build: Any
) -> None:
    data = build.experiment(build.action("give"), hypothesis=[build.probe("give", 2)])
    their, mine = theirs(data), ours(data)
    assert (their["status"], their["deviated"], their["run"]) == ("completed", False, [])
    assert (mine.verdict.word, mine.journal["status"], mine.journal["run"]) == ("INVALID", "failed", [])


def test_a_tolerance_in_the_method_is_ignored_there_and_evaluated_here(ours: Play, theirs: Play, build: Any) -> None:
    data = build.experiment(build.action("give"), build.probe("give", 5))
    their, mine = theirs(data), ours(data)
    assert (their["status"], their["deviated"]) == ("completed", False)
    assert (mine.verdict.word, mine.journal["deviated"]) == ("FAIL", True)


def test_rollbacks_after_a_failed_probe_are_left_out_there_and_played_here(
    ours: Play, theirs: Play, build: Any
) -> None:
    data = build.experiment(hypothesis=[build.probe("boom", 1)], rollbacks=[build.action("give", "undo")])
    assert theirs(data)["rollbacks"] == []
    assert [each["activity"]["name"] for each in ours(data).journal["rollbacks"]] == ["undo"]


def test_an_async_function_is_not_awaited_there_and_is_here(ours: Play, theirs: Play, build: Any) -> None:
    data = build.experiment(build.probe("give_later", value=7))
    assert "coroutine" in theirs(data)["run"][0]["output"]
    assert ours(data).journal["run"][0]["output"] == 7


def test_an_inline_secret_is_in_their_journal_and_not_in_ours(ours: Play, theirs: Play, build: Any) -> None:
    data = build.experiment(build.probe("give", value="${token}"), secrets={"api": {"token": "hunter22-inline"}})
    assert "hunter22-inline" in str(theirs(data))
    assert "hunter22-inline" not in str(ours(data).journal)
