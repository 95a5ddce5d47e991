"""Cutting a body after a number of its bytes, as faults of several kinds do."""

from collections.abc import Callable, Iterable

from llmops.chaos.wire.http1 import header, is_chunked
from llmops.chaos.wire.parts import Action, AnswerHead, End, Event, Part, Piece


class CutBody:
    """Lets `after_bytes` of the body through, then plays `ending` with the rest of the piece, and swallows all else.

    The cut needs a byte beyond it: a body that is not longer passes whole, and the fault has nothing to confess.
    """

    def __init__(
        self,
        after_bytes: int,
        ending: Callable[[bytes], Iterable[Part | Action]],
        applies: Callable[[AnswerHead], bool] = lambda _head: True,
    ) -> None:
        self.after_bytes = after_bytes
        self._ending = ending
        self._applies = applies
        self._passed = 0
        self._done = False
        self._off = False
        self.chunked = False
        self.framed = False

    def feed(self, part: Part) -> Iterable[Part | Action]:
        """What goes on instead of this part."""
        if isinstance(part, AnswerHead):
            self.chunked = is_chunked(part.headers)
            self.framed = self.chunked or header(part.headers, b"content-length") is not None
            self._off = not self._applies(part)
            yield part
        elif self._done:
            return
        elif self._off or isinstance(part, End):
            yield part
        else:
            yield from self._body(part.raw if isinstance(part, Event) else part.data)

    def _body(self, data: bytes) -> Iterable[Part | Action]:
        left = self.after_bytes - self._passed
        self._passed += len(data)
        if len(data) <= left:
            yield Piece(data)
            return
        self._done = True
        ending = iter(self._ending(data[left:]))
        first = next(ending, None)  # confesses the cut, before the shortened piece leaves
        if left:
            yield Piece(data[:left])
        if first is not None:
            yield first
        yield from ending
