"""What faults do to one exchange, without a socket: the upstream's answer in, actions for the client's socket out.

begin ─▶ a fault answers by itself ────────────────────────────────┐
head, data, end ─▶ unpack ─▶ edits (events, body) ─▶ pack ─▶ edits (pieces) ─▶ framing ─▶ receipts ─▶ actions
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from llmops.chaos.faults.base import Answers, Binds, Edits, Fault, FaultContext, Holds, Reads, Request, Stage
from llmops.chaos.proxy.coding import CannotDecodeError
from llmops.chaos.proxy.receipts import Confessed
from llmops.chaos.proxy.unpacking import HELD_BYTES, Held, LiveEvents, Packing, packed_whole
from llmops.chaos.wire.http1 import Framing, header, is_stream, with_length
from llmops.chaos.wire.parts import Action, AnswerHead, Body, End, Event, Fin, Frame, Part, Piece, Reset, Wait

ACTIONS = (Frame, Wait, Fin, Reset)
NOTHING_TO_CHANGE = "the answer ended before the fault found anything to change"
INJECTION_ENDED = "the injection ended before the fault found anything to change"


@dataclass(frozen=True)
class Matched:
    """A fault that the schedule has chosen for this request; `name` is the injection's."""

    name: str
    fault: Fault
    context: FaultContext


class FaultRaisedError(Exception):
    """A fault's own code raised; its error is the cause."""

    def __init__(self, matched: Matched) -> None:
        super().__init__(matched.name)
        self.matched = matched


@dataclass
class _Working:
    """A matched fault at work on this answer."""

    matched: Matched
    stage: Stage
    let_go: bool = False  # its injection is over: parts pass it by

    def fed(self, part: Part) -> Iterator[Part | Action]:
        """What goes on instead of this part."""
        if self.matched.context.ended and not self.let_go:
            yield from self.ends()
        if self.let_go:
            yield part
            return
        try:
            for output in self.stage.feed(part):
                yield _asked_by(self.matched, output)
        except Exception as error:
            raise FaultRaisedError(self.matched) from error

    def ends(self) -> Iterator[Part]:
        """The injection is over: what is held comes as it came, unless the rest must keep to what was changed."""
        if self.let_go or (isinstance(self.stage, Binds) and self.stage.bound):
            return
        self.let_go = True
        if isinstance(self.stage, Holds):
            yield from self.stage.let_go()


ReceiptOf = Callable[[Matched, dict[str, object]], None]


