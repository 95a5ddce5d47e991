"""The token rule of simulated models: a run of letters and digits is one, any other sign is one, space is free."""

import re

# A token carries the space before it, as in real tokenisers, so that the pieces join to the text.
TOKEN = re.compile(r"\s*(?:\w+|[^\w\s])")


def tokens(text: str) -> list[str]:
    """The text in pieces of one token each, which join to the text exactly (space at its end joins the last)."""
    pieces = TOKEN.findall(text)
    rest = text[sum(map(len, pieces)) :]
    if not rest:
        return pieces
    return [*pieces[:-1], pieces[-1] + rest] if pieces else [rest]


def token_count(text: str) -> int:
    """How many tokens a text is charged as; text of spaces alone is one."""
    return len(tokens(text))
