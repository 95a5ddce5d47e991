import time
from base64 import b64encode, urlsafe_b64encode

import pytest

from llmops.chaos.experiments.redaction import (
    HIDDEN,
    redacted,
    redactor,
    secrets_in,
    secrets_of_command,
    secrets_said,
)

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


# --- in whatever coding


@pytest.mark.parametrize("before", ["", "u", "us", "use", "user:"])
@pytest.mark.parametrize("after", ["", "\n", ":x", "and more"])
def test_a_known_value_is_hidden_in_base64_wherever_it_stands(before: str, after: str) -> None:
    text = f"{before}{SECRET}?{after}".encode()
    redact = redactor([f"{SECRET}?"])
    assert redact(f"sent {b64encode(text).decode()} to it") == f"sent {HIDDEN} to it"
    assert redact(f"sent {urlsafe_b64encode(text).decode()} to it") == f"sent {HIDDEN} to it"


def test_base64_of_something_else_stays() -> None:
    text = f"sent {b64encode(b'nothing of interest').decode()} to it"
    assert redactor([SECRET])(text) == text


@pytest.mark.parametrize(
    ("secret", "written"),
    [
        ("a b/c+d&e", "a%20b%2Fc%2Bd%26e"),
        ("a b/c+d&e", "a+b%2Fc%2Bd%26e"),
        ('say "hello"', 'say \\"hello\\"'),
        ("two\nlines", "two\\nlines"),
        ("schöner wein", "sch\\u00f6ner wein"),
    ],
)
def test_a_known_value_is_hidden_as_urls_and_json_write_it(secret: str, written: str) -> None:
    assert redactor([secret])(f"x {written} y") == f"x {HIDDEN} y"


# --- passwords in URLs


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://user:pa55word@host/v1 refused", f"https://user:{HIDDEN}@host/v1 refused"),
        ("postgres://u:p%40ss@db:5432/x", f"postgres://u:{HIDDEN}@db:5432/x"),
        ("redis://:pw@[::1]:6379", f"redis://:{HIDDEN}@[::1]:6379"),
        ("git clone https://tokentoken@host/x.git", f"git clone https://{HIDDEN}@host/x.git"),
        ("https://u:p@ss@host/", f"https://u:{HIDDEN}@host/"),
        ('{"url": "http://a:b@c"}', f'{{"url": "http://a:{HIDDEN}@c"}}'),
    ],
)
def test_a_password_in_a_url_is_hidden_and_the_rest_of_it_stays(text: str, shown: str) -> None:
    assert redactor([])(text) == shown


@pytest.mark.parametrize("text", ["https://host:8080/a@b", "mail to me@example.com", "http://127.0.0.1:9/v1 x@y"])
def test_a_url_without_one_stays(text: str) -> None:
    assert redactor([])(text) == text


def test_a_password_in_a_url_of_the_configuration_is_a_secret_elsewhere_too() -> None:
    found = secrets_in({"UPSTREAM": "https://user:p%40ssword@host/v1"})
    assert {"p%40ssword", "p@ssword"} <= set(found)


def test_basic_credentials_are_hidden_and_what_is_in_them() -> None:
    word = b64encode(b"user:hunter-22").decode()
    assert redactor([])(f"authorization: Basic {word}") == f"authorization: Basic {HIDDEN}"
    assert redactor([])(f"sent basic {word}.") == f"sent basic {HIDDEN}."
    assert redactor([])("basic authentication failed") == "basic authentication failed"
    assert {"hunter-22", "user:hunter-22"} <= set(secrets_in({"authorization": f"Basic {word}"}))


# --- what is printed stays readable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{'api_key': 'abcdefghij', 'x': 1}", f"{{'api_key': '{HIDDEN}', 'x': 1}}"),
        ("{'api_key': SecretStr('abcdefghij'), 'x': 1}", f"{{'api_key': SecretStr('{HIDDEN}'), 'x': 1}}"),
        ("{'Authorization': b'Bearer abcdefghij', 'x': 2}", f"{{'Authorization': b'Bearer {HIDDEN}', 'x': 2}}"),
        ("{'token': 'ab,cd;ef gh', 'x': 1}", f"{{'token': '{HIDDEN}', 'x': 1}}"),
        ("{'api_key': ['abcdefg', 'hijklm'], 'x': 1}", f"{{'api_key': {HIDDEN}, 'x': 1}}"),
        ("{'token': None, 'x': 1}", "{'token': None, 'x': 1}"),
        ("Config(api_key='abcdefghij', timeout=3)", f"Config(api_key='{HIDDEN}', timeout=3)"),
        ("connect(token=abcdefghij)", f"connect(token={HIDDEN})"),
        ('{\\"api_key\\": \\"abcdefghij\\", \\"b\\": 1}', f'{{\\"api_key\\": \\"{HIDDEN}\\", \\"b\\": 1}}'),
        ("Password=abcdef;Server=x", f"Password={HIDDEN};Server=x"),
    ],
)
def test_a_printed_dict_keeps_its_form(text: str, shown: str) -> None:
    redact = redactor([])
    assert redact(text) == shown
    assert redact(shown) == shown  # what is hidden already


