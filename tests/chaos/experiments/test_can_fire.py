"""Faults that the load could never meet are refused before the run; those that it just can are not."""

from typing import Any

import pytest

from llmops.chaos.experiments.can_fire import ADDED_BYTES, ENDS, may_end
from llmops.chaos.experiments.planned_fault import planned_fault
from llmops.chaos.experiments.schema import Injected, experiment_from
from llmops.chaos.faults.base import faults
from llmops.chaos.wire.dialects import dialect_of
from llmops.errors import BadInput

STREAMS_ONLY = (
    "duplicate_chunks", "error_event", "keep_alive_flood", "malformed_chunk", "missing_terminator", "only_terminator",
    "oversized_event", "reordered_chunks", "stall_after_tokens", "utf8_split",
)  # fmt: skip
EMBEDDINGS_ONLY = ("nan_vector", "rotated_vector", "shuffled_order", "wrong_dimension", "zero_vector")
NEEDED = {"rate_limiter": {"requests_per_minute": 10}}


def check(fault: str = "unavailable", load: Any = None, provider: Any = None, **words: Any) -> None:
    """Plan one fault for 40 requests in 4 seconds."""
    experiment = experiment_from({
        "schema_version": 1,
        "name": "x",
        "system": {"command": ["x"]},
        "providers": {"primary": {"simulate": "openai", "models": ["gpt-4o", "gpt-5"], **(provider or {})}},
        "load": {"requests_per_second": 10, "model": "gpt-4o", **(load or {})},
        "phases": [{"name": "p", "requests": 40, "faults": []}],
        "expectations": ["laundered"],
    })  # fmt: skip
    injected = Injected(provider="primary", fault=fault, **words)
    planned_fault(injected, experiment, requests=40, duration_s=4.0, speed=1.0)


def refusal(fault: str = "unavailable", **words: Any) -> str:
    with pytest.raises(BadInput) as caught:
        check(fault, **words)
    return str(caught.value)


# --- schedules


@pytest.mark.parametrize(
    ("schedule", "told"),
    [
        ({"after_s": 4.0}, "it begins after 4 s, and the phase ends after 4 s"),
        ({"every": 41}, "one of every 41 requests is hit, and the phase has 40"),
        ({"probability": 0.0}, "a probability of 0 never fires"),
        ({"probability": 0.001}, "of the 40 requests of the phase it would hit 0.04 on the mean"),
        ({"probability": 0.002, "after_s": 2.0}, "it would hit 0.04 on the mean"),  # of 20
        ({"ramp": [[0.0, 0.0], [4000.0, 1.0]]}, "it would hit 0.02 on the mean"),  # 0.0005 on the mean
    ],
)
def test_a_schedule_that_never_comes_is_refused(schedule: dict[str, Any], told: str) -> None:
    assert told in refusal(schedule=schedule)


@pytest.mark.parametrize(
    "schedule",
    [
        {"after_s": 3.9},
        {"every": 40},
        {"first": 1},
        {"probability": 0.00125},
        {"sticky": "client", "probability": 0.0001},
        {"ramp": [[0.0, 0.0], [400.0, 1.0]]},  # 0.005 on the mean: 0.2
    ],
)
def test_a_schedule_that_just_comes_is_not(schedule: dict[str, Any]) -> None:
    check(schedule=schedule)


# --- scopes


@pytest.mark.parametrize("routes", [["/v1/models"], ["/v1/models", "/health"], ["/v1/model*/x"], ["*/models/?"]])
def test_routes_that_only_probes_take_are_refused(routes: list[str]) -> None:
    assert f"{', '.join(routes)} is no route of inference: only probes would meet it" in refusal(
        scope={"routes": routes}
    )


@pytest.mark.parametrize(
    "routes",
    [
        ["openai_chat"], ["anthropic_messages"], ["/v1/models", "/v1/responses"], ["/v1/*"], ["*"], ["/v1/chat/c*"],
        ["/openai/deployments/*/chat/completions"], ["/v1beta/models/*"], ["/v1/chat/completion?"],
    ],
)  # fmt: skip
def test_routes_that_inference_may_take_are_not(routes: list[str]) -> None:
    check(scope={"routes": routes})


@pytest.mark.parametrize("end", ENDS)
def test_the_ends_of_routes_are_those_of_dialects(end: str) -> None:
    path = f"/model/x{end}" if end.startswith(("/invoke", "/converse")) else f"/v1/x{end}"
    assert dialect_of(b"POST", path.encode()) is not None


