"""Functions are called with their arguments, secrets and configuration; what they raise is told."""

import asyncio
import threading
import time
from typing import Any

import pytest

from llmops.chaos.experiments.chaostoolkit.providers.base import ActivityFailed
from llmops.chaos.experiments.chaostoolkit.providers.python import Interrupt, Python
from llmops.chaos.experiments.chaostoolkit.values import Values
from llmops.errors import NoData

VALUES = Values({"word": "w"}, {"api": {"token": "t"}, "other": {"x": "y"}})


@pytest.fixture(autouse=True)
def _acts(acts: Any) -> Any:
    return acts


def call(func: str, *, secrets: list[str] | None = None, **arguments: Any) -> object:
    return asyncio.run(Python("acts", func, arguments, secrets or []).call(VALUES))


def test_its_arguments_are_filled_in() -> None:
    assert call("give", value={"a": "${word}"}) == {"a": "w"}


def test_one_that_is_async_is_awaited() -> None:
    assert call("give_later", value=5) == 5


def test_it_is_given_configuration_and_the_secrets_that_it_names() -> None:
    assert call("given", secrets=["api"]) == {"configuration": {"word": "w"}, "secrets": {"token": "t"}}


def test_what_it_raises_is_a_failure_with_its_words() -> None:
    with pytest.raises(ActivityFailed, match="RuntimeError: no such cluster"):
        call("boom", words="no such cluster")


def test_one_that_leaves_the_process_does_not() -> None:
    with pytest.raises(ActivityFailed, match="SystemExit: 3"):
        call("leave")


def test_it_may_say_that_there_is_nothing_to_judge(acts: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def say() -> None:
        raise NoData("no sample")

    monkeypatch.setattr(acts, "boom", say)
    with pytest.raises(NoData, match="no sample"):
        call("boom")


def test_it_may_interrupt_the_experiment_as_theirs_do(acts: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = type("InterruptExecution", (Exception,), {"__module__": "chaoslib.exceptions"})

    def say() -> None:
        raise kind("enough")

    monkeypatch.setattr(acts, "boom", say)
    with pytest.raises(Interrupt, match="enough"):
        call("boom")


def test_one_that_never_returns_is_left_behind_when_it_is_given_up() -> None:
    async def give_up() -> None:
        async with asyncio.timeout(0.05):
            await Python("acts", "hang").call(VALUES)

    began = time.monotonic()
    with pytest.raises(TimeoutError):
        asyncio.run(give_up())
    assert time.monotonic() - began < 5
    assert all(thread.daemon for thread in threading.enumerate() if thread is not threading.main_thread())


@pytest.mark.parametrize(
    ("provider", "words"),
    [
        (Python("no_such_module", "f"), "the module 'no_such_module' cannot be imported: ModuleNotFoundError"),
        (Python("acts", "giev"), "the module 'acts' has no function 'giev'"),
        (Python("acts", "give", {"valeu": 1}), "give cannot be called so: got an unexpected keyword argument 'valeu'"),
        (Python("acts", "boom_at"), "boom_at cannot be called so: missing a required argument: 'turn'"),
    ],
)
def test_one_that_could_never_be_called_is_refused(provider: Python, words: str) -> None:
    assert words in provider.refusal()


def test_what_is_given_from_outside_need_not_be_an_argument() -> None:
    assert Python("acts", "given", secrets=["api"]).refusal() == ""
    assert Python("acts", "give").problem("any output") == ""
