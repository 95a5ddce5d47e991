"""What a test asks for is checked when it asks: what could never fire, or leave no trace, is refused."""

from typing import Any

import pytest

from llmops.chaos.faults.base import faults
from llmops.chaos.proxy.schedule import Schedule, Scope
from llmops.chaos.testing.fault_asked import FaultAsked, fault_asked
from llmops.errors import BadInput, UnknownName


def test_words_become_a_fault_its_schedule_and_its_scope() -> None:
    asked = fault_asked(
        "reset_mid_body",
        proxy="primary",
        schedule={"first": 2},
        scope={"models": ["gpt-4o*"]},
        after_bytes=7,
        lease_s=5,
    )
    assert isinstance(asked, FaultAsked)
    assert vars(asked.fault) == {"after_bytes": 7}
    assert (asked.schedule, asked.scope) == (Schedule(first=2), Scope(models=("gpt-4o*",)))
    assert (asked.type_name, asked.proxy, asked.lease_s) == ("reset_mid_body", "primary", 5)


@pytest.mark.parametrize("name", faults.names())
def test_no_parameter_of_a_fault_has_the_name_of_another_word(name: str) -> None:
    words = {"proxy", "schedule", "scope", "lease_s"}
    assert not words & set(getattr(faults.get(name), "__dataclass_fields__", {}))


@pytest.mark.parametrize(
    ("fault", "words", "error", "hint"),
    [
        ("unavailble", {}, "no fault is named 'unavailble'", "did you mean 'unavailable'?"),
        ("unavailable", {"after": 1}, "unavailable has no parameter 'after'", "it takes none"),
        ("reset_mid_body", {"after_byte": 1}, "no parameter 'after_byte'", "did you mean 'after_bytes'?"),
        ("reset_mid_body", {"after_bytes": "1"}, "after_bytes is '1'", "its type is int"),
        ("unavailable", {"first": 1}, "unavailable has no parameter 'first'", 'schedule={"first": …}'),
        ("unavailable", {"models": ["a"]}, "unavailable has no parameter 'models'", 'scope={"models": …}'),
        ("unavailable", {"schedule": {"frist": 1}}, "unknown key 'schedule.frist'", "did you mean 'first'?"),
        ("unavailable", {"schedule": {"first": 0}}, "first is 0", "it counts requests: 1 or more"),
        ("unavailable", {"schedule": {"first": True}}, "schedule.first: ", "found: True"),
        ("unavailable", {"schedule": 1}, "schedule must hold a mapping", "found: 1"),
        ("unavailable", {"scope": {"models": "gpt-4o"}}, "scope.models: ", "found: 'gpt-4o'"),
    ],
)
def test_what_is_wrong_is_named_with_a_hint(fault: str, words: dict[str, Any], error: str, hint: str) -> None:
    with pytest.raises(BadInput) as caught:
        fault_asked(fault, **words)
    assert error in str(caught.value)
    assert caught.value.hint == hint


def test_a_parameter_that_is_called_like_a_word_of_the_schedule_is_the_faults_own() -> None:
    assert vars(fault_asked("duplicate_chunks", every=3).fault)["every"] == 3
    assert fault_asked("duplicate_chunks", schedule={"every": 3}).schedule.every == 3


def test_a_fault_that_nobody_sees_anyone_meet_is_refused() -> None:
    with pytest.raises(BadInput, match="nobody sees who meets refused"):
        fault_asked("refused")
    with pytest.raises(BadInput, match="nobody sees who meets refused"):
        fault_asked("refused", schedule={"until_s": 5})
    assert fault_asked("refused", schedule={"every": 1}).schedule.every == 1  # accepted and reset: each is seen


def test_an_unknown_fault_is_a_name_that_is_not_known() -> None:
    with pytest.raises(UnknownName):
        fault_asked("nothing_like_it")
