import pytest

from llmops.chaos.experiments.redaction import HIDDEN, redacted, redactor, secrets_in

SECRET = "opensesame-42"  # noqa: S105 - of this test


def test_known_values_are_hidden_wherever_they_stand() -> None:
    redact = redactor([SECRET])
    assert redact(f"a {SECRET} b{SECRET}") == f"a {HIDDEN} b{HIDDEN}"


def test_a_secret_inside_another_leaves_no_rest() -> None:
    assert redactor(["abcdef", "abcdef-ghijkl"])("abcdef-ghijkl") == HIDDEN


def test_a_value_too_short_to_be_a_secret_hides_nothing() -> None:
    assert redactor(["a", ""])("a cat") == "a cat"


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer abcdefghij",
        "authorization: 'Bearer abcdefghij'",
        '{"api_key": "abcdefghij"}',
        "x-api-key=abcdefghij",
        "OPENAI_API_KEY=abcdefghij",
        "bearer abcdefghij",
        "GET /v1beta/models?key=abcdefghij HTTP/1.1",
        "password: abcdefghij",
    ],
)
def test_what_is_named_as_a_key_is_hidden(text: str) -> None:
    shown = redactor([])(text)
    assert "abcdefghij" not in shown
    assert HIDDEN in shown


@pytest.mark.parametrize(
    "key",
    [
        "sk-proj-abcdef123456",
        "AIza" + "b" * 35,
        "AKIA" + "B" * 16,
        "ghp_" + "c" * 36,
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
    ],
)
def test_what_looks_like_a_key_is_hidden(key: str) -> None:
    assert redactor([])(f"failed with {key}!") == f"failed with {HIDDEN}!"


@pytest.mark.parametrize(
    "text", ["12 output tokens: 345678901", "the key of the dict", "max_tokens: 1024", "task-abcdefgh", "ok"]
)
def test_other_words_stay(text: str) -> None:
    assert redactor([])(text) == text


def test_all_texts_of_a_value_are_redacted() -> None:
    value = {"a": [f"x {SECRET}", 3, None], "b": {"c": SECRET}}
    assert redacted(value, redactor([SECRET])) == {"a": [f"x {HIDDEN}", 3, None], "b": {"c": HIDDEN}}


def test_secrets_are_told_by_their_names() -> None:
    found = secrets_in({"LITELLM_MASTER_KEY": "one-1", "authorization": "Bearer two-22", "PORT": "4000"})
    assert {"one-1", "two-22"} <= set(found)
    assert "4000" not in found
