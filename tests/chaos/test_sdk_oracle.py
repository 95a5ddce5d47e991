"""The official SDKs as oracle: what openai 3.54.0 and anthropic 2.12.0 make of every fault, through the real proxy.

Client → proxy with the fault → simulated provider. `sdk_outcomes.toml` pins what they return or raise;
LLMOPS_UPDATE_DOCS=1 (without xdist) writes it anew. The second half is failover-behaviour.md, section 4, row by row.
"""

import asyncio
import importlib.metadata
import json
import os
import ssl
import threading
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anthropic
import openai
import pytest

from llmops.chaos.faults.base import faults
from llmops.chaos.providers.base import providers
from llmops.chaos.providers.serving.desk import Settings
from llmops.chaos.providers.serving.server import serve
from llmops.chaos.proxy.address import Address
from llmops.chaos.proxy.injection import Injection, make_fault
from llmops.chaos.proxy.journal import Journal
from llmops.chaos.proxy.proxy import ProviderPlan, Proxy, ProxyPlan
from llmops.chaos.proxy.schedule import Schedule

VERSIONS = {"openai": "3.54.0", "anthropic": "2.12.0"}
TABLE = Path(__file__).parent / "sdk_outcomes.toml"
TIMEOUT_S = 1.0  # of the SDKs in this test, so that a silence does not last ten minutes

Option = Any  # of an SDK
Outcome = Any  # what an SDK returned; its types are what is judged here
Facts = dict[str, Any]

pytestmark = pytest.mark.skipif(
    any(importlib.metadata.version(name) != version for name, version in VERSIONS.items()),
    reason=f"the outcomes are those of {VERSIONS}",
)

# --- what is asked

