import pytest

from llmops.chaos.wire.dialects import DIALECTS
from llmops.chaos.wire.tracing import Message, last_user_text, marker_in, message, messages_hash

CONVERSATION = [("user", "Hello"), ("assistant", "Hi"), ("user", "Who are you? [llmops:run-7/3]")]


@pytest.mark.parametrize(
    ("text", "marker"),
    [
        ("x [llmops:abc] y", "abc"),
        ("[llmops:a][llmops:b]", "b"),
        ("[llmops:]", None),
        ("[llmops:a b]", None),
        ("[llmops:open", None),
        ("[llmops:" + "x" * 128 + "]", "x" * 128),
        ("[llmops:" + "x" * 129 + "]", None),
        ("", None),
    ],
)
def test_the_marker(text: str, marker: str | None) -> None:
    assert marker_in(text) == marker


def test_the_hash_is_of_the_messages_alone_and_the_same_in_every_dialect() -> None:
    import orjson

    openai = [{"role": role, "content": text} for role, text in CONVERSATION]
    system = {"role": "system", "content": "Be brief."}
    parts = [{"role": role, "content": [{"type": "text", "text": text}]} for role, text in CONVERSATION]
    gemini = [{"role": role.replace("assistant", "model"), "parts": [{"text": text}]} for role, text in CONVERSATION]
    converse = [{"role": role, "content": [{"text": text}]} for role, text in CONVERSATION]
    bodies: dict[str, list[dict[str, object]]] = {
        "openai_chat": [{"model": "a", "messages": [system, *openai]}, {"model": "b", "messages": parts, "seed": 1}],
        "openai_responses": [{"model": "a", "input": openai, "instructions": "Be brief."}],
        "anthropic_messages": [{"model": "c", "system": "Be brief.", "messages": openai}, {"messages": parts}],
        "gemini": [{"contents": gemini, "systemInstruction": {"parts": [{"text": "Be brief."}]}}],
        "bedrock": [{"messages": converse}],
    }
    asked = [DIALECTS[name].asked(b"/x", orjson.dumps(body)) for name, all_ in bodies.items() for body in all_]
    assert len({one.messages_hash for one in asked if one}) == 1
    assert {one.marker for one in asked if one} == {"run-7/3"}
    assert None not in asked


def test_another_text_role_or_picture_is_another_hash() -> None:
    hashes = [
        messages_hash([Message("user", "a")]),
        messages_hash([Message("user", "b")]),
        messages_hash([Message("assistant", "a")]),
        messages_hash([Message("user", "a", [{"type": "image"}])]),
        messages_hash([Message("user", "a"), Message("user", "a")]),
    ]
    assert len(set(hashes)) == 5
    assert messages_hash([]) is None


def test_the_last_user_message() -> None:
    assert last_user_text([Message("user", "a"), Message("user", "b"), Message("assistant", "c")]) == "b"
    assert last_user_text([Message("assistant", "c")]) == ""


def test_parts_that_are_no_text_are_kept_apart() -> None:
    content = [{"type": "text", "text": "a"}, {"type": "image", "text": "no"}, {"type": "text", "text": "b"}]
    assert message("user", content, frozenset({"text"})) == Message("user", "ab", [{"type": "image", "text": "no"}])
    assert message("user", None, frozenset({"text"})) == Message("user", "", None)
