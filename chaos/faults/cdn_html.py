"""The HTML error page of what stands before the provider, as a CDN or a web server sends it."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from string import Template
from typing import ClassVar, Literal

from llmops.chaos.faults.base import Family, FaultContext
from llmops.chaos.http_answers import whole
from llmops.chaos.wire.http1 import reason_of
from llmops.chaos.wire.parts import Action, Part

# What the statuses mean that only a CDN sends.
TITLES = {
    520: "The origin returned an unknown error",
    521: "The origin is down",
    522: "The connection timed out",
    523: "The origin is unreachable",
    524: "A timeout occurred",
    525: "The TLS handshake failed",
    526: "The certificate is not valid",
}


@dataclass(frozen=True)
class CdnHtml:
    """As on 2025-11-18, when two providers behind one CDN went at once. The pages are our own text (faults/data)."""

    family: ClassVar[Family] = "http"

    status: Literal[502, 503, 504, 520, 521, 522, 523, 524, 525, 526] = 502
    page: Literal["cdn", "web_server"] = "cdn"  # a long page with an id, or the few lines of a web server

    def answer(self, context: FaultContext) -> Iterable[Part | Action]:
        ray = f"{context.rng.getrandbits(64):016x}"
        reason = TITLES.get(self.status) or reason_of(self.status).decode()
        moment = datetime.fromtimestamp(context.clock(), UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        body = (
            Template(_pages()[self.page]).substitute(status=self.status, reason=reason, ray=ray, moment=moment).encode()
        )
        context.note(f"answered {self.status} with an HTML page", status=self.status, page=self.page)
        own = {"server": "cloudflare", "cf-ray": f"{ray}-FRA"} if self.page == "cdn" else {"server": "nginx"}
        kind = "text/html; charset=UTF-8" if self.page == "cdn" else "text/html"
        return whole(self.status, {"content-type": kind, **own, "cache-control": "no-store"}, body)


@cache
def _pages() -> dict[str, str]:
    path = Path(__file__).parent / "data" / "error_pages.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))
