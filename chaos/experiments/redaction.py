"""Secrets in texts that are kept or shown: known values, and what looks like a key."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

HIDDEN = "[redacted]"
SHORTEST = 6  # characters: a shorter value would be found in every text
LOOKS_LIKE_A_KEY = re.compile(
    r"""
    (?P<before>(?:authorization|api[-_]?key|x-api-key|x-goog-api-key|token|secret|password)["']?\s*[:=]\s*["']?(?:bearer\s+)?
      |bearer\s+|[?&](?:key|api-key|sig|token)=)
    (?P<secret>[^\s"'&,;}\]]{6,})
    |\b(?:sk|rk|pk)-[A-Za-z0-9_-]{6,}            # OpenAI, Anthropic, LiteLLM
    |\bAIza[0-9A-Za-z_-]{20,}                    # Google
    |\b(?:AKIA|ASIA)[0-9A-Z]{12,}                # AWS
    |\bgh[pousr]_[A-Za-z0-9]{20,}                # GitHub
    |\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_.-]{10,}  # JSON web tokens
    """,
    re.IGNORECASE | re.VERBOSE,
)
NAME_OF_A_SECRET = re.compile(r"key|token|secret|password|authorization|credential|cookie", re.IGNORECASE)


def redactor(secrets: Iterable[str]) -> Callable[[str], str]:
    """What hides these values, and whatever looks like a key."""
    known = sorted({secret for secret in secrets if len(secret) >= SHORTEST}, key=len, reverse=True)

    def redact(text: str) -> str:
        for secret in known:
            text = text.replace(secret, HIDDEN)
        return LOOKS_LIKE_A_KEY.sub(lambda found: (found["before"] or "") + HIDDEN, text)

    return redact


def redacted(value: Any, redact: Callable[[str], str]) -> Any:  # noqa: ANN401 - any JSON
    """The value with every text in it redacted."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {key: redacted(item, redact) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [redacted(item, redact) for item in value]
    return value


def secrets_in(values: Mapping[str, str]) -> list[str]:
    """The values whose names say that they are secret; of `Bearer KEY` the key too."""
    found = [value for name, value in values.items() if NAME_OF_A_SECRET.search(name)]
    return [*found, *(value.partition(" ")[2] for value in found)]