def test_names_of_secrets_hide_their_values_whole() -> None:
    value = {"password": "ab", "x-api-key": b"cd", "key": "ef", "tokens": "gh", "token": "", "at": {"MY_TOKEN": "ij"}}
    shown = {
        "password": HIDDEN,
        "x-api-key": HIDDEN,
        "key": "ef",
        "tokens": "gh",
        "token": "",
        "at": {"MY_TOKEN": HIDDEN},
    }
    assert redacted(value, redactor([])) == shown


def test_what_is_no_text_is_redacted_as_one_and_names_too() -> None:
    value = {SECRET: {SECRET}, "b": SECRET.encode(), "e": ValueError(SECRET), "n": 1.5, "t": True}
    assert redacted(value, redactor([SECRET])) == {HIDDEN: [HIDDEN], "b": HIDDEN, "e": HIDDEN, "n": 1.5, "t": True}


def test_a_long_line_takes_no_long_time() -> None:
    redact = redactor([SECRET])
    began = time.perf_counter()
    for text in ("a" * 4096, "token='" * 585, "http://" * 585, "x:y@" * 1024, "bearer " * 585, "ab+/" * 1024):
        redact(text)
    assert time.perf_counter() - began < 2


# --- what is secret of a configuration


def test_what_a_text_names_as_a_secret_is_one_unless_it_is_a_placeholder() -> None:
    text = "master_key: x\napi_key: 'abcdefgh'\npassword: ijklmnop\ntoken: '{env.KEY}'\ndb: pg://u:qrst@h"
    assert secrets_said(text) == ["qrst", "qrst", "abcdefgh", "ijklmnop"]


def test_what_stands_behind_an_option_named_as_a_secret_is_one() -> None:
    command = ["serve", "--api-key", "abcdefgh", "--token=ijklmnop", "--key", "{env.KEY}", "--port", "80"]
    assert secrets_of_command(command) == ["abcdefgh", "ijklmnop"]


def test_all_texts_of_a_value_are_redacted() -> None:
    value = {"a": [f"x {SECRET}", 3, None], "b": {"c": SECRET}}
    assert redacted(value, redactor([SECRET])) == {"a": [f"x {HIDDEN}", 3, None], "b": {"c": HIDDEN}}


def test_secrets_are_told_by_their_names() -> None:
    found = secrets_in({"LITELLM_MASTER_KEY": "one-1", "authorization": "Bearer two-22", "PORT": "4000"})
    assert {"one-1", "two-22"} <= set(found)
    assert "4000" not in found


KEY = "Zq81mfPw77LtXv20Rk"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"key {KEY[:8]}… is wrong", f"key {HIDDEN}… is wrong"),
        (f"key {KEY[:13]}*** is wrong", f"key {HIDDEN}*** is wrong"),
        (f"ends in {KEY[-8:]}", f"ends in {HIDDEN}"),
        (f"{KEY[:9]}...{KEY[-10:]}, {KEY[:8]}", f"{HIDDEN}...{HIDDEN}, {HIDDEN}"),
        (f"xx{KEY[-9:]}yy{KEY[-8:]}", f"xx{HIDDEN}yy{HIDDEN}"),
        (f"{KEY[:7]} {KEY[-7:]} {KEY[3:13]}", f"{KEY[:7]} {KEY[-7:]} {KEY[3:13]}"),  # too short, or neither end
    ],
)
def test_a_key_of_which_only_an_end_is_shown_is_hidden(text: str, shown: str) -> None:
    assert redactor([KEY])(text) == shown


@pytest.mark.parametrize("secret", ["production environment 1", "/usr/local/bin1", "http://127.0.0.1:4000/v1"])
def test_words_paths_and_urls_that_were_passed_on_hide_nothing_that_only_begins_like_them(secret: str) -> None:
    text = "production of /usr/local/lib at http://127.0.0.1:5000"
    assert redactor([secret])(text) == text
