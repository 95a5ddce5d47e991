"""Keys of the providers' own forms go, everything else stays. No key here is one."""

import pytest

from llmops.chaos.proxy.keys import url_without_keys, without_keys


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/v1/models/sk-ant-api03-abcdefgh", "/v1/models/REDACTED"),
        ("sk-proj-0123456789", "REDACTED"),
        ("AIza" + "a" * 35, "REDACTED"),
        ("AKIA" + "A" * 16, "REDACTED"),
        ("gsk_" + "a" * 20, "REDACTED"),
        ("Authorization: Bearer abc.def-123", "Authorization: Bearer REDACTED"),
        ('{"api_key":"sk-12345678","model":"m"}', '{"api_key":"REDACTED","model":"m"}'),
        ('{"Api-Key": "0123abcd"}', '{"Api-Key": "REDACTED"}'),
        (r'{"content":"{\"api_key\":\"0123\"}"}', r'{"content":"{\"api_key\":\"REDACTED\"}"}'),
    ],
)
def test_what_looks_like_a_key_is_redacted(text: str, shown: str) -> None:
    assert without_keys(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "/v1/chat/completions",
        "3f2b8c9e-4d0a-4b53-9d2c-1b6f0a7c8d9e",
        "req_0123456789abcdef01234567",
        "chatcmpl-0123456789abcdef",
        "the risk-adjusted return, a task-0123456789 and sk-learn",
        '{"messages":[{"role":"user","content":"What is an api_key: a password?"}]}',
    ],
)
def test_all_else_stays(text: str) -> None:
    assert without_keys(text) == text


def test_of_a_url_neither_user_nor_query_is_shown() -> None:
    assert url_without_keys("http://user:sk-secret@host:1/v1") == "http://REDACTED@host:1/v1"
    assert url_without_keys("http://a:b@c@host/?key=x&y=z") == "http://REDACTED@host/?REDACTED"
    assert url_without_keys("https://api.openai.com/v1") == "https://api.openai.com/v1"
