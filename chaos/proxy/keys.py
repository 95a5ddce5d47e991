"""What looks like a key, and is never written down.

Narrower than llmops/chaos/experiments/redaction.py, which hides in texts for people: bodies must stay what they were,
and the `token` of a log probability is no secret.
"""

import re

REDACTED = "REDACTED"
_KEY = re.compile(
    r"""(?<![A-Za-z0-9])(?:
        sk-[\w-]{8,}                      # OpenAI, Anthropic, OpenRouter
        | AIza[\w-]{20,} | ya29\.[\w.-]{16,}  # Google
        | (?:AKIA|ASIA)[0-9A-Z]{16}       # AWS
        | (?:gsk_|hf_|xai-|pplx-)[\w-]{16,}
        | (?<=Bearer\ )[\w.~+/=-]{8,}
    )""",
    re.VERBOSE | re.ASCII,
)
_NAMED = re.compile(
    r"""(\\?["'](?:x-)?(?:api[_-]?key|authorization|access[_-]?token|client[_-]?secret)\\?["']\s*:\s*\\?["'])([^"'\\]+)""",
    re.IGNORECASE,
)
_USER = re.compile(r"//.*@")


def without_keys(text: str) -> str:
    """The text with each key, by its look or by the name of its field in JSON, redacted."""
    return _NAMED.sub(rf"\g<1>{REDACTED}", _KEY.sub(REDACTED, text))


def url_without_keys(url: str) -> str:
    """A URL as an error may show it: without its user and password, and the values of its query."""
    shown, question, _ = _USER.sub(f"//{REDACTED}@", url).partition("?")
    return without_keys(f"{shown}?{REDACTED}" if question else shown)
