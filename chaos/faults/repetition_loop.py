"""Fall into a loop: the answer's last words again and again."""

from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.bounds import at_least
from llmops.chaos.faults.base import Family, FaultContext, Holding, Reads, Stage
from llmops.chaos.wire.text_edit import TextEdit, edited_text


@dataclass(frozen=True)
class RepetitionLoop:
    """The last `words` words come `times` times more; a real loop mostly ends at the limit, so the finish says so."""

    words: int = 6
    times: int = 50

    family: ClassVar[Family] = "content"
    reads: ClassVar[Reads] = "events"
    holds: ClassVar[Holding] = "text"

    def __post_init__(self) -> None:
        at_least(1, words=self.words, times=self.times)

    def stage(self, context: FaultContext) -> Stage:
        return edited_text(context, TextEdit("repetition loop", rewrite=self._looped, finish="length"))

    def _looped(self, text: str) -> str:
        phrase = " ".join(text.split()[-self.words :])
        return text + f" {phrase}" * self.times
