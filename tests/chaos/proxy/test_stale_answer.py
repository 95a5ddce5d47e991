"""`stale_answer` through the running proxy: one client gets what another was told."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from llmops.chaos.providers.base import providers
from llmops.chaos.providers.serving.desk import Settings, truth_of
from llmops.chaos.providers.serving.server import serve
from llmops.chaos.proxy.address import Address
from llmops.chaos.proxy.injection import Injection, make_fault
from llmops.chaos.proxy.injections import Injections
from llmops.chaos.proxy.journal import Journal
from llmops.chaos.proxy.proxy import ProviderPlan, Proxy, ProxyPlan

FIRST, SECOND = "What is the capital of France?", "How do I reset my password?"
PROVIDER_OF = {"openai_chat": "openai", "openai_responses": "openai", "anthropic_messages": "anthropic", "gemini": "gemini"}  # fmt: skip  # noqa: E501
Said = Callable[[str, bytes], str]


def asked(dialect: str, text: str, *, stream: bool) -> tuple[str, dict[str, Any]]:
    """A request: its path and its body."""
    messages = [{"role": "user", "content": text}]
    if dialect == "gemini":
        method = "streamGenerateContent?alt=sse" if stream else "generateContent"
        return f"/v1beta/models/gemini-2.5-flash:{method}", {"contents": [{"role": "user", "parts": [{"text": text}]}]}
    if dialect == "openai_responses":
        return "/v1/responses", {"model": "gpt-4o", "input": text, "stream": stream}
    if dialect == "openai_chat":
        return "/v1/chat/completions", {"model": "gpt-4o", "messages": messages, "stream": stream}
    return "/v1/messages", {"model": "claude-sonnet-5", "max_tokens": 500, "messages": messages, "stream": stream}


def truth(dialect: str, text: str, *, stream: bool) -> str:
    """What the simulated provider says to it, known beforehand."""
    path, body = asked(dialect, text, stream=stream)
    told = truth_of(providers.get(PROVIDER_OF[dialect])(), path.partition("?")[0], json.dumps(body).encode())
    assert told
    return told


class Bench:
    """A proxy before a simulated provider, and clients of it."""

    def __init__(self, proxy: Proxy, dialect: str, said: Said) -> None:
        self._proxy, self._dialect, self._said = proxy, dialect, said

    @property
    def injections(self) -> Injections:
        return self._proxy.providers["it"].injections

    async def ask(self, text: str, *, stream: bool) -> str:
        """The text that a new client is told."""
        path, body = asked(self._dialect, text, stream=stream)
        keys = {"authorization": "Bearer any", "x-api-key": "any", "x-goog-api-key": "any"}
        url = f"http://{self._proxy.listeners['it'].address}{path}"
        async with aiohttp.ClientSession() as client, client.post(url, json=body, headers=keys) as answer:
            data = await answer.read()
            assert answer.status == 200, data
        return self._said(self._dialect, data)

    def make_stale(self) -> None:
        self.injections.add(Injection("stale_answer", make_fault("stale_answer", {})), lease_s=60)


@asynccontextmanager
async def bench(dialect: str, journal: Path, said: Said) -> AsyncIterator[Bench]:
    async with serve(providers.get(PROVIDER_OF[dialect])(), Settings()) as upstream:
        plan = ProxyPlan((ProviderPlan("it", Address("127.0.0.1", upstream.port)),))
        proxy = Proxy(plan, Journal(journal))
        try:
            await proxy.start()
            yield Bench(proxy, dialect, said)
        finally:
            await proxy.close(drain_s=1)
            proxy.journal.close()


def lines(journal: Path, kind: str) -> list[dict[str, Any]]:
    return [line for line in map(json.loads, journal.read_text().splitlines()) if line["kind"] == kind]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("dialect", PROVIDER_OF)
def test_the_second_client_is_told_what_the_first_one_asked_for(
    journal_file: Path, said: Said, dialect: str, stream: bool
) -> None:
    first, second = (truth(dialect, text, stream=stream) for text in (FIRST, SECOND))
    assert first != second

    async def main() -> None:
        async with bench(dialect, journal_file, said) as it:
            assert await it.ask(SECOND, stream=stream) == second  # healthy
            assert await it.ask(FIRST, stream=stream) == first
            it.make_stale()
            assert await it.ask(SECOND, stream=stream) == first
            it.injections.remove("stale_answer")
            assert await it.ask(SECOND, stream=stream) == second  # and healthy again

    asyncio.run(main())
    (receipt,) = lines(journal_file, "receipt")
    assert (receipt["fault"], receipt["applied"], receipt["call"]) == ("stale_answer", True, 3)
    assert (receipt["what"], receipt["characters_after"]) == ("answer of an earlier request", len(first))
    assert [record.get("faults") for record in lines(journal_file, "wire")] == [None, None, ["stale_answer"], None]


def test_an_earlier_stream_is_told_in_one_piece_and_the_other_way_round(journal_file: Path, said: Said) -> None:
    async def main() -> None:
        async with bench("openai_chat", journal_file, said) as it:
            for stream in (True, False):
                await it.ask(FIRST, stream=stream)
                it.make_stale()
                assert await it.ask(SECOND, stream=not stream) == truth("openai_chat", FIRST, stream=stream)
                it.injections.clear()

    asyncio.run(main())
    assert [receipt["applied"] for receipt in lines(journal_file, "receipt")] == [True, True]


def test_the_very_first_request_is_told_the_truth_and_the_receipt_says_why(journal_file: Path, said: Said) -> None:
    async def main() -> None:
        async with bench("openai_chat", journal_file, said) as it:
            it.make_stale()
            assert await it.ask(FIRST, stream=False) == truth("openai_chat", FIRST, stream=False)

    asyncio.run(main())
    (receipt,) = lines(journal_file, "receipt")
    assert (receipt["applied"], receipt["reason"]) == (False, "no earlier answer is remembered")