SCHEMA = {
    "type": "object",
    "properties": {
        "city": {"type": "string"},
        "country": {"type": "string"},
        "people": {"type": "integer", "minimum": 12_345, "maximum": 98_765},
        "rivers": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["city", "country", "people", "rivers"],
    "additionalProperties": False,
}
HELLO: Any = [{"role": "user", "content": "hello"}]
OPENAI: dict[str, Any] = {
    "text": {},
    "tools": {
        "tools": [{"type": "function", "function": {"name": "look_up", "parameters": SCHEMA}}],
        "tool_choice": "required",
    },
    "schema": {"response_format": {"type": "json_schema", "json_schema": {"name": "facts", "schema": SCHEMA}}},
}
ANTHROPIC: dict[str, Any] = {
    "text": {},
    "tools": {"tools": [{"name": "look_up", "input_schema": SCHEMA}], "tool_choice": {"type": "any"}},
    "schema": {"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}},
}
RESPONSES: dict[str, dict[str, Any]] = {
    "text": {},
    "tools": {
        "tools": [{"type": "function", "name": "look_up", "parameters": SCHEMA}],
        "tool_choice": "required",
    },
    "schema": {"text": {"format": {"type": "json_schema", "name": "facts", "schema": SCHEMA}}},
}
ASK_OF_FAULT = {
    "broken_tool_arguments": "tools",
    "unknown_tool": "tools",
    "schema_break": "schema",
    "emptied_lists": "schema",
    "swapped_fields": "schema",
    "transposed_digits": "schema",
}
PARAMETERS: dict[str, dict[str, Any]] = {
    "accept_then_silence": {"for_s": 5.0},
    "clean_end_mid_answer": {"after_bytes": 500},
    "fin_mid_chunk": {"after_bytes": 500},
    "reset_mid_body": {"after_bytes": 500},
    "delayed_answer": {"delay_s": 0.05},
    "handshake_stall": {"for_s": 5.0},
    "keep_alive_flood": {"comments": 50},
    "rate_limiter": {"requests_per_minute": 1000},
    "slow_fin": {"delay_s": 0.05},
    "slow_first_token": {"delay_s": 0.05},
    "stall_after_tokens": {"for_s": 5.0},
    "throttled_answer": {"bytes_per_second": 200_000.0},
    "trickle": {"step_bytes": 500, "every_s": 0.001},
}
AS_IT_HAPPENS = {"reset_mid_body"}  # how much a client reads before a RST reaches it is anybody's guess
NEEDS_TLS = {"expired_certificate", "wrong_host", "unknown_authority", "handshake_stall"}


# --- the bench: both providers and the proxy, in a thread with a loop of its own


class Bench:
    """A proxy before simulated providers; injections go in from outside the loop."""

    def __init__(self, proxy: Proxy, journal: Path, loop: asyncio.AbstractEventLoop) -> None:
        self.proxy, self._journal, self._loop = proxy, journal, loop
        self._read = 0
        plain = ssl.create_default_context(cafile=proxy.authority_file)  # made once: it takes a tenth of a second
        self.trust = plain

    def in_loop(self, work: Callable[[], Any]) -> Any:
        async def run() -> Any:
            return work()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(10)

    @contextmanager
    def fault(self, name: str, provider: str, schedule: Schedule | None = None, **parameters: object) -> Iterator[None]:
        """The fault is on for all requests to a provider (openai, anthropic, and both as …_tls) in this block."""
        injections = self.proxy.providers[provider].injections
        injection = Injection(name, make_fault(name, parameters), schedule or Schedule())
        self.receipts()
        self.in_loop(lambda: injections.add(injection, lease_s=60))
        try:
            yield
        finally:
            self.in_loop(lambda: injections.remove(name))
            asyncio.run_coroutine_threadsafe(self._listening(provider), self._loop).result(10)

    async def _listening(self, provider: str) -> None:
        """A listener that refused is opened again a moment after its fault has ended."""
        while not self.proxy.listeners[provider].accepts:  # noqa: ASYNC110 - the proxy has no event for it
            await asyncio.sleep(0.005)

    def some_receipts(self) -> list[dict[str, Any]]:
        """New ones, waited for: that a fault did not apply is known only at the end of an answer."""
        limit = time.monotonic() + 5
        while not (found := self.receipts()) and time.monotonic() < limit:
            time.sleep(0.005)
        return found

    def receipts(self) -> list[dict[str, Any]]:
        """Those that are new since the last time; a line that is still being written is for the next."""
        lines = self._journal.read_bytes().split(b"\n")[:-1]
        fresh, self._read = lines[self._read :], len(lines)
        return [line for line in map(json.loads, fresh) if line["kind"] == "receipt"]

    def openai(self, *, tls: bool = False, **more: Option) -> openai.OpenAI:
        url = self.proxy.base_url("openai_tls" if tls else "openai")
        http = openai.DefaultHttpxClient(verify=self.trust)
        options = {"api_key": "any", "max_retries": 0, "timeout": TIMEOUT_S, "http_client": http, **more}
        return openai.OpenAI(base_url=f"{url}/v1", **options)

    def anthropic(self, *, tls: bool = False, **more: Option) -> anthropic.Anthropic:
        url = self.proxy.base_url("anthropic_tls" if tls else "anthropic")
        http = anthropic.DefaultHttpxClient(verify=self.trust)
        options = {"api_key": "any", "max_retries": 0, "timeout": TIMEOUT_S, "http_client": http, **more}
        return anthropic.Anthropic(base_url=url, **options)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    journal = tmp_path_factory.mktemp("oracle") / "proxy.jsonl"
    loop, stop, begun = asyncio.new_event_loop(), asyncio.Event(), threading.Event()
    made: list[Bench] = []

    async def main() -> None:
        async with (
            serve(providers.get("openai")(), Settings()) as one,
            serve(providers.get("anthropic")(), Settings()) as two,
        ):
            plans = [
                ProviderPlan(f"{name}{'_tls' if tls else ''}", Address("127.0.0.1", port), tls=tls)
                for name, port in (("openai", one.port), ("anthropic", two.port))
                for tls in (False, True)
            ]
            proxy = Proxy(ProxyPlan(tuple(plans)), Journal(journal))
            await proxy.start()
            made.append(Bench(proxy, journal, loop))
            begun.set()
            await stop.wait()
            await proxy.close(drain_s=1)
            proxy.journal.close()

    thread = threading.Thread(target=lambda: loop.run_until_complete(main()), daemon=True)
    thread.start()
    assert begun.wait(30), "the proxy did not come up"
    yield made[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join(30)
    loop.close()


# --- what the SDKs made of it, in facts


def openai_chat(client: openai.OpenAI, ask: str) -> Facts:
    answer: Outcome = client.chat.completions.create(model="gpt-4o", messages=HELLO, **OPENAI[ask])
    if not isinstance(answer, openai.types.chat.ChatCompletion):
        return {"returns": type(answer).__name__}
    if not answer.choices:
        return {"choices": answer.choices, "model": answer.model, "usage": counted(answer.usage)}
    choice: Outcome = answer.choices[0]
    calls = [(call.function.name, call.function.arguments) for call in choice.message.tool_calls or []]
    return {
        "text": choice.message.content,
        "finish": choice.finish_reason,
        "refusal": choice.message.refusal,
        "calls": calls,
        "model": answer.model,
        "usage": counted(answer.usage),
        "fingerprint": answer.system_fingerprint,
    }


def openai_stream(client: openai.OpenAI, ask: str) -> Facts:
    facts: Facts = {"text": None, "finish": None, "refusal": None, "calls": [], "model": None, "usage": None}
    return facts | streamed(facts, lambda: _openai_chunks(client, ask, facts))


def _openai_chunks(client: openai.OpenAI, ask: str, facts: Facts) -> None:
    options = {"stream": True, "stream_options": {"include_usage": True}, **OPENAI[ask]}
    stream: Outcome = client.chat.completions.create(model="gpt-4o", messages=HELLO, **options)
    for chunk in stream:
        facts["chunks"] = True
        facts["model"] = facts["model"] or chunk.model
        facts["fingerprint"] = chunk.system_fingerprint
        facts["usage"] = counted(chunk.usage) or facts["usage"]
        for choice in chunk.choices or []:
            delta = choice.delta
            if delta.content is not None:
                facts["text"] = (facts["text"] or "") + delta.content
            facts["refusal"] = ((facts["refusal"] or "") + delta.refusal) if delta.refusal else facts["refusal"]
            facts["finish"] = choice.finish_reason or facts["finish"]
            for call in delta.tool_calls or []:
                add_call(facts["calls"], call.function.name, call.function.arguments or "")


def responses(client: openai.OpenAI, ask: str) -> Facts:
    answer: Outcome = client.responses.create(model="gpt-4o", input="hello", **RESPONSES[ask])
    if not isinstance(answer, openai.types.responses.Response):
        return {"returns": type(answer).__name__}
    if answer.output is None:
        return {"output": None, "model": answer.model, "usage": counted(answer.usage)}
    parts = [part for item in answer.output if item.type == "message" for part in item.content]
    return {
        "text": answer.output_text if any(part.type == "output_text" for part in parts) else None,
        "finish": finish_of(answer),
        "refusal": "".join(part.refusal for part in parts if part.type == "refusal") or None,
        "calls": [(item.name, item.arguments) for item in answer.output if item.type == "function_call"],
        "model": answer.model,
        "usage": counted(answer.usage),
    }


def finish_of(answer: Outcome) -> str | None:
    """Its status, and what is missing of it."""
    details = answer.incomplete_details
    return answer.status if details is None else f"{answer.status} ({details.reason})"


def responses_stream(client: openai.OpenAI, ask: str) -> Facts:
    facts: Facts = {"text": None, "finish": None, "refusal": None, "calls": [], "model": None, "usage": None}
    return facts | streamed(facts, lambda: _responses_events(client, ask, facts))


def _responses_events(client: openai.OpenAI, ask: str, facts: Facts) -> None:
    options = {"stream": True, **RESPONSES[ask]}
    stream: Outcome = client.responses.create(model="gpt-4o", input="hello", **options)
    for event in stream:
        facts["chunks"] = True
        match event.type:
            case "response.created":
                facts["model"] = event.response.model
            case "response.output_text.delta":
                facts["text"] = (facts["text"] or "") + event.delta
            case "response.refusal.delta":
                facts["refusal"] = (facts["refusal"] or "") + event.delta
            case "response.output_item.added" if event.item.type == "function_call":
                facts["calls"].append((event.item.name, ""))
            case "response.function_call_arguments.delta":
                add_call(facts["calls"], None, event.delta)
            case "response.completed" | "response.incomplete" | "response.failed":
                facts["finish"], facts["usage"] = finish_of(event.response), counted(event.response.usage)
            case "error":
                facts["error event"] = event.code


def add_call(calls: list[tuple[str, str]], name: str | None, arguments: str) -> None:
    if name:
        calls.append((name, arguments))
    elif calls:
        calls[-1] = (calls[-1][0], calls[-1][1] + arguments)


def anthropic_messages(client: anthropic.Anthropic, ask: str) -> Facts:
    answer: Outcome = client.messages.create(model="claude-sonnet-5", max_tokens=1024, messages=HELLO, **ANTHROPIC[ask])
    if not isinstance(answer, anthropic.types.Message):
        return {"returns": type(answer).__name__}
    if answer.content is None:
        return {"content": None, "type": answer.type}
    return {
        "text": "".join(block.text or "" for block in answer.content if block.type == "text")
        if answer.content
        else None,
        "finish": answer.stop_reason,
        "calls": [(block.name, json.dumps(block.input)) for block in answer.content if block.type == "tool_use"],
        "model": answer.model,
        "usage": counted(answer.usage),
    }


def anthropic_stream(client: anthropic.Anthropic, ask: str) -> Facts:
    facts: Facts = {"text": None, "finish": None, "calls": [], "model": None, "usage": None, "stopped": False}
    return facts | streamed(facts, lambda: _anthropic_events(client, ask, facts))


def _anthropic_events(client: anthropic.Anthropic, ask: str, facts: Facts) -> None:
    options = {"stream": True, **ANTHROPIC[ask]}
    stream: Outcome = client.messages.create(model="claude-sonnet-5", max_tokens=1024, messages=HELLO, **options)
    for event in stream:
        facts["chunks"] = True
        match event.type:
            case "message_start":
                facts["model"] = event.message.model
            case "content_block_start" if event.content_block.type == "tool_use":
                facts["calls"].append((event.content_block.name, ""))
            case "content_block_delta":
                if event.delta.type == "input_json_delta":
                    add_call(facts["calls"], None, event.delta.partial_json)
                else:
                    facts["text"] = (facts["text"] or "") + (event.delta.text or "")
            case "message_delta":
                facts["finish"], facts["usage"] = event.delta.stop_reason, counted(event.usage)
            case "message_stop":
                facts["stopped"] = True


def streamed(facts: Facts, read: Callable[[], None]) -> Facts:
    facts["chunks"] = False
    try:
        read()
    except Exception as error:
        if not facts["chunks"]:
            raise
        facts["then raises"] = raised(error)
    return {}


def embeddings(client: openai.OpenAI, _: str) -> Facts:
    answer: Outcome = client.embeddings.create(model="text-embedding-3-small", input=["a red fox", "tax law", "rain"])
    return {"vectors": [list(item.embedding) for item in answer.data]}


def counted(usage: Outcome) -> int | None:
    """All tokens that an answer counts; None where it counts none."""
    if usage is None:
        return None
    total = getattr(usage, "total_tokens", None)
    counts = [getattr(usage, "input_tokens", None), getattr(usage, "output_tokens", None)]
    known = [count for count in counts if count is not None]
    return total if total is not None else sum(known) if known else None


def raised(error: Exception) -> str:
    status = getattr(error, "status_code", None)
    name = f"{type(error).__module__.partition('.')[0]}.{type(error).__name__}"
    return f"{name} {status}" if status is not None else name


# --- an outcome in words: what differs from the healthy answer


def outcome(ask: Callable[[], Facts], healthy: Facts) -> str:
    try:
        facts = ask()
    except Exception as error:  # noqa: BLE001 - whatever the SDK raises is the outcome
        return f"raises {raised(error)}"
    if "vectors" in facts:
        return vectors_in_words(facts["vectors"], healthy["vectors"])
    if facts.keys() <= {"returns", "choices", "content", "output", "type", "model", "usage"}:
        return ", ".join(f"{name}: {value}" for name, value in facts.items() if value != healthy.get(name, ""))
    if facts.get("chunks") is False:
        return "no chunks, no exception"
    different = [
        in_words(name, value, healthy.get(name)) for name, value in facts.items() if value != healthy.get(name)
    ]
    return ", ".join(different) or "as healthy"


def in_words(name: str, value: Any, healthy: Any) -> str:
    if name == "text":
        return f"text {text_in_words(value, healthy or '')}"
    if name == "calls":
        return f"calls {' '.join(call_in_words(name, arguments, healthy) for name, arguments in value) or 'none'}"
    if name == "usage":
        return f"usage {value if value in {None, 0} else 'differs'}"
    if name == "refusal":
        return "refusal said"
    if name == "then raises":
        return f"then raises {value}"
    return f"{name} {value}"


def text_in_words(text: str | None, healthy: str) -> str:
    if text is None:
        return "none"
    if not text:
        return "empty"
    if text.isspace():
        return "blank"
    return "cut" if healthy.startswith(text) else "differs"


def call_in_words(name: str, arguments: str, healthy: list[tuple[str, str]]) -> str:
    try:
        json.loads(arguments)
    except json.JSONDecodeError:
        return f"{name} with broken arguments"
    return f"{name} with {'the same' if (arguments in {said for _, said in healthy}) else 'other'} arguments"


def vectors_in_words(vectors: list[list[float]], healthy: list[list[float]]) -> str:
    if vectors == healthy:
        return "as healthy"
    if any(value != value for vector in vectors for value in vector):  # noqa: PLR0124 - a NaN is not itself
        return "NaN in vectors"
    if not any(value for vector in vectors for value in vector):
        return "zero vectors"
    if {len(vector) for vector in vectors} != {len(vector) for vector in healthy}:
        return f"vectors of {len(vectors[0])}"
    return "vectors in another order" if sorted(vectors) == sorted(healthy) else "other vectors"


# --- the table


KINDS: dict[str, Callable[[Any, str], Facts]] = {
    "openai": openai_chat,
    "openai_stream": openai_stream,
    "openai_responses": responses,
    "openai_responses_stream": responses_stream,
    "anthropic": anthropic_messages,
    "anthropic_stream": anthropic_stream,
    "openai_embeddings": embeddings,
}


def client_of(bench: Bench, provider: str, *, tls: bool) -> Any:
    return bench.anthropic(tls=tls) if provider == "anthropic" else bench.openai(tls=tls)


def outcomes(bench: Bench, name: str) -> dict[str, str]:
    """What each SDK makes of a fault, and what the receipts say where it was not applied."""
    family = faults.get(name).family
    kinds = ["openai_embeddings"] if family == "embeddings" else [kind for kind in KINDS if kind != "openai_embeddings"]
    return {kind: one_outcome(bench, name, kind) for kind in kinds}


def one_outcome(bench: Bench, name: str, kind: str) -> str:
    provider, tls = kind.partition("_")[0], name in NEEDS_TLS
    ask = ASK_OF_FAULT.get(name, "text")
    with client_of(bench, provider, tls=tls) as client:
        healthy = {} if tls else KINDS[kind](client, ask)
        if name == "stale_answer":
            earlier(client, kind)
    with (
        client_of(bench, provider, tls=tls) as client,
        bench.fault(name, f"{provider}_tls" if tls else provider, **PARAMETERS.get(name, {})),
    ):
        found = outcome(lambda: KINDS[kind](client, ask), healthy)
        if name == "half_open_keep_alive":
            found = f"{found}; the next: {outcome(lambda: KINDS[kind](client, ask), healthy)}"
        receipts = bench.some_receipts()
    if name in AS_IT_HAPPENS:
        found = f"… raises {found.rpartition('raises ')[2]}"
    refused = {receipt["reason"] for receipt in receipts if not receipt["applied"]}
    assert receipts, f"every fault leaves a receipt: {kind} {found}"
    return f"{found} (not applied: {'; '.join(sorted(refused))})" if refused else found


def earlier(client: Any, kind: str) -> None:
    other: Any = [{"role": "user", "content": "something else"}]
    if kind.startswith("openai_responses"):
        client.responses.create(model="gpt-4o", input="something else")
    elif kind.startswith("anthropic"):
        client.messages.create(model="claude-sonnet-5", max_tokens=1024, messages=other)
    else:
        client.chat.completions.create(model="gpt-4o", messages=other)


def pinned() -> dict[str, dict[str, str]]:
    return tomllib.loads(TABLE.read_text(encoding="utf-8")) if TABLE.exists() else {}


def pin(name: str, found: dict[str, str]) -> None:
    table = {**pinned(), name: found}
    versions = " and ".join(f"{name} {version}" for name, version in VERSIONS.items())
    lines = [f"# What {versions} made of each fault; written by test_sdk_oracle.py."]
    for fault in sorted(table):
        lines += ["", f"[{fault}]", *(f"{kind} = {json.dumps(said)}" for kind, said in table[fault].items())]
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.mark.parametrize("name", faults.names())
def test_what_the_sdks_make_of_a_fault_is_what_the_table_says(bench: Bench, name: str) -> None:
    found = outcomes(bench, name)
    if os.environ.get("LLMOPS_UPDATE_DOCS"):
        pin(name, found)
    assert pinned().get(name) == found


def test_the_table_has_no_fault_that_is_gone() -> None:
    assert sorted(pinned()) == faults.names()


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_fault_all_is_as_healthy(bench: Bench, kind: str) -> None:
    with client_of(bench, kind.partition("_")[0], tls=False) as client:
        healthy = KINDS[kind](client, "text")
        assert outcome(lambda: KINDS[kind](client, "text"), healthy) == "as healthy"


# --- failover-behaviour.md, section 4, row by row


def chat(client: openai.OpenAI, **more: Option) -> Outcome:
    return client.chat.completions.create(model="gpt-4o", messages=HELLO, **more)


def message(client: anthropic.Anthropic, **more: Option) -> Outcome:
    return client.messages.create(model="claude-sonnet-5", max_tokens=1024, messages=HELLO, **more)


def test_html_with_200_is_a_str_in_both(bench: Bench) -> None:
    with bench.openai() as client, bench.fault("html_as_200", "openai"):
        assert type(chat(client)) is str
    with bench.anthropic() as client, bench.fault("html_as_200", "anthropic"):
        assert type(message(client)) is str


def test_an_error_with_200_is_an_answer_without_choices(bench: Bench) -> None:
    with bench.openai() as client, bench.fault("error_as_200", "openai"):
        answer = chat(client)
        assert isinstance(answer, openai.types.chat.ChatCompletion)
        assert answer.choices is None
    with bench.anthropic() as client, bench.fault("error_as_200", "anthropic"):
        assert message(client).content is None


@pytest.mark.parametrize("name", ["empty_body", "truncated_json"])
@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_an_empty_or_truncated_body_is_a_bare_json_error_and_not_retried(
    bench: Bench, name: str, provider: str
) -> None:
    client = bench.openai(max_retries=2) if provider == "openai" else bench.anthropic(max_retries=2)
    with client, bench.fault(name, provider):
        with pytest.raises(json.JSONDecodeError):
            chat(client) if isinstance(client, openai.OpenAI) else message(client)
        assert len(applied(bench.some_receipts())) == 1


@pytest.mark.parametrize("name", ["html_as_200", "error_as_200", "empty_body", "only_terminator"])
def test_a_stream_that_is_none_has_no_chunks_and_no_exception(bench: Bench, name: str) -> None:
    with bench.openai() as client, bench.fault(name, "openai"):
        assert list(chat(client, stream=True)) == []
        assert len(applied(bench.some_receipts())) == 1


@pytest.mark.parametrize("position", ["first", "after_role", "mid"])
def test_an_error_event_is_an_api_error_in_openai(bench: Bench, position: str) -> None:
    with bench.openai(max_retries=2) as client, bench.fault("error_event", "openai", position=position):
        with pytest.raises(openai.APIError) as caught:
            list(chat(client, stream=True))
        assert type(caught.value) is openai.APIError
        assert len(applied(bench.some_receipts())) == 1  # never retried


def test_a_malformed_chunk_is_a_bare_json_error(bench: Bench) -> None:
    with bench.openai() as client, bench.fault("malformed_chunk", "openai"), pytest.raises(json.JSONDecodeError):
        list(chat(client, stream=True))
    with bench.anthropic() as client, bench.fault("malformed_chunk", "anthropic"), pytest.raises(json.JSONDecodeError):
        list(message(client, stream=True))


def test_a_clean_cut_is_seen_by_neither(bench: Bench) -> None:
    with bench.openai() as client, bench.fault("clean_end_mid_answer", "openai", after_bytes=3000):
        chunks = list(chat(client, stream=True))
        assert chunks
        assert all(choice.finish_reason is None for chunk in chunks for choice in chunk.choices)
    with bench.anthropic() as client, bench.fault("clean_end_mid_answer", "anthropic", after_bytes=3000):
        with client.messages.stream(model="claude-sonnet-5", max_tokens=1024, messages=HELLO) as stream:
            text = "".join(stream.text_stream)
            final = stream.get_final_message()
        assert text
        assert final.stop_reason is None


def test_a_cut_connection_is_wrapped_by_openai_and_raw_in_anthropic(bench: Bench) -> None:
    with bench.openai() as client, bench.fault("fin_mid_chunk", "openai", after_bytes=3000):  # noqa: SIM117 - a table of cases reads better so
        with pytest.raises(openai.APIConnectionError):
            list(chat(client, stream=True))
    with bench.anthropic() as client, bench.fault("fin_mid_chunk", "anthropic", after_bytes=3000):  # noqa: SIM117 - a table of cases reads better so
        with pytest.raises(Exception, match="peer closed connection") as caught:
            list(message(client, stream=True))
    assert raised(caught.value) == "httpx2.RemoteProtocolError"


@pytest.mark.parametrize("position", ["first", "after_role", "mid"])
def test_an_error_inside_a_response_is_an_event_like_any_other(bench: Bench, position: str) -> None:
    """In chat completions the same SDK raises; here who does not look at types takes a cut answer for a whole one."""
    with bench.openai() as client, bench.fault("error_event", "openai", position=position):
        events = list(client.responses.create(model="gpt-4o", input="hello", stream=True))
        assert len(applied(bench.some_receipts())) == 1
    assert [event.type for event in events if event.type in {"error", "response.completed"}] == ["error"]


@pytest.mark.parametrize("position", ["first", "after_role", "mid"])
def test_an_overload_inside_a_stream_is_no_overloaded_error(bench: Bench, position: str) -> None:
    with bench.anthropic() as client, bench.fault("error_event", "anthropic", position=position):  # noqa: SIM117 - a table of cases reads better so
        with pytest.raises(anthropic.APIStatusError) as caught:
            list(message(client, stream=True))
    assert caught.value.status_code == 200
    assert not isinstance(caught.value, anthropic.OverloadedError)


def test_without_its_event_line_the_overload_is_ignored(bench: Bench) -> None:
    with bench.anthropic() as client, bench.fault("error_event", "anthropic", event_line=False):
        events = list(message(client, stream=True))
        assert len(applied(bench.some_receipts())) == 1
    assert {event.type for event in events} >= {"message_start", "content_block_delta"}
    assert "message_stop" not in {event.type for event in events}


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_a_used_up_quota_is_asked_for_three_times(bench: Bench, provider: str) -> None:
    client = bench.openai(max_retries=2) if provider == "openai" else bench.anthropic(max_retries=2)
    with client, bench.fault("insufficient_quota", provider):
        with pytest.raises((openai.RateLimitError, anthropic.RateLimitError)):
            chat(client) if isinstance(client, openai.OpenAI) else message(client)
        assert len(applied(bench.some_receipts())) == 3


@pytest.mark.parametrize(("seconds", "attempts"), [(3600.0, 1), (121.0, 1), (0.01, 3)])
def test_openai_does_not_wait_for_more_than_two_minutes_and_gives_up_at_once(
    bench: Bench, seconds: float, attempts: int
) -> None:
    with bench.openai(max_retries=2) as client, bench.fault("retry_after", "openai", seconds=seconds):
        began = time.monotonic()
        with pytest.raises(openai.RateLimitError):
            chat(client)
        assert time.monotonic() - began < 5
        assert len(applied(bench.some_receipts())) == attempts


def test_anthropic_waits_as_long_as_it_is_told(bench: Bench) -> None:
    """An hour here: after two seconds, in which it would have tried again by itself, it still waits."""

    async def main() -> None:
        client = anthropic.AsyncAnthropic(base_url=bench.proxy.base_url("anthropic"), api_key="any", max_retries=2)
        asked: Any = {"model": "claude-sonnet-5", "max_tokens": 1024, "messages": HELLO}
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.messages.create(**asked), 2)
        await client.close()

    with bench.fault("retry_after", "anthropic", seconds=3600.0):
        asyncio.run(main())
        assert len(applied(bench.some_receipts())) == 1


def applied(receipts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [receipt for receipt in receipts if receipt["applied"]]
