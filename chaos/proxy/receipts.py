"""Receipts: what was really done to whom, in the journal before the bytes leave."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from llmops.chaos.faults.base import Edits
from llmops.chaos.proxy.call import Call
from llmops.chaos.proxy.journal import Journal

if TYPE_CHECKING:
    from llmops.chaos.proxy.pipeline import Matched, ReceiptOf

NOT_OBSERVABLE = "not observable"


def fault_name(fault: object) -> str:
    """The registered name of a fault: that of its file."""
    return type(fault).__module__.rpartition(".")[2]


def receipts_of(call: Call, provider: str, journal: Journal) -> "ReceiptOf":
    """What writes the receipts of one request. Its wire record, of the same `call`, says which attempt it was."""

    def write(matched: "Matched", details: dict[str, object]) -> None:
        request_receipt(journal, provider, matched.name, matched.fault, call, details)

    return write


def request_receipt(  # noqa: PLR0913, PLR0917 - each is another thing
    journal: Journal, provider: str, injection: str, fault: object, call: Call, details: Mapping[str, object]
) -> None:
    """What a fault did to one request, or why it did nothing."""
    from llmops.chaos.proxy.wire_record import followed

    journal.write(
        "receipt",
        provider=provider,
        injection=injection,
        fault=fault_name(fault),
        call=call.number,
        **followed(call),
        **details,
    )


def state_receipt(  # noqa: PLR0913 - each is given by name
    journal: Journal, provider: str, injection: str, fault: str, state: str, *, connections: int | str, **more: object
) -> None:
    """For a fault below HTTP, which never sees a request: `state` is on, hit or off."""
    journal.write(
        "receipt",
        provider=provider,
        injection=injection,
        fault=fault,
        applied=True,
        state=state,
        connections_seen=connections,
        **more,
    )


class Confessed:
    """Turns what the contexts of one answer's faults confessed into receipts, each once."""

    def __init__(self, matched: "Sequence[Matched]", receipt: "ReceiptOf") -> None:
        self._matched = list(matched)
        self._receipt = receipt
        self.applied: set[int] = set()  # places of those that did something
        self._refused: set[int] = set()
        self._settled: set[int] = set()  # whose injection has ended: all is said of them

    def write(self) -> None:
        """What was confessed since the last time: before the change leaves."""
        for at, matched in enumerate(self._matched):
            context = matched.context
            if at in self._settled:
                context.noted.clear()
            while context.noted:
                self.applied.add(at)
                self._receipt(matched, {"applied": True, **context.noted.pop(0)})
            if context.reason_not_applied and at not in self._refused and at not in self.applied:
                self._refused.add(at)
                self._receipt(matched, {"applied": False, "reason": context.reason_not_applied})

    def settle(self, name: str, reason: str) -> None:
        """The injection of that name is over: nothing more will be said of it. One that did nothing has this reason."""
        for at, matched in enumerate(self._matched):
            if matched.name == name and at not in self._settled:
                if not (matched.context.noted or at in self.applied):
                    matched.context.reason_not_applied = matched.context.reason_not_applied or reason
                self.write()
                self._settled.add(at)

    def failed(self, matched: "Matched", error: str) -> None:
        """The fault itself raised: the proxy breaks the call, which is the fault's doing and nobody else's."""
        self.applied.add(self._matched.index(matched))
        what = "the fault itself failed: the call was broken"
        self._receipt(matched, {"applied": True, "what": what, "error": error})

    def give_up(self, reason: str) -> None:
        """Nothing more leaves: what was confessed and not written was made on paper only."""
        for at, matched in enumerate(self._matched):
            matched.context.noted.clear()
            if at not in self.applied:
                matched.context.reason_not_applied = matched.context.reason_not_applied or reason
        self.write()

    def close(self, reason: str) -> None:
        """All is said; a fault that edits and did nothing has this reason."""
        for at, matched in enumerate(self._matched):
            context = matched.context
            if isinstance(matched.fault, Edits) and not (context.noted or at in self.applied):
                context.reason_not_applied = context.reason_not_applied or reason
        self.write()
