"""Toxics on a real Toxiproxy, or on our own control API, by way of toxiproxy-python: timed, read back, and undone."""

import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache, partial
from typing import Any, Literal, Self

from llmops.chaos.proxy.journal import utc_now
from llmops.chaos.toxic_state import ProxyState, ToxicState, not_toxiproxy, receipt
from llmops.chaos.toxics.base import toxics
from llmops.chaos.toxiproxy_http import DEFAULT_URL, NOT_FOUND, Refused, ToxiproxyHttp
from llmops.errors import BadInput, LlmopsError, OutsideFailed, nearest_hint

NAME = re.compile(r"[A-Za-z0-9_.:-]+")  # what routes take as it is; another could be made and never be removed again
GONE = "was gone already: somebody else took it away, or its lease ended"
UNANSWERED = "the answer to its making never came"
UP_ALREADY = "was up already: it never went down, somebody else took it up, or its lease ended"
NOT_OURS = "the proxy is gone, or was down before"
NOT_AS_ASKED = "the server did not take what was asked"

Stream = Literal["upstream", "downstream"]
Receipt = Callable[..., object]
"""What takes a state receipt: `functools.partial(llmops.chaos.proxy.receipts.state_receipt, journal)`."""
Step = tuple[str, Callable[[], object]]


