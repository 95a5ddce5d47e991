from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from llmops.costmodel.usage.readers.azure_llm_trace import AzureLlmTrace
from llmops.costmodel.usage.readers.base import readers
from llmops.costmodel.usage.store import UsageLog
from llmops.errors import BadInput, UnknownName

Usage = Callable[..., UsageLog]
Written = Callable[..., Path]


def test_an_unknown_format_says_what_was_looked_for(usage: Usage, written: Written) -> None:
    with pytest.raises(BadInput, match="in no known log format") as caught:
        usage(written("name,amount\nx,1\n"))
    for name in readers.names():
        assert name == "mapping" or f"{name}: " in caught.value.hint
    assert "--mapping" in caught.value.hint


def test_two_formats_that_fit_equally_well_are_both_named(
    usage: Usage, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    def recognises(_: AzureLlmTrace, record: Mapping[str, Any]) -> bool:
        return "object" in record

    monkeypatch.setattr(AzureLlmTrace, "recognises", recognises)
    with pytest.raises(BadInput, match="azure_llm_trace or openai_chat") as caught:
        usage(written('{"object": "response"}'))
    assert "--log-format" in caught.value.hint


def test_the_format_that_recognises_most_records_wins(usage: Usage, written: Written) -> None:
    openai = '{"object": "chat.completion", "usage": {"prompt_tokens": 1, "completion_tokens": 1}}\n'
    anthropic = '{"type": "message", "usage": {"input_tokens": 1, "output_tokens": 1}}\n'
    log = usage(written(openai + 2 * anthropic), max_rejected_percent=Decimal(50))
    assert log.sources[0].log_format == "anthropic_messages"


def test_the_named_format_is_used_and_a_typo_is_answered(usage: Usage, written: Written) -> None:
    log = written('{"usage": {"input_tokens": 1, "output_tokens": 1}}\n')
    assert usage(log, log_format="anthropic_messages").rows_read == 1
    with pytest.raises(UnknownName, match="no log format is named 'antropic_messages'") as caught:
        usage(log, log_format="antropic_messages")
    assert caught.value.hint == "did you mean 'anthropic_messages'?"


def test_the_format_mapping_needs_its_file(usage: Usage, written: Written) -> None:
    with pytest.raises(BadInput, match="needs a mapping file"):
        usage(written("a,b\n1,2\n"), log_format="mapping")


@pytest.mark.parametrize("sample", [
    "bedrock_model_invocation.jsonl", "azure_openai_requestresponse.jsonl", "vllm_metrics.prom",
    "claude_code_session.jsonl", "helicone_request.jsonl", "langfuse_observation.json", "openai_org_costs.json",
    "anthropic_cost_report.json", "openinference_span_attributes.json", "openrouter_activity_export.csv",
])  # fmt: skip
def test_formats_that_are_not_read_yet_are_refused_and_not_misread(
    shared_data: Path, usage: Usage, sample: str
) -> None:
    with pytest.raises(BadInput, match="in no known log format"):
        usage(shared_data / "log_samples" / sample)