class Exchange:
    """One request with matched faults, from its complete (or opaque) request to the last byte of its answer.

    Each method yields what the server does next. A receipt is written through `receipt` before the action that
    carries the change is yielded. Once `over`, nothing more may be sent for this answer: stop reading the upstream.
    """

    def __init__(self, request: Request, matched: Sequence[Matched], receipt: ReceiptOf, *, keep_alive: bool) -> None:
        self.over = False
        self.declined = False  # the fault that was to answer ended before it began to
        self._asked = 0  # how many of them were asked for an answer of their own
        self._matched = list(matched)
        self._receipts = Confessed(matched, receipt)
        self._upstreams_end = End()
        self._whole = False  # that end has passed
        self._framing = Framing(request.head, keep_alive=keep_alive)
        self._packing = Packing()
        self._edits: list[_Working] = []  # of events and bodies
        self._pieces: list[_Working] = []  # of pieces, nearest to the client
        self._head: AnswerHead | None = None
        self._unpacked: LiveEvents | Held | None = None  # None: bytes pass as pieces
        self._outputs: list[Part | Action] = []  # of the edits, while the answer is held

    def begin(self) -> Iterator[Action] | None:
        """Not None: a fault answers by itself, the upstream is not asked. Again where it has `declined`."""
        self.declined = False
        while self._asked < len(self._matched):
            matched = self._matched[self._asked]
            self._asked += 1
            if not isinstance(matched.fault, Answers) or matched.context.ended:
                continue
            try:
                parts = iter(matched.fault.answer(matched.context) or ())
                first = next(parts, None)
            except Exception as error:  # noqa: BLE001 - a fault is anybody's code
                return _raising(FaultRaisedError(matched), error)
            if first is not None:
                return self._answer(_while_on(chain([first], parts), matched), matched)
        return None

    def head(self, head: AnswerHead) -> Iterator[Action]:
        """The head of the upstream's answer has come."""
        self._head = head
        self._start([m for m in self._matched if isinstance(m.fault, Edits)], head)
        outputs = self._through(self._edits, head)
        self._drop_idle()
        if self._edits and self._open(head):
            if isinstance(self._unpacked, Held):
                self._outputs += outputs
                return
        else:
            outputs = [head]
        yield from self._send(outputs, packing=self._unpacked is not None)

    def data(self, data: bytes) -> Iterator[Action]:
        """Body bytes, de-chunked but still content-encoded."""
        if isinstance(self._unpacked, Held):
            self._unpacked.feed(data)
            if self._unpacked.size_bytes > HELD_BYTES:
                yield from self._give_up(f"the answer is longer than {HELD_BYTES} bytes")
        elif isinstance(self._unpacked, LiveEvents):
            yield from self._live(data)
        else:
            yield from self._send([Piece(data)], packing=False)

    def end(self) -> Iterator[Action]:
        """The upstream's answer is complete."""
        if isinstance(self._unpacked, Held):
            yield from self._all_of(self._unpacked)
        elif isinstance(self._unpacked, LiveEvents):
            for part in (*self._unpacked.end(), self._upstreams_end):
                yield from self._send(_lazily(self._edits, part))
        else:
            yield from self._send([self._upstreams_end], packing=False)
        self._receipts.close(NOTHING_TO_CHANGE)
        self.over = True

    def lost(self, how: str) -> Iterator[Action]:
        """The upstream failed mid-way (`reset` or `closed`): the client is told so, no end is invented."""
        if isinstance(self._unpacked, Held):
            yield from self._give_up("the upstream was lost before its answer was whole")
        elif isinstance(self._unpacked, LiveEvents):
            yield from self._send(self._let_go())
            yield from self._send(self._unpacked.end())
        self._receipts.close("the upstream was lost before the fault found anything to change")
        if not self.over:
            yield Reset() if how == "reset" else Fin()
        self.over = True

    def let_go(self, name: str) -> None:
        """The injection of that name has ended: it changes and delays nothing more, and has its last receipt."""
        for matched in self._matched:
            if matched.name == name:
                matched.context.ended = True
                if isinstance(self._unpacked, Held):
                    matched.context.noted.clear()  # of a change that was made on paper
        self._receipts.settle(name, INJECTION_ENDED)

    def released(self) -> Iterator[Action]:
        """What was held for injections that have ended, as it came."""
        if isinstance(self._unpacked, Held):
            self._begin_anew()
            if not self._edits:
                yield from self._give_up(INJECTION_ENDED)
        elif isinstance(self._unpacked, LiveEvents):
            for at, working in enumerate(self._edits):
                if working.matched.context.ended:
                    for part in working.ends():
                        yield from self._send(_lazily(self._edits[at + 1 :], part))

    def failed(self, error: Exception) -> None:
        """Code of a fault (or of ours) raised: the call ends here."""
        self.over = True
        if isinstance(error, FaultRaisedError):
            self._receipts.failed(error.matched, said_of(error))

    @property
    def cut(self) -> bool:
        """Whether a fault answered, or ended the answer before the upstream's own end had passed."""
        return self.over and not self._whole

    @property
    def applied(self) -> list[str]:
        """The injections that did something to this answer, so far."""
        return [self._matched[at].name for at in sorted(self._receipts.applied)]

    def unfinished(self, reason: str) -> None:
        """The call ended some other way: faults that said nothing so far did nothing, for this reason."""
        self._receipts.give_up(reason)
        self.over = True

    def _answer(self, parts: Iterable[Part | Action], by: Matched) -> Iterator[Action]:
        begun = False
        for part in _as_pieces(parts):
            if not (begun or isinstance(part, Wait)):
                begun = True
                self._answered(by)
            yield from self._send([part], packing=False)
        if not begun:
            self.declined = True
            return
        self._receipts.close(NOTHING_TO_CHANGE)
        self.over = True

    def _answered(self, by: Matched) -> None:
        """What other faults still have to do with an answer that is none of the upstream's."""
        edits = [m for m in self._matched if m is not by and isinstance(m.fault, Edits)]
        self._dismiss([m for m in self._matched[self._asked :] if isinstance(m.fault, Answers)], by.name)
        self._dismiss([m for m in edits if _reads(m) != "pieces"], by.name)
        self._start([m for m in edits if _reads(m) == "pieces"], None)

    def _dismiss(self, matched: Iterable[Matched], by: str) -> None:
        for one in matched:
            one.context.not_applied(f"{by} answered, the upstream was not asked")

    def _start(self, matched: Iterable[Matched], head: AnswerHead | None) -> None:
        for one in matched:
            if not isinstance(one.fault, Edits) or one.context.ended:
                continue
            if one.fault.reads == "body" and head is not None and is_stream(head):
                one.context.not_applied("it edits whole bodies, and this answer is a stream")
                continue
            working = _Working(one, _stage(one))
            (self._pieces if one.fault.reads == "pieces" else self._edits).append(working)
        self._drop_idle()

    def _drop_idle(self) -> None:
        """A fault that said it cannot apply has no further part in this answer."""
        self._edits = [w for w in self._edits if not w.matched.context.reason_not_applied]
        self._pieces = [w for w in self._pieces if not w.matched.context.reason_not_applied]

    def _open(self, head: AnswerHead) -> bool:
        """Make ready to decode; false, with the edits off, where the coding is not known."""
        try:
            live = is_stream(head) and header(head.headers, b"content-length") is None
            self._unpacked = LiveEvents(head) if live else Held(head)
        except CannotDecodeError as error:
            self._off(str(error))
            return False
        return True

    def _off(self, reason: str) -> None:
        for working in self._edits:
            working.matched.context.not_applied(reason)
            working.matched.context.noted.clear()  # of changes that were made on paper and never left
        self._edits = []

    def _live(self, data: bytes) -> Iterator[Action]:
        assert isinstance(self._unpacked, LiveEvents)  # noqa: S101 - for the type checker; `data` has looked
        try:
            for part in self._unpacked.feed(data):
                yield from self._send(_lazily(self._edits, part))
        except CannotDecodeError as error:
            self._receipts.close(f"the stream's coding cannot be decoded further: {error}")
            if not self.over:
                yield Reset()  # the client could not have decoded it either
            self.over = True

    def _all_of(self, held: Held) -> Iterator[Action]:
        try:
            parts = [*held.parts(), self._upstreams_end]
        except CannotDecodeError as error:
            yield from self._give_up(str(error))
            yield from self._send([self._upstreams_end], packing=False)
            return
        self._unpacked = None  # nothing is held any more: it is on its way
        for part in parts:
            self._outputs += self._through(self._edits, part)
        if _same(self._outputs, [self._head, *parts]):
            as_it_came = (self._head, Piece(held.raw), self._upstreams_end)
            yield from self._send([p for p in as_it_came if p is not None], packing=False)
        else:
            yield from self._send(packed_whole(self._outputs), packing=False)

    def _give_up(self, reason: str) -> Iterator[Action]:
        """Let go what was held, as it came."""
        assert isinstance(self._unpacked, Held)  # noqa: S101 - for the type checker; the callers have looked
        held, self._unpacked = self._unpacked, None
        self._off(reason)
        yield from self._send([p for p in (self._head, Piece(held.raw)) if p is not None], packing=False)

    def _let_go(self) -> Iterator[Part | Action]:
        """What the edits hold back of a stream, as it came."""
        for at, working in enumerate(self._edits):
            if isinstance(working.stage, Holds):
                for part in working.stage.let_go():
                    yield from _lazily(self._edits[at + 1 :], part)

    def _begin_anew(self) -> None:
        """Of a held answer nothing has left: the edits whose injections are still on begin with its head again."""
        for working in self._edits:
            working.matched.context.noted.clear()  # of changes that were made on paper
        assert self._head is not None  # noqa: S101 - for the type checker; an answer is held once its head has come
        self._edits = [_Working(w.matched, _stage(w.matched)) for w in self._edits if not w.matched.context.ended]
        self._outputs = self._through(self._edits, self._head)

    def _through(self, stages: Sequence[_Working], part: Part | Action) -> list[Part | Action]:
        outputs: list[Part | Action] = [part]
        for working in stages:
            outputs = list(chain.from_iterable(_fed(working, output) for output in outputs))
        return outputs

    def _send(self, parts: Iterable[Part | Action], *, packing: bool = True) -> Iterator[Action]:
        for part in parts:
            if self.over:
                return
            for packed in self._packing.feed(part) if packing else (part,):
                yield from self._emit(packed)

    def _emit(self, part: Part | Action) -> Iterator[Action]:
        self._whole = self._whole or part is self._upstreams_end
        for output in _lazily(self._pieces, part):
            for action in self._framing.feed(output):
                if self.over:
                    return
                if isinstance(action, Wait) and self._has_ended(action.by):
                    continue
                self._receipts.write()
                self.over = isinstance(action, Fin | Reset)
                yield action
            self.over = self.over or isinstance(output, End)

    def _has_ended(self, injection: str) -> bool:
        return any(m.name == injection and m.context.ended for m in self._matched)


