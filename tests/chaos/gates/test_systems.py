"""Whether a result is of the system that another tells of."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from llmops.chaos.gates.grammar import condition_of
from llmops.chaos.gates.judging import judge
from llmops.chaos.gates.loader import Gate
from llmops.chaos.gates.results.reading import Usable
from llmops.report import Report

AT = datetime(2026, 11, 25, 10, tzinfo=UTC)
DEPLOYED = {"image_digest": "sha256:aa", "ami_id": "ami-1"}
GATE = Gate("same", condition_of("system(infra-drill) == system(infra-status)"))

Read = Callable[..., Usable]


@pytest.fixture
def told(make: SimpleNamespace, usable: Read) -> Callable[..., list[tuple[str, str]]]:
    """What the gate says of a drill and a status, each with a system and hours after AT."""

    def judged(*results: tuple[str, dict[str, str], float]) -> list[tuple[str, str]]:
        read = []
        for kind, system, hours in results:
            at = AT + timedelta(hours=hours)
            report: Report = make.run(kind=kind, system=system, started_at=at, metrics=[], scenarios=[], verdict=None)
            read.append(usable(report))
        return [(it.found.word, it.found.reason) for it in judge(GATE, read)]

    return judged


def test_the_same_system_passes(told: Any) -> None:
    (only,) = told(("infra-drill", DEPLOYED, 0), ("infra-status", DEPLOYED, 1))
    assert only == ("PASS", "infra-drill is of the system of infra-status: 2 facts agree")


def test_what_was_drilled_and_is_not_deployed_fails_and_is_named(told: Any) -> None:
    (only,) = told(("infra-drill", DEPLOYED, 0), ("infra-status", {**DEPLOYED, "ami_id": "ami-2"}, 1))
    assert only == ("FAIL", "infra-drill is of another system: ami_id was ami-1, and is ami-2")


@pytest.mark.parametrize(
    ("drilled", "deployed", "reason"),
    [
        ({}, DEPLOYED, "infra-drill tells nothing of its system"),
        (DEPLOYED, {}, "infra-status tells nothing of its system"),
        (DEPLOYED, {"ami_id": "ami-1"}, "do not tell the same facts: image_digest"),
        ({"ami_id": "ami-1"}, DEPLOYED, "do not tell the same facts: image_digest"),
        ({"a": "unknown"}, {"a": "unknown"}, "a is not known: unknown"),  # equal, and proves nothing
        ({"a": "unknown: by tag"}, {"a": "unknown: by tag"}, "a is not known: unknown: by tag"),
        ({"a": "b"}, {"a": "unknown"}, "a is not known: unknown"),
    ],
)
def test_what_is_not_known_is_never_the_same(told: Any, drilled: Any, deployed: Any, reason: str) -> None:
    (only,) = told(("infra-drill", drilled, 0), ("infra-status", deployed, 1))
    assert (only[0], reason in only[1]) == ("INVALID", True)


def test_a_status_from_before_the_drill_tells_nothing_of_now(told: Any) -> None:
    (only,) = told(("infra-drill", DEPLOYED, 1), ("infra-status", DEPLOYED, 0))
    assert only[0] == "INVALID"
    assert "infra-status is older than infra-drill" in only[1]


@pytest.mark.parametrize(
    ("results", "reason"),
    [
        ([], "there is no result to judge by"),
        ([("infra-drill", DEPLOYED, 0)], "there is no result of infra-status"),
        ([("infra-status", DEPLOYED, 0)], "there is no result of infra-drill"),
        ([("chaos-run", DEPLOYED, 0)], "there is no result of infra-drill and none of infra-status"),
    ],
)
def test_without_both_it_is_invalid(told: Any, results: Any, reason: str) -> None:
    assert told(*results) == [("INVALID", reason)]


def test_every_drill_is_asked(told: Any) -> None:
    other = {**DEPLOYED, "ami_id": "ami-0"}
    words = [
        word for word, _ in told(("infra-drill", DEPLOYED, 0), ("infra-drill", other, 0), ("infra-status", DEPLOYED, 1))
    ]
    assert words == ["PASS", "FAIL"]
