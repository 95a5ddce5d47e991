"""A drill: real requests through the endpoint, each judged, and the time to the first good token."""

import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from http.client import HTTPException
from ipaddress import ip_address
from typing import IO, Any
from urllib.parse import urlsplit

from llmops.errors import BadInput

Clock = Callable[[], float]
PROMPT = "Say in one sentence what a fallback is for."
MAX_TOKENS = 32
WHOLE = ("stop", "length")  # ends of a good answer: a filter's is none
ODD = "an event of another form"
REDIRECTS = range(300, 400)


def api_key(text: str | None, variable: str) -> str | None:
    """The key without the white space around it, such as the newline of a file. BadInput, which does not show it."""
    key = (text or "").strip()
    if not all("!" <= sign <= "~" for sign in key):
        raise BadInput(
            f"the key in {variable} is no plain word: it holds white space, a control character or another alphabet",
            hint=f"set {variable} again; it is not shown here",
        )
    return key or None


@dataclass(frozen=True)
class Answer:
    """One request: when its first token came, how it ended."""

    good: bool
    reason: str  # why it is not good; empty where it is
    first_token_s: float | None  # from its send


@dataclass(frozen=True)
class Endpoint:
    """Where the fallback answers; the key is told to nobody."""

    base_url: str  # with /v1
    model: str
    key: str | None = None
    timeout_s: float = 60.0
    insecure: bool = False  # a certificate of another name, on a drill before the name points there

    def open(self, body: dict[str, object]) -> IO[bytes]:
        headers = {"content-type": "application/json"}
        if self.key:
            headers["authorization"] = f"Bearer {self.key}"
        url = f"{self.base_url.rstrip('/')}/chat/completions"
        request = urllib.request.Request(url, json.dumps(body).encode(), headers)  # noqa: S310 - the user's own URL
        context = ssl._create_unverified_context() if self.insecure else None  # noqa: S323, SLF001 - asked for
        opener = urllib.request.build_opener(_Stays, urllib.request.HTTPSHandler(context=context))
        opened: IO[bytes] = opener.open(request, timeout=self.timeout_s)
        return opened

    @property
    def shows_key(self) -> bool:
        """Whether the key goes in clear over a network."""
        url = urlsplit(self.base_url)
        return self.key is not None and url.scheme == "http" and not _is_loopback(url.hostname or "")

    def redacted(self, text: str) -> str:
        """What an error says, without the key."""
        for shown in (self.key, repr(self.key)[1:-1]) if self.key else ():  # plain, and as errors quote it
            text = text.replace(shown, "[key]")
        return text


class _Stays(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: it would take the key to another host."""

    def redirect_request(self, *_: object) -> None:
        return None


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def ask(endpoint: Endpoint, clock: Clock) -> Answer:
    """One streamed request. Good is: an answer of this model, with text, that says that it ended."""
    answer = _asked(endpoint, clock)
    return replace(answer, reason=endpoint.redacted(answer.reason))


def _asked(endpoint: Endpoint, clock: Clock) -> Answer:
    started = clock()
    body: dict[str, object] = {
        "model": endpoint.model,
        "messages": [{"role": "user", "content": PROMPT}],
        "max_tokens": MAX_TOKENS,
        "stream": True,
    }
    try:
        with endpoint.open(body) as answer:
            return _judged(_chunks(answer), endpoint.model, started, clock)
    except urllib.error.HTTPError as error:
        told = ", a redirect, which is not followed" if error.code in REDIRECTS else ""
        return Answer(good=False, reason=f"HTTP {error.code}{told}", first_token_s=None)
    except HTTPException as error:
        return Answer(good=False, reason=f"no whole HTTP answer: {type(error).__name__}", first_token_s=None)
    except (OSError, ValueError, RecursionError) as error:
        return Answer(good=False, reason=str(error) or type(error).__name__, first_token_s=None)


def _chunks(answer: IO[bytes]) -> Iterator[Any]:
    """The events of a stream; None is its end."""
    for line in answer:
        if line.startswith(b"data:"):
            data = line.removeprefix(b"data:").strip()
            yield None if data == b"[DONE]" else json.loads(data)


def _judged(chunks: Iterator[Any], model: str, started: float, clock: Clock) -> Answer:
    first, finish, ended = None, None, False
    for chunk in chunks:
        if chunk is None:
            ended = True
            break
        reason = _refused(chunk, model)
        if reason:
            return Answer(good=False, reason=reason, first_token_s=first)
        for choice in chunk.get("choices") or []:
            if (choice.get("delta") or {}).get("content") and first is None:
                first = clock() - started
            finish = choice.get("finish_reason") or finish
    return Answer(good=not (reason := _ending(first, finish, ended)), reason=reason, first_token_s=first)


def _refused(chunk: Any, model: str) -> str:  # noqa: ANN401 - whatever a server sends
    """Why an event makes its answer bad; empty where it does not."""
    if not isinstance(chunk, dict):
        return ODD
    if "error" in chunk:
        return "an error inside the stream"
    if chunk.get("model") != model:
        return f"answered by {chunk.get('model')!r}"
    choices = chunk.get("choices") or []
    return "" if isinstance(choices, list) and all(map(_is_choice, choices)) else ODD


def _is_choice(choice: Any) -> bool:  # noqa: ANN401
    if not isinstance(choice, dict) or not isinstance(choice.get("finish_reason"), str | None):
        return False
    delta = choice.get("delta") or {}
    return isinstance(delta, dict) and isinstance(delta.get("content"), str | None)


def _ending(first: float | None, finish: str | None, ended: bool) -> str:
    """Why an answer is not good; empty where it is."""
    if finish is not None and finish not in WHOLE:
        return f"ended by {finish!r}"
    if first is None:
        return "no text"
    return "" if finish and ended else "cut short"


@dataclass(frozen=True)
class Drilled:
    """What a drill measured, from the moment of the wake-up."""

    wake_s: float | None  # None: the endpoint was awake, or is not woken by us
    first_good_token_s: float | None
    answers: tuple[Answer, ...]

    @property
    def good_ratio(self) -> float | None:
        return sum(it.good for it in self.answers) / len(self.answers) if self.answers else None


def drill(  # noqa: PLR0913 - each is given by name
    endpoint: Endpoint,
    *,
    requests: int,
    started: float,
    wake_s: float | None,
    clock: Clock,
    wait: Callable[[float], None],
) -> Drilled:
    """Ask until an answer is good, at most for the time-out of one request, then `requests` times more, one by one."""
    until_good = clock() + endpoint.timeout_s
    while True:
        sent = clock()
        answer = ask(endpoint, clock)
        if answer.good and answer.first_token_s is not None:
            first_good = sent - started + answer.first_token_s
            return Drilled(wake_s, first_good, tuple(ask(endpoint, clock) for _ in range(requests)))
        if clock() >= until_good:
            return Drilled(wake_s, None, (answer,))
        wait(1.0)
