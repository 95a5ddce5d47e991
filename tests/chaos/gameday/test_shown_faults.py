import re
from dataclasses import replace
from typing import Any

import pytest

from llmops.chaos.experiments import shipped
from llmops.chaos.experiments.loader import load_experiment
from llmops.chaos.experiments.schema import Experiment, Injected
from llmops.chaos.gameday.shown_faults import dialect_at, refuse_unseen, why_not_shown
from llmops.chaos.proxy.config import ScopeSection
from llmops.errors import BadInput

DOWN, SOURCE = load_experiment(shipped.file_of("provider-down"))  # streamed chat, before openai
KINDS = {"openai_chat": "openai", "openai_responses": "openai", "anthropic_messages": "anthropic", "gemini": "gemini"}


def asked(dialect: str, *, stream: bool, **load: Any) -> Experiment:
    providers = {name: each.model_copy(update={"simulate": KINDS[dialect]}) for name, each in DOWN.providers.items()}
    changed = DOWN.load.model_copy(update={"dialect": dialect, "stream": stream, **load})
    return DOWN.model_copy(update={"load": changed, "providers": providers})


def why(fault: str, experiment: Experiment, **more: Any) -> str:
    return why_not_shown(Injected(provider="primary", fault=fault, **more), experiment)


@pytest.mark.parametrize("name", shipped.names())
def test_no_fault_of_a_shipped_scenario_is_refused(name: str) -> None:
    experiment, source = load_experiment(shipped.file_of(name))
    refuse_unseen(experiment, source)


@pytest.mark.parametrize("dialect", KINDS)
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("fault", ["internal_error", "cdn_html", "invalid_api_key", "wrong_language", "usage_missing",
                                   "slow_first_token", "stale_answer", "corrupt_gzip", "reset_mid_body"])  # fmt: skip
def test_what_every_dialect_can_show_is_never_refused(fault: str, dialect: str, stream: bool) -> None:
    assert why(fault, asked(dialect, stream=stream)) == ""


@pytest.mark.parametrize(
    ("fault", "dialect", "stream", "reason"),
    [
        ("failed_dependency", "gemini", False, "gemini has no error of the kind failed_dependency"),
        ("failed_dependency", "openai_chat", False, ""),
        ("empty_choices", "anthropic_messages", False, "anthropic_messages has no such thing in its answers"),
        ("empty_choices", "openai_chat", False, ""),
        ("error_event", "openai_chat", False, "the answer is no stream"),
        ("error_event", "openai_chat", True, ""),
        ("truncated_json", "openai_chat", True, "it edits whole bodies, and this answer is a stream"),
        ("truncated_json", "openai_chat", False, ""),
        ("missing_terminator", "gemini", True, "gemini has no such thing in its answers"),
        ("missing_terminator", "openai_chat", True, ""),
        ("schema_break", "openai_chat", False, "the text is no structured output"),
        ("nan_vector", "openai_chat", False, "openai_chat has no such thing in its answers"),
    ],
)
def test_a_fault_that_the_dialect_has_no_words_for_tells_why(
    fault: str, dialect: str, stream: bool, reason: str
) -> None:
    assert why(fault, asked(dialect, stream=stream)) == reason


def test_what_the_load_asks_for_decides_too() -> None:
    tool = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
    body = {"tools": [tool], "tool_choice": "required"}
    assert why("broken_tool_arguments", asked("openai_chat", stream=False)) != ""
    assert why("broken_tool_arguments", asked("openai_chat", stream=False, body=body)) == ""


def test_what_nobody_can_say_beforehand_is_not_refused() -> None:
    chat = asked("openai_chat", stream=False)
    assert why("refused", chat) == ""  # acts on connections
    assert why("rate_limiter", chat, parameters={"requests_per_minute": 1}) == ""  # counts requests
    assert why("zero_vector", chat, scope=ScopeSection(routes=["/v1/embeddings"])) == ""  # another route
    real = {name: each.model_copy(update={"simulate": None, "upstream": "https://api.openai.com"})
            for name, each in chat.providers.items()}  # fmt: skip
    real_chat = chat.model_copy(update={"providers": real})
    assert why("broken_tool_arguments", real_chat) == ""  # a real model may call a tool
    assert why("zero_vector", real_chat) != ""  # and has no vectors in a chat


def test_the_dialect_is_what_the_provider_speaks_whatever_the_load_does() -> None:
    chat = asked("openai_chat", stream=True)
    assert dialect_at("primary", chat) == "openai_chat"
    behind = {name: each.model_copy(update={"simulate": "anthropic"}) for name, each in chat.providers.items()}
    translated = chat.model_copy(update={"providers": behind})
    assert dialect_at("primary", translated) == "anthropic_messages"
    assert why("error_event", translated) == ""
    assert "anthropic_messages has no such thing" in why("empty_choices", translated)


def test_the_refusal_names_the_line_of_the_fault() -> None:
    phase = DOWN.phases[0].model_copy(update={"faults": [Injected(provider="primary", fault="zero_vector")]})
    unseen = DOWN.model_copy(update={"phases": [DOWN.phases[0], phase]})
    line = SOURCE.line(("phases", 1, "faults", 0))
    words = f"{SOURCE.file}:{line}: zero_vector can never be seen at primary: openai_chat has no such thing"
    with pytest.raises(BadInput, match=re.escape(words)) as caught:
        refuse_unseen(unseen, replace(SOURCE))
    assert "llmops chaos faults" in caught.value.hint