def said_of(error: Exception) -> str:
    """An error in words: that of a fault's own code where it is one."""
    cause = error.__cause__ if isinstance(error, FaultRaisedError) else None
    return f"{type(cause or error).__name__}: {cause or error}"


def _stage(matched: Matched) -> Stage:
    assert isinstance(matched.fault, Edits)  # noqa: S101 - for the type checker; the callers have looked
    try:
        return matched.fault.stage(matched.context)
    except Exception as error:
        raise FaultRaisedError(matched) from error


def _raising(error: Exception, cause: Exception) -> Iterator[Action]:
    """Actions that come to nothing: who plays them is told."""
    raise error from cause
    yield  # what makes it a generator


def _while_on(parts: Iterator[Part | Action], matched: Matched) -> Iterator[Part | Action]:
    """What the fault answers; where its injection ends while it only waits, nothing more."""
    begun = False
    while not (matched.context.ended and not begun):
        try:
            part = next(parts, None)
        except Exception as error:
            raise FaultRaisedError(matched) from error
        if part is None:
            return
        begun = begun or not isinstance(part, Wait)
        yield _asked_by(matched, part)


def _asked_by(matched: Matched, output: Part | Action) -> Part | Action:
    """A wait of a fault, with the injection that asks for it."""
    return replace(output, by=matched.name) if isinstance(output, Wait) and not output.by else output


