"""Which faults in the content the validators see, and which no validator can: docs/detection.md says the same."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmops.chaos.faults.base import faults
from llmops.chaos.reliability.check import chosen_validators, judged
from llmops.chaos.reliability.exchange import Checked
from llmops.chaos.reliability.validators.base import Outcome, together

DOCS = Path(__file__).parents[3] / "docs" / "detection.md"
TEXT_DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")
CASES = [
    (dialect, what, stream)
    for dialect in TEXT_DIALECTS
    for what in ("text", "structured", "tool")
    for stream in (False, True)
]

UNSEEN = {
    "emptied_lists": "it keeps the schema: whether a list is empty by right is for who knows the truth",
    "swapped_fields": "it keeps the schema: the truth is needed",
    "transposed_digits": "it keeps the schema: the truth is needed",
    "stale_answer": "it fits a question like the one asked: the truth is needed",
    "usage_inflated": "what is counted is no part of the answer; the bill sees it",
    "usage_missing": "the same",
    "usage_zero": "the same",
    "wrong_fingerprint": "providers change it as they please",
    "keep_alive_flood": "harmless: every client skips comments",
    "oversized_event": "harmless to the answer",
    "utf8_split": "harmless to who decodes a stream",
}
BY_PARTS = {
    "duplicate_chunks": "in prose only where the protocol says the text twice (Responses); in JSON by the schema",
    "reordered_chunks": "the same",
}


def content_faults() -> list[str]:
    return [name for name in faults.names() if faults.get(name).family in {"content", "stream"}]


def outcomes(spoiled: Callable[..., Checked], name: str) -> dict[tuple[str, str, bool], Outcome]:
    """What the validators make of it, in every dialect and form in which it applies."""
    kind = faults.get(name)
    fault: Any = kind(**getattr(kind, "example", {}))
    found: dict[tuple[str, str, bool], Outcome] = {}
    for dialect, what, stream in CASES:
        try:
            exchange = spoiled(fault, dialect, what, stream=stream)
        except AssertionError:
            continue  # its receipt says that it does not apply here
        found[dialect, what, stream] = together(judged(exchange, chosen_validators()))
    return found


@pytest.mark.parametrize("name", sorted({*content_faults()} - UNSEEN.keys() - BY_PARTS.keys()))
def test_a_fault_is_seen_wherever_it_applies(spoiled: Callable[..., Checked], name: str) -> None:
    found = outcomes(spoiled, name)
    assert found
    assert {case for case, outcome in found.items() if outcome != "invalid"} == set()


@pytest.mark.parametrize("name", sorted(UNSEEN.keys() - {"stale_answer"}))  # it needs an earlier answer
def test_what_needs_the_truth_or_harms_nothing_is_not(spoiled: Callable[..., Checked], name: str) -> None:
    assert "invalid" not in outcomes(spoiled, name).values()


@pytest.mark.parametrize("name", BY_PARTS)
def test_what_is_seen_in_part(spoiled: Callable[..., Checked], name: str) -> None:
    found = outcomes(spoiled, name)
    seen = {(dialect, what) for (dialect, what, _), outcome in found.items() if outcome == "invalid"}
    assert seen == {
        (dialect, what) for dialect, what, _ in found if what == "structured" or dialect == "openai_responses"
    }


@pytest.mark.parametrize("name", [*UNSEEN, *BY_PARTS])
def test_the_documents_say_what_is_not_seen(name: str) -> None:
    assert f"`{name}`" in DOCS.read_text(encoding="utf-8")


@pytest.mark.parametrize("what", ["text", "structured", "tool"])
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("dialect", TEXT_DIALECTS)
def test_a_healthy_answer_is_valid_to_all_of_them(
    healthy: Callable[..., Checked], dialect: str, stream: bool, what: str
) -> None:
    assert together(judged(healthy(dialect, what, stream=stream), chosen_validators())) == "valid"