class Toxiproxy:
    """One server. Leaving its `with` takes away what was made here and restores what was changed, and nothing else.

    A Toxiproxy knows no leases: a process that is killed outright leaves its toxics on. One of these is for one
    thread; several of them, to several servers, do not meet. Every error names the server.
    """

    def __init__(
        self,
        url: str = DEFAULT_URL,
        timeout_s: float = 5.0,
        *,
        receipt: Receipt = lambda **_: None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """`timeout_s` is for connecting, and for each wait on an answer. BadInput for a URL that is none."""
        self._http = ToxiproxyHttp(url, timeout_s, _toxiproxy_api)
        self.url = self._http.url
        self._receipt = receipt
        self._now = now
        self._made: list[str] = []  # proxies
        self._toxics: dict[tuple[str, str], ToxicState] = {}  # made here, and still on
        self._were_enabled: dict[str, bool] = {}  # before they were changed here
        self._down_since: dict[str, datetime] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def version(self) -> str:
        return self._http.version()

    # --- proxies

    def proxies(self) -> dict[str, ProxyState]:
        """All there are, whoever made them."""
        told = self._http.call("get", "/proxies")
        if not isinstance(told, dict):
            raise not_toxiproxy(self.url, f"its proxies are {str(told)[:200]}")
        return {name: ProxyState.told(self.url, each) for name, each in told.items()}

    def proxy(self, name: str, upstream: str, *, listen: str = "127.0.0.1:0") -> ProxyState:
        """Make one before `upstream`, `host:port`; port 0 takes a free one. BadInput when the name is taken."""
        if self._get(name) is not None:
            hint = f"choose another name; if a killed run left it, DELETE {self.url}/proxies/{name}"
            raise BadInput(f"the Toxiproxy at {self.url} has a proxy {name!r} already", hint=hint)
        self._made.append(name)
        try:
            self._http.call("post", "/proxies", {"name": name, "upstream": upstream, "listen": listen})
        except Refused:  # what was not answered may be there, and is taken away in the end
            self._made.remove(name)
            raise
        made = self._existing(name)
        port = listen.rpartition(":")[2]
        if made.upstream != upstream or not made.enabled or (port != "0" and not made.listen.endswith(f":{port}")):
            raise OutsideFailed(f"the Toxiproxy at {self.url} has made {made}; {listen} to {upstream} was asked for")
        return made

    def set_enabled(self, proxy: str, *, enabled: bool) -> ProxyState:
        """Up, or down: its connections end, and new ones are refused."""
        before = self._existing(proxy)
        self._were_enabled.setdefault(proxy, before.enabled)
        goes_down = before.enabled and not enabled
        if goes_down:
            self._down_since[proxy] = self._now()
        self._http.call("post", f"/proxies/{proxy}", {"enabled": enabled})  # the rest stays as it is
        after = self._existing(proxy)
        if after.enabled is not enabled:
            raise OutsideFailed(f"the Toxiproxy at {self.url} has {after}; enabled {enabled} was asked for")
        if goes_down:
            self._receipt(**receipt(self.url, proxy, "down", "down", "on", self._down_since[proxy]))
        elif enabled:
            self._down_is_over(proxy, UP_ALREADY if before.enabled else "")
        return after

    def _down_is_over(self, proxy: str, why: str) -> None:
        since = self._down_since.pop(proxy, None)
        if since is not None:
            said = receipt(self.url, proxy, "down", "down", "off", since, self._now())
            self._receipt(**said, **({"why": why} if why else {}))

    # --- toxics

    def add_toxic(  # noqa: PLR0913 - what a toxic has
        self,
        proxy: str,
        toxic_type: str,
        attributes: Mapping[str, object] | None = None,
        *,
        name: str | None = None,
        stream: Stream = "downstream",
        toxicity: float = 1.0,
    ) -> ToxicState:
        """Put one on. BadInput for what the server does not know, and for an attribute that it drops."""
        name = name or f"{toxic_type}_{stream}"
        began_at, values = self._now(), dict(attributes or {})
        asked = ToxicState(self.url, proxy, name, toxic_type, stream, toxicity, values, began_at, why=UNANSWERED)
        _check(asked)
        if (proxy, name) in self._toxics:
            raise BadInput(f"{asked} is on already", hint="update it, or give another a name")
        self._toxics[proxy, name] = asked
        body = {"name": name, "type": toxic_type, "stream": stream, "toxicity": toxicity, "attributes": values}
        try:
            self._http.call("post", f"/proxies/{proxy}/toxics", body)
        except Refused as error:  # as above
            del self._toxics[proxy, name]
            hint = nearest_hint(toxic_type, toxics.names()) if "invalid toxic type" in str(error) else ""
            raise Refused(f"{toxic_type}: {error}", status=error.status, hint=hint) from error
        told = asked.told(self._http.call("get", _path(asked)))
        try:
            told.check_is(asked)
        except LlmopsError:
            self._end(replace(told, why=NOT_AS_ASKED))
            raise
        return self._is_on(told, "on")

    def update_toxic(
        self, proxy: str, name: str, attributes: Mapping[str, object] | None = None, *, toxicity: float | None = None
    ) -> ToxicState:
        """Other values for a toxic that was made here; those not named stay. BadInput for one that it does not have."""
        before = self._ours(proxy, name)
        wanted = before.toxicity if toxicity is None else toxicity
        asked = replace(before, attributes=dict(attributes or {}), toxicity=wanted)
        _check(asked)
        before.check_knows(asked.attributes)
        self._http.call("post", _path(asked), {"attributes": asked.attributes, "toxicity": wanted})  # PATCH came in 2.6
        told = asked.told(self._http.call("get", _path(asked)))
        told.check_is(asked)
        return self._is_on(told, "changed")

    def remove_toxic(self, proxy: str, name: str) -> ToxicState:
        """Take one off that was made here. OutsideFailed when it was gone already: it was not on all the time."""
        ended = self._end(self._ours(proxy, name))
        if ended.why == GONE:
            raise OutsideFailed(f"{ended} {GONE}", hint="its receipt says when that was seen")
        return ended

    def _is_on(self, told: ToxicState, state: Literal["on", "changed"]) -> ToxicState:
        self._toxics[told.proxy, told.name] = told
        self._receipt(**told.receipt(state))
        return told

    def _end(self, toxic: ToxicState) -> ToxicState:
        gone = not self._http.delete(_path(toxic))
        del self._toxics[toxic.proxy, toxic.name]
        ended = replace(toxic, at_to=self._now(), why=GONE if gone else toxic.why)
        if not (gone and toxic.why == UNANSWERED):  # then it never was
            self._receipt(**ended.receipt("off"))
        return ended

    def _ours(self, proxy: str, name: str) -> ToxicState:
        if (proxy, name) not in self._toxics:
            known = [each for at, each in self._toxics if at == proxy]
            text = f"no toxic {name!r} was put on {proxy!r} of the Toxiproxy at {self.url} here; others' are left alone"
            raise BadInput(text, hint=nearest_hint(name, known))
        return self._toxics[proxy, name]

    # --- the end

    def reset(self) -> None:
        """Take off all toxics that were put on here, and set each proxy up or down as it was."""
        self._take(list(self._undoings()))

    def close(self) -> None:
        """Reset, and delete the proxies that were made here. OutsideFailed names what may still be on."""
        deletions = [(f"proxy {name}", partial(self._delete, name)) for name in reversed(self._made)]
        self._take([*self._undoings(), *deletions])

    def _undoings(self) -> Iterator[Step]:
        for toxic in reversed(self._toxics.values()):
            yield f"toxic {toxic.proxy}/{toxic.name}", partial(self._end, toxic)
        for name, enabled in self._were_enabled.items():
            yield f"proxy {name}", partial(self._restore, name, enabled=enabled)

    def _take(self, steps: list[Step]) -> None:
        """All of them, whatever fails."""
        failed: dict[str, LlmopsError] = {}
        for what, step in steps:
            try:
                step()
            except LlmopsError as error:
                failed[what] = error
        if failed:
            text = f"the Toxiproxy at {self.url} may still have {', '.join(failed)}: {next(iter(failed.values()))}"
            raise OutsideFailed(text, hint=f"look at {self.url}/proxies, and take away what is left")

    def _restore(self, proxy: str, *, enabled: bool) -> None:
        if self._get(proxy) is not None:
            self.set_enabled(proxy, enabled=enabled)
        self._down_is_over(proxy, NOT_OURS)
        del self._were_enabled[proxy]

    def _delete(self, name: str) -> None:
        self._http.delete(f"/proxies/{name}")
        self._made.remove(name)

    # --- reading back

    def _get(self, name: str) -> ProxyState | None:
        _check_name(name)
        try:
            return ProxyState.told(self.url, self._http.call("get", f"/proxies/{name}"))
        except Refused as error:
            if error.status == NOT_FOUND:
                return None
            raise

    def _existing(self, name: str) -> ProxyState:
        found = self._get(name)
        if found is None:
            hint = nearest_hint(name, self.proxies())
            raise BadInput(f"the Toxiproxy at {self.url} has no proxy {name!r}", hint=hint)
        return found


def _path(toxic: ToxicState) -> str:
    return f"/proxies/{toxic.proxy}/toxics/{toxic.name}"


def _check(asked: ToxicState) -> None:
    _check_name(asked.proxy)
    _check_name(asked.name)
    if asked.stream not in {"upstream", "downstream"}:
        raise BadInput(f"{asked} has no direction {asked.stream!r}", hint="upstream or downstream")
    if not 0 <= asked.toxicity <= 1:
        raise BadInput(
            f"{asked} has a toxicity of {asked.toxicity:g}", hint="it is a probability for each connection, 0 to 1"
        )


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise BadInput(f"{name!r} is no name for a proxy or a toxic", hint="letters, digits and _ . : -")


@cache
def _toxiproxy_api() -> Any:  # noqa: ANN401 - an untyped module
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # `future`, which it needs, is of another age
            from toxiproxy import api  # type: ignore[import-untyped]
    except ImportError as error:
        raise OutsideFailed(
            "driving a Toxiproxy needs toxiproxy-python, which is not installed",
            hint="pip install 'llmops-toolkit[toxiproxy]'",
        ) from error
    return api
