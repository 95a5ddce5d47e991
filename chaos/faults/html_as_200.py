"""Answer 200 with a page of HTML, as a CDN or a proxy in between does."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos import texts
from llmops.chaos.faults.base import Family, FaultContext, require_one_of
from llmops.chaos.wire.parts import Action, AnswerHead, Body, End, Part


@dataclass(frozen=True)
class HtmlAs200:
    """The upstream is not asked. `page` names one of the pages in data/texts.toml."""

    page: str = "bad_gateway"

    family: ClassVar[Family] = "content"
    choices: ClassVar[Mapping[str, Sequence[str]]] = {"page": texts.names("html_as_200")}

    def __post_init__(self) -> None:
        require_one_of("page", self.page, self.choices["page"])

    def answer(self, context: FaultContext) -> Iterable[Part | Action]:
        body = texts.text("html_as_200", self.page).encode()
        context.note("HTML as 200", page=self.page, bytes_sent=len(body))
        yield AnswerHead(200, b"OK", ((b"content-type", b"text/html"),))
        yield Body(body)
        yield End()
