"""A gate on one thing that a result has."""

from dataclasses import dataclass

from llmops.chaos.gates.loader import Gate
from llmops.chaos.gates.measured import Found


@dataclass(frozen=True)
class Judged:
    """A gate on one metric or verdict of one result."""

    gate: Gate
    found: Found
    file: str = ""  # empty where no result has what it asks for
    where: str = ""  # the scope of what was judged
