"""Receipts: what was really done to whom, in the journal before the bytes leave."""

from typing import TYPE_CHECKING

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
    from llmops.chaos.proxy.wire_record import followed

    def write(matched: "Matched", details: dict[str, object]) -> None:
        journal.write(
            "receipt",
            provider=provider,
            injection=matched.name,
            fault=fault_name(matched.fault),
            call=call.number,
            **followed(call),
            **details,
        )

    return write


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
