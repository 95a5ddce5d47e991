"""What a result says, as it may stand in a sentence of ours: on one line, and with nothing in it that is obeyed."""

from llmops.renderers.base import printable

LONGEST = 400  # characters; a sentence that is longer is no sentence


def quoted(text: str) -> str:
    """GitHub obeys lines that begin with `::`, and `##[` anywhere: a wrapped line of ours may begin anywhere."""
    line = printable(" ".join(text.split())).replace("::", ": :").replace("##[", "## [")
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
