"""Secrets in texts that are kept or shown: known values in whatever coding, and what looks like a key or a password."""

import json
import re
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any
from urllib.parse import quote, quote_plus, unquote

HIDDEN = "[redacted]"
END = 8  # characters of a secret's beginning or end that give it away
IS_A_TOKEN = re.compile(r"(?=.*\d)(?!/)[A-Za-z0-9+/=_.~-]{12,}")
"""A secret of which an end means nothing else: no words, no path, no URL."""
SHORTEST = 6  # characters: a shorter value would be found in every text
NAME_OF_A_SECRET = re.compile(r"key|token|secret|password|authorization|credential|cookie", re.IGNORECASE)
IS_A_SECRET = re.compile(
    r"(?:^|[-_.])(?:authorization|apikey|token|secret|passw(?:or)?d|credentials?|cookie)$|[-_.]key$", re.IGNORECASE
)
"""Names whose values are hidden whole; `key` alone names many things."""
LOOKS_LIKE_A_KEY = re.compile(
    r"""
    (?P<url>(?<![a-z0-9+.-])[a-z][a-z0-9+.-]*://)(?:(?P<user>[^\s/:@"']*):)?[^\s/"'<>]+@(?=[\w\[])   # https://user:password@host
    |(?P<name>(?:authorization|api[-_]?key|token|secret|passw(?:or)?d)\\?["']?\s*[:=]\s*)
      (?:(?P<list>\[(?!redacted\])[^\]\n]*\])
        |(?P<open>(?:\w+\()?b?(?P<quote>\\?["'])(?:bearer\s+|basic\s+)?)(?:(?!(?P=quote)).)+(?P=quote)
        |(?P<scheme>bearer\s+|basic\s+)?(?P<bare>(?!\[redacted\])[^\s"'&,;}\])]{6,}))
    |(?P<bearer>\bbearer\s+)(?!\[redacted\])[^\s"'&,;}\])]{6,}
    |(?P<basic>\bbasic\s+)(?-i:(?=[a-z]*[A-Z0-9+/=])[A-Za-z0-9+/]{6,}={0,2})
    |(?P<query>[?&](?:key|api-key|sig|token)=)[^\s"'&,;}\])]{6,}
    |\b(?:sk|rk|pk)-[A-Za-z0-9_-]{6,}            # OpenAI, Anthropic, LiteLLM
    |\bAIza[0-9A-Za-z_-]{20,}                    # Google
    |\b(?:AKIA|ASIA)[0-9A-Z]{12,}                # AWS
    |\bgh[pousr]_[A-Za-z0-9]{20,}                # GitHub
    |\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_.-]{10,}  # JSON web tokens
    """,
    re.IGNORECASE | re.VERBOSE,
)
IN_A_URL = re.compile(r"://(?:([^\s/:@\"']*):)?([^\s/\"'<>]+)@")


def redactor(secrets: Iterable[str]) -> Callable[[str], str]:
    """What hides these values, also as JSON, URLs and base64 write them, and what looks like a key."""
    known = {secret for secret in secrets if len(secret) >= SHORTEST}
    written = sorted({form for secret in known for form in _forms(secret)}, key=len, reverse=True)
    coded = sorted({re.escape(form) for secret in known for form in _in_base64(secret)}, key=len, reverse=True)
    truncated = [secret for secret in sorted(known) if IS_A_TOKEN.fullmatch(secret)]
    around = "[A-Za-z0-9+/_-]*"
    in_base64 = re.compile(f"(?<![A-Za-z0-9+/_-]){around}(?:{'|'.join(coded)}){around}={{0,2}}") if coded else None

    def redact(text: str) -> str:
        for form in written:
            text = text.replace(form, HIDDEN)
        if in_base64 is not None:
            text = in_base64.sub(HIDDEN, text)
        for secret in truncated:
            text = _without_ends(text, secret)
        return LOOKS_LIKE_A_KEY.sub(_hidden, text)

    return redact