def _reads(matched: Matched) -> Reads | None:
    return matched.fault.reads if isinstance(matched.fault, Edits) else None


def _as_pieces(parts: Iterable[Part | Action]) -> Iterator[Part | Action]:
    """An answer of our own as if it came from an upstream: pieces, and before a body its length."""
    head: AnswerHead | None = None
    for part in parts:
        if head is not None:
            yield with_length(head, len(part.data)) if isinstance(part, Body) else head
        head = part if isinstance(part, AnswerHead) else None
        if isinstance(part, Body | Event):
            yield Piece(part.data if isinstance(part, Body) else part.raw)
        elif head is None:
            yield part


def _fed(working: _Working, part: Part | Action) -> Iterator[Part | Action]:
    if isinstance(part, ACTIONS):
        return iter((part,))
    return working.fed(part)


def _lazily(stages: Sequence[_Working], part: Part | Action) -> Iterator[Part | Action]:
    """Through all stages one output at a time, so that each change is confessed when it leaves."""
    if not stages:
        yield part
        return
    for output in _fed(stages[0], part):
        yield from _lazily(stages[1:], output)


def _same(outputs: Sequence[Part | Action], parts: Sequence[Part | None]) -> bool:
    return len(outputs) == len(parts) and all(one is other for one, other in zip(outputs, parts, strict=True))
