"""Retries, fallback and breakers as scripted dialogues: what providers answer, and who was asked after which wait."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from llmops.chaos.gateway.reply import Reply
from llmops.chaos.gateway.routing import Question, Router
from llmops.chaos.gateway.settings import Settings, Upstream
from llmops.chaos.wire.dialects import DIALECTS

PRIMARY, BACKUP = Upstream("http://primary/v1"), Upstream("http://backup/v1", "gpt-4o-mini")
QUESTION = Question("/v1/chat/completions", b"{}", DIALECTS["openai_chat"], "gpt-4o", stream=False)
DOWN, LIMITED, UNKNOWN_KEY, WRONG = Reply(503), Reply(429, {"retry-after": "0.5"}), Reply(401), Reply(400)


def good(model: str = "gpt-4o") -> Reply:
    choice = {"index": 0, "message": {"role": "assistant", "content": "Fine."}, "finish_reason": "stop"}
    return Reply(200, {}, json.dumps({"model": model, "choices": [choice]}).encode())


@dataclass
class Providers:
    """What each answers in turn; the last answer stays."""

    primary: Sequence[Reply]
    backup: Sequence[Reply] = (good("gpt-4o-mini"),)
    asked: list[str] = field(default_factory=list)
    waits_s: list[float] = field(default_factory=list)
    now_s: float = 0.0

    async def ask(self, upstream: Upstream, _: Question) -> Reply:
        name = "primary" if upstream is PRIMARY else "backup"
        self.asked.append(name)
        answers: Sequence[Reply] = getattr(self, name)
        return answers[min(self.asked.count(name), len(answers)) - 1]

    async def sleep(self, seconds: float) -> None:
        self.waits_s.append(seconds)
        self.now_s += seconds

    def router(self, *ills: str, **more: Any) -> Router:
        settings = Settings((PRIMARY, BACKUP), ills=frozenset(ills), **more)
        return Router(settings, self.ask, clock=lambda: self.now_s, sleep=self.sleep)


def answered(router: Router) -> tuple[int | None, str]:
    reply, fate = asyncio.run(router.answer(QUESTION))
    return reply.status, fate


def test_a_good_answer_costs_one_attempt() -> None:
    providers = Providers([good()])
    assert answered(providers.router()) == (200, "good")
    assert (providers.asked, providers.waits_s) == (["primary"], [])


def test_a_provider_that_is_down_is_asked_once_more_and_then_the_backup() -> None:
    providers = Providers([DOWN])
    assert answered(providers.router(backoff_s=0.05)) == (200, "good")
    assert providers.asked == ["primary", "primary", "backup"]
    assert providers.waits_s == [0.05]


def test_the_wait_doubles_with_each_retry() -> None:
    providers = Providers([DOWN])
    answered(providers.router(retries=3, backoff_s=0.1))
    assert providers.waits_s == [0.1, 0.2, 0.4]


def test_a_retry_that_succeeds_needs_no_backup() -> None:
    providers = Providers([DOWN, good()])
    assert answered(providers.router()) == (200, "good")
    assert providers.asked == ["primary", "primary"]


def test_what_no_retry_will_mend_goes_to_the_backup_at_once_and_the_callers_own_fault_nowhere() -> None:
    refused = Providers([UNKNOWN_KEY])
    assert answered(refused.router()) == (200, "good")
    assert refused.asked == ["primary", "backup"]
    wrong = Providers([WRONG])
    assert answered(wrong.router()) == (400, "caller")
    assert wrong.asked == ["primary"]


def test_a_short_retry_after_is_waited_for_and_a_long_one_sends_to_the_backup() -> None:
    short = Providers([LIMITED, good()])
    assert answered(short.router(patience_s=1.0)) == (200, "good")
    assert (short.asked, short.waits_s) == (["primary", "primary"], [0.5])
    long = Providers([Reply(429, {"retry-after": "3600"})])
    assert answered(long.router(patience_s=1.0)) == (200, "good")
    assert (long.asked, long.waits_s) == (["primary", "backup"], [])


def test_when_all_fail_the_last_failure_is_told() -> None:
    providers = Providers([DOWN], [Reply(500)])
    assert answered(providers.router()) == (500, "retry")
    assert providers.asked == ["primary", "primary", "backup", "backup"]


def test_the_breaker_leaves_out_a_provider_that_is_down_until_it_is_well_again() -> None:
    providers = Providers([DOWN, DOWN, DOWN, DOWN, good()])
    router = providers.router(breaker_failures=4, cooldown_s=5.0)
    for _ in range(3):  # two attempts each: the third finds it open
        assert answered(router) == (200, "good")
    assert providers.asked == ["primary", "primary", "backup"] * 2 + ["backup"]
    providers.now_s += 5.0
    assert answered(router) == (200, "good")
    assert (providers.asked[-1], router.breakers[0].state) == ("primary", "closed")


def test_a_caller_who_hangs_up_while_the_breaker_looks_does_not_shut_it_for_ever() -> None:
    providers = Providers([DOWN])
    router = providers.router(retries=0, breaker_failures=1, cooldown_s=5.0)
    answered(router)
    providers.now_s += 5.0

    async def hung_up(*_: object) -> Reply:
        raise asyncio.CancelledError

    router._ask = hung_up
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(router.answer(QUESTION))
    assert router.breakers[0].allows()


# --- ill on purpose, each beside what a well one does above


def test_ill_multiplied_retries() -> None:
    providers = Providers([DOWN])
    answered(providers.router("multiplies_retries"))
    assert providers.asked.count("primary") == 4  # (1 + 1) squared


def test_ill_retry_after_ignored() -> None:
    providers = Providers([LIMITED, good()])
    answered(providers.router("ignores_retry_after", backoff_s=0.05))
    assert providers.waits_s == [0.05]


def test_ill_everything_retried() -> None:
    providers = Providers([UNKNOWN_KEY])
    answered(providers.router("retries_everything"))
    assert providers.asked == ["primary", "primary", "backup"]


def test_ill_fallback_of_what_is_the_callers_own_fault() -> None:
    providers = Providers([WRONG])
    assert answered(providers.router("falls_back_always")) == (200, "good")


def test_ill_no_fallback() -> None:
    providers = Providers([DOWN])
    assert answered(providers.router("never_falls_back")) == (503, "retry")
    assert providers.asked == ["primary", "primary"]


def test_ill_a_breaker_that_never_closes() -> None:
    providers = Providers([DOWN, good()])
    router = providers.router("never_closes", retries=0, breaker_failures=1, cooldown_s=1.0)
    answered(router)
    providers.now_s += 1e9
    answered(router)
    assert providers.asked == ["primary", "backup", "backup"]


def test_ill_whatever_is_in_a_200_is_good() -> None:
    providers = Providers([Reply(200, {}, b"", "cut")])
    assert answered(providers.router("launders")) == (200, "good")
    assert providers.asked == ["primary"]
