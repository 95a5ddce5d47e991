"""A drill: real requests through the endpoint, each judged, and the time to the first good token."""

import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO

Clock = Callable[[], float]
PROMPT = "Say in one sentence what a fallback is for."
MAX_TOKENS = 32


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
        opened: IO[bytes] = urllib.request.urlopen(request, timeout=self.timeout_s, context=context)  # noqa: S310
        return opened


def ask(endpoint: Endpoint, clock: Clock) -> Answer:
    """One streamed request. Good is: an answer of this model, with text, that says that it ended."""
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
        return Answer(good=False, reason=f"HTTP {error.code}", first_token_s=None)
    except (OSError, ValueError) as error:
        return Answer(good=False, reason=str(error) or type(error).__name__, first_token_s=None)


def _chunks(answer: IO[bytes]) -> Iterator[dict[str, object] | None]:
    """The events of a stream; None is its end."""
    for line in answer:
        if line.startswith(b"data:"):
            data = line.removeprefix(b"data:").strip()
            yield None if data == b"[DONE]" else json.loads(data)


def _judged(chunks: Iterator[dict[str, object] | None], model: str, started: float, clock: Clock) -> Answer:
    first, finish, ended = None, None, False
    for chunk in chunks:
        if chunk is None:
            ended = True
            break
        if "error" in chunk:
            return Answer(good=False, reason="an error inside the stream", first_token_s=first)
        if chunk.get("model") != model:
            return Answer(good=False, reason=f"answered by {chunk.get('model')!r}", first_token_s=first)
        for choice in chunk.get("choices") or []:  # type: ignore[attr-defined]
            if choice.get("delta", {}).get("content") and first is None:
                first = clock() - started
            finish = choice.get("finish_reason") or finish
    reason = "" if first is not None and finish and ended else "no text" if first is None else "cut short"
    return Answer(good=not reason, reason=reason, first_token_s=first)


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
