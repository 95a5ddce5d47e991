"""Close the connection in the middle of a chunk, or before the promised Content-Length."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.bounds import at_least
from llmops.chaos.faults.base import Family, FaultContext, Reads, Stage
from llmops.chaos.wire.cut import CutBody
from llmops.chaos.wire.http1 import is_chunked
from llmops.chaos.wire.parts import Action, AnswerHead, Fin, Frame, Part


@dataclass(frozen=True)
class FinMidChunk:
    """FIN after `after_bytes` of the body (as it is coded), in chunks behind the size of one more; a shorter answer,
    and one whose end is the FIN itself, pass.
    """

    after_bytes: int = 200

    family: ClassVar[Family] = "transport"
    reads: ClassVar[Reads] = "pieces"

    def __post_init__(self) -> None:
        at_least(0, after_bytes=self.after_bytes)

    def stage(self, context: FaultContext) -> Stage:
        def ending(rest: bytes) -> Iterable[Part | Action]:
            context.note("closed mid-body", after_bytes=self.after_bytes, in_a_chunk=cut.chunked)
            if cut.chunked:
                yield Frame(b"%x\r\n" % len(rest))  # a chunk that never comes
            yield Fin()

        def applies(head: AnswerHead) -> bool:
            if cut.framed or is_chunked(head.headers):
                return True
            context.not_applied("the answer ends with its connection: a close is its proper end")
            return False

        cut = CutBody(self.after_bytes, ending, applies)
        return cut