def _without_ends(text: str, secret: str) -> str:
    """Without what begins as the secret does, or ends as it does, as errors shorten keys: `abcd1234…`."""
    head, tail, at = secret[:END], secret[-END:], 0
    while (at := text.find(head, at)) >= 0:
        length = _same(secret, text[at : at + len(secret)])
        text = text[:at] + HIDDEN + text[at + length :]
        at += len(HIDDEN)
    at = len(text)
    while (at := text.rfind(tail, 0, at)) >= 0:
        end = at + END
        length = _same(secret[::-1], text[max(0, end - len(secret)) : end][::-1])
        at = end - length
        text = text[:at] + HIDDEN + text[end:]
    return text


def _same(one: str, other: str) -> int:
    """How many characters both begin with."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _forms(secret: str) -> Iterator[str]:
    """As it stands, and as JSON, Python and URLs write it."""
    yield from (secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1])
    yield from (quote(secret, safe=""), quote(secret), quote_plus(secret))


def _in_base64(secret: str) -> Iterator[str]:
    """What every base64 of a text with the secret in it holds: of each of the three alignments, the digits between."""
    for before in range(3):
        data = bytes(before) + secret.encode()
        whole = slice(-(-before * 8 // 6), len(data) * 8 // 6)  # digits that no neighbour has a bit of
        yield b64encode(data).decode()[whole]
        yield urlsafe_b64encode(data).decode()[whole]


def _hidden(found: "re.Match[str]") -> str:
    if found["url"]:
        user = "" if found["user"] is None else f"{found['user']}:"
        return f"{found['url']}{user}{HIDDEN}@"
    if found["open"]:
        return f"{found['name']}{found['open']}{HIDDEN}{found['quote']}"
    before = (found[name] or "" for name in ("name", "scheme", "bearer", "basic", "query"))
    return "".join(before) + HIDDEN


def redacted(value: Any, redact: Callable[[str], str]) -> Any:  # noqa: ANN401 - any JSON
    """The value with every text in it redacted, and every value hidden whose name says that it is a secret."""
    if isinstance(value, Mapping):
        return {redact(str(key)): _named(str(key), item, redact) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redacted(item, redact) for item in value]
    if value is None or isinstance(value, int | float | date):
        return value
    return redact(value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value))


def _named(name: str, value: Any, redact: Callable[[str], str]) -> Any:  # noqa: ANN401 - any JSON
    return HIDDEN if isinstance(value, str | bytes) and value and IS_A_SECRET.search(name) else redacted(value, redact)


def secrets_in(values: Mapping[str, str]) -> list[str]:
    """The values whose names say that they are secret, of `Bearer KEY` the key too; and passwords in URLs."""
    found = [value for name, value in values.items() if NAME_OF_A_SECRET.search(name)]
    words = (value.partition(" ")[2].strip() for value in found)
    keys = [key for word in words for key in (word, *_of_basic(word))]
    return [*found, *keys, *(secret for value in values.values() for secret in secrets_said(value))]


def secrets_said(text: str) -> list[str]:
    """Passwords in the URLs of a text, and values that it names as secrets."""
    in_urls = [word for found in IN_A_URL.finditer(text) for word in (found[2], unquote(found[2]))]
    named = [found for found in LOOKS_LIKE_A_KEY.finditer(text) if found["bare"] or found["open"]]
    values = (
        found["bare"] or found[0][len(found["name"]) + len(found["open"]) : -len(found["quote"])] for found in named
    )
    return [*in_urls, *(value for value in values if "{" not in value)]  # `{env.KEY}` stands for one


def secrets_of_command(command: Sequence[str]) -> list[str]:
    """What stands behind options such as `--api-key`, and what `--api-key=…` says."""
    named = (word for option, word in pairwise(command) if _is_option(option) and NAME_OF_A_SECRET.search(option))
    behind = [word for word in named if not word.startswith("-") and "{" not in word]
    return [*behind, *(each for word in command for each in secrets_said(word))]


def _is_option(word: str) -> bool:
    return word.startswith("-") and "=" not in word


def _of_basic(word: str) -> list[str]:
    """`user:password` of a word in base64, and the password alone; nothing of another word."""
    try:
        text = b64decode(word, validate=True).decode()
    except ValueError:
        return []
    _, colon, password = text.partition(":")
    return [text, password] if colon else []
