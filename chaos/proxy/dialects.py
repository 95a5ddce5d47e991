"""The dialects that the proxy listens for."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmops.chaos.wire.dialect import Dialect


@cache
def all_dialects() -> "tuple[Dialect, ...]":
    """One of each, in the order they are asked whose route it is."""
    return ()