@pytest.mark.parametrize(
    ("pattern", "end", "may"),
    [
        ("/a/b", "/b", True),
        ("/a/b", "/c", False),
        ("b", "/b", False),
        ("/a/*", "/b", True),
        ("/a/*c", "/b", False),
        ("/a?b", "/b", True),
        ("*b", "/a/b", True),
        ("[ab]", "/b", True),
        ("", "/b", False),
    ],
)
def test_a_pattern_may_match_a_text_that_ends_so(pattern: str, end: str, may: bool) -> None:
    assert may_end(pattern, end) is may


def test_what_the_load_does_not_ask_is_refused() -> None:
    assert "`stream: false` never fires: the load's answers are streamed" in refusal(scope={"stream": False})
    check(scope={"stream": True})
    tenants = {"tenants": {"a": 1.0, "b": 0.0}}
    assert "the load has no tenant 'b'" in refusal(load=tenants, scope={"tenants": ["b"]})
    check(load=tenants, scope={"tenants": ["a"]})


def test_a_provider_that_has_the_loads_model_is_asked_for_no_other() -> None:
    told = refusal(scope={"models": ["gpt-5"]})
    assert told == "the load asks for 'gpt-4o', and the scope is for gpt-5 only"
    check(scope={"models": ["gpt-4*"]})
    check(provider={"models": ["gpt-5"]}, scope={"models": ["gpt-5"]})  # the system makes gpt-5 of gpt-4o
    check(load={"model": "an-alias"}, scope={"models": ["gpt-5"]})


def test_sizes_that_no_request_has_are_refused() -> None:
    """Some hundred bytes, and a gateway may add 8 KiB; half of a request is its prompt at least."""
    told = refusal(scope={"min_request_bytes": 100_000})
    assert told.startswith("min_request_bytes is 100000, and the load's requests have ")
    largest = int(told.split(" have ")[1].split()[0])
    assert 200 < largest < 1000  # 50 words
    check(scope={"min_request_bytes": largest + ADDED_BYTES})
    assert "min_request_bytes" in refusal(scope={"min_request_bytes": largest + ADDED_BYTES + 1})
    assert "max_request_bytes is 100, and the load's requests have" in refusal(scope={"max_request_bytes": 100})
    check(scope={"max_request_bytes": largest})
    check(load={"input_tokens": 40_000}, scope={"min_request_bytes": 100_000})


# --- answers


@pytest.mark.parametrize("fault", STREAMS_ONLY)
def test_a_fault_of_streams_needs_streams(fault: str) -> None:
    assert refusal(fault, load={"stream": False}) == f"{fault} would never fire: the answer is no stream"
    check(fault)


@pytest.mark.parametrize("fault", EMBEDDINGS_ONLY)
def test_a_fault_of_vectors_needs_embeddings(fault: str) -> None:
    assert "would never fire: openai_chat has no such thing in its answers" in refusal(fault)
    check(fault, scope={"routes": ["openai_embeddings"]})


def test_a_fault_of_whole_answers_needs_them() -> None:
    assert refusal("truncated_json") == "truncated_json changes whole answers, and the load's are streamed"
    check("truncated_json", load={"stream": False})


def test_what_gemini_has_not_cannot_fire_before_it() -> None:
    gemini: dict[str, Any] = {"provider": {"simulate": "gemini"}, "parameters": {"position": "after_role"}}
    assert "error_event would never fire: Gemini's stream has no event before its text" in refusal(
        "error_event", **gemini
    )
    check("error_event", parameters={"position": "after_role"})


@pytest.mark.parametrize("simulate", ["openai", "anthropic", "gemini"])
def test_an_earlier_answer_may_be_there_of_any_provider(simulate: str) -> None:
    check("stale_answer", provider={"simulate": simulate})


def test_a_real_provider_may_speak_any_dialect() -> None:
    check("error_event", provider={"simulate": None, "upstream": "https://api.example.com"})


@pytest.mark.parametrize("fault", faults.names())
def test_no_other_fault_is_refused_whatever_the_load_asks(fault: str) -> None:
    """Each fault can fire on streams or on whole answers, or is one of vectors."""
    if fault in EMBEDDINGS_ONLY:
        return
    provider = {"tls": True}
    if fault != "truncated_json":
        check(fault, provider=provider, parameters=NEEDED.get(fault, {}))
    if fault not in STREAMS_ONLY:
        check(fault, provider=provider, load={"stream": False}, parameters=NEEDED.get(fault, {}))
