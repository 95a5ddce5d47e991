"""A redirect, to itself without end or elsewhere."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Literal
from urllib.parse import urlsplit

from llmops.chaos.faults.base import Family, FaultContext
from llmops.chaos.http_answers import whole
from llmops.chaos.wire.parts import Action, Part
from llmops.errors import BadInput

RESERVED = (".invalid", ".test", ".example", ".localhost")  # RFC 6761: names that lead nowhere
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True)
class Redirect:
    """The headers of a request follow a redirect, with keys in them: so it leads to loopback or nowhere."""

    family: ClassVar[Family] = "http"

    status: Literal[301, 302, 303, 307, 308] = 307
    to: str | None = None  # URL; None: the very path that was asked for, a loop

    def __post_init__(self) -> None:
        if self.to is None:
            return
        try:
            parts = urlsplit(self.to)
            host = parts.hostname or ""
        except ValueError as error:
            raise BadInput(f"redirect: {self.to!r} is no URL", hint="such as https://elsewhere.invalid/v1") from error
        if parts.scheme not in {"http", "https"} or not (host in LOOPBACK or host.endswith(RESERVED)):
            raise BadInput(
                f"redirect: {self.to!r} is not on loopback and not reserved",
                hint="clients send their keys along: use localhost, or a name under .invalid",
            )
        if not self.to.isascii() or not self.to.isprintable() or " " in self.to:
            raise BadInput(f"redirect: {self.to!r} has signs that no header may have", hint="percent-encode them")

    def answer(self, context: FaultContext) -> Iterable[Part | Action]:
        to = self.to or context.request.head.target.decode("latin-1")
        context.note(f"answered {self.status} to {to.partition('?')[0]}", status=self.status)
        return whole(self.status, {"location": to}, b"")
