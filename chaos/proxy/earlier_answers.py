"""Earlier answers, for the faults that give them again: kept as they came, decoded only where one is looked at."""

from collections import deque
from collections.abc import Sequence
from functools import cached_property
from typing import overload

from llmops.chaos.proxy.call import Call
from llmops.chaos.proxy.wire_record import decoded_answer

KEPT_ANSWERS = 8  # of each dialect


class EarlierAnswers:
    """The last good answers of one provider."""

    def __init__(self) -> None:
        self._calls: dict[str, deque[Call]] = {}

    def remember(self, call: Call) -> None:
        """One that was whole; of a route that no dialect knows nothing is kept."""
        if call.dialect is not None:
            self._calls.setdefault(call.dialect.name, deque(maxlen=KEPT_ANSWERS)).append(call)

    def before(self, call: Call) -> Sequence[bytes]:
        """The bodies of those of the same dialect, newest last."""
        return () if call.dialect is None else _Bodies(tuple(self._calls.get(call.dialect.name, ())))


class _Bodies(Sequence[bytes]):
    """Most faults never look: up to 8 answers would be decoded in vain for each request that is hit."""

    def __init__(self, calls: Sequence[Call]) -> None:
        self._calls = calls

    @cached_property
    def _decoded(self) -> list[bytes]:
        return [body for body in map(decoded_answer, self._calls) if body is not None]

    def __len__(self) -> int:
        return len(self._decoded)

    @overload
    def __getitem__(self, at: int) -> bytes: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[bytes]: ...
    def __getitem__(self, at: int | slice) -> bytes | Sequence[bytes]:
        return self._decoded[at]
