import json
from collections import Counter
from collections.abc import Callable

import pytest

from llmops.chaos.wire import sse
from llmops.chaos.wire.dialects import DIALECTS
from llmops.chaos.wire.slots import Slot, slots_at, string_slots

DIALECTS_WITH_TEXT = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")


@pytest.mark.parametrize("dialect", DIALECTS_WITH_TEXT)
def test_a_body_has_each_place_once(answer: Callable[..., bytes], dialect: str) -> None:
    slots = DIALECTS[dialect].shape.slots(json.loads(answer(dialect)))
    found = Counter(slot.kind for slot in slots)
    for kind in ("text", "finish", "model", "fingerprint", "usage", "input_tokens", "output_tokens"):
        assert found[kind] == 1, kind
    assert found["tool_name"] == 0


@pytest.mark.parametrize("dialect", DIALECTS_WITH_TEXT)
def test_a_stream_has_the_text_in_pieces_and_a_call_in_its_own(answer: Callable[..., bytes], dialect: str) -> None:
    def texts(what: str, kind: str) -> str:
        datas = [sse.data_of(raw) for raw in sse.split_all(answer(dialect, what, stream=True))]
        payloads = [json.loads(data) for data in datas if data and data != b"[DONE]"]
        slots = [slot for payload in payloads for slot in DIALECTS[dialect].shape.slots(payload)]
        values = [slot.value for slot in slots if slot.kind == kind]
        return "".join(value if isinstance(value, str) else json.dumps(value) for value in values)

    assert len(texts("text", "text")) == 110
    assert json.loads(texts("tool", "tool_arguments")) == {"city": "Bern", "unit": "celsius", "days": 37}
    assert set(texts("tool", "tool_name").replace("weather", "*")) == {"*"}


def test_a_slot_puts_in_its_place() -> None:
    holder = {"a": 1}
    Slot("text", "", holder, "a").put(2)
    assert holder == {"a": 2}


def test_only_what_is_there_is_a_slot() -> None:
    assert list(slots_at("model", "", {"a": None}, "a", "b")) == [Slot("model", "", {"a": None}, "a")]
    assert list(slots_at("model", "", None, "a")) == []
    assert list(string_slots("text", "", {"a": None}, "a")) == []
