"""What a Toxiproxy told of its proxies and toxics: checked against what was asked, and worded as receipts."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, Self

from llmops.chaos.proxy.journal import stamp
from llmops.chaos.proxy.receipts import NOT_OBSERVABLE
from llmops.errors import BadInput, OutsideFailed, nearest_hint

FLOAT32 = 1e-6  # relative: a toxicity comes back as Go's float32


@dataclass(frozen=True)
class ProxyState:
    """A proxy as the server told it. `listen` has the real port."""

    server: str
    name: str
    listen: str
    upstream: str
    enabled: bool

    @classmethod
    def told(cls, server: str, fields: object) -> Self:
        """OutsideFailed for what is no proxy."""
        told = fields_of(fields, server, name=str, listen=str, upstream=str, enabled=bool)
        return cls(server, told["name"], told["listen"], told["upstream"], told["enabled"])


@dataclass(frozen=True)
class ToxicState:
    """A toxic as the server told it, or as it was when it ended.

    It was on at no moment before `at_from`, and at none after `at_to`; None: it still is on.
    """

    server: str
    proxy: str
    name: str
    type: str
    stream: str
    toxicity: float
    attributes: Mapping[str, object] = field(hash=False)
    at_from: datetime
    at_to: datetime | None = None
    why: str = ""  # why it ended, where nobody here took it away; or what else is odd about it

    def __str__(self) -> str:
        return f"the toxic {self.proxy}/{self.name} of the Toxiproxy at {self.server}"

    def told(self, fields: object) -> Self:
        """This one as the server tells it. OutsideFailed for what is no toxic."""
        told = fields_of(fields, self.server, type=str, stream=str, toxicity=float, attributes=dict)
        told = {name: told[name] for name in ("type", "stream", "toxicity", "attributes")}
        return replace(self, **told, why="")

    def check_knows(self, attributes: Mapping[str, object]) -> None:
        """BadInput for an attribute that the server dropped, as Toxiproxy does without a word."""
        for name in attributes:
            if name not in self.attributes:
                hint = nearest_hint(name, self.attributes)
                raise BadInput(f"{self} has no attribute {name!r}", hint=hint)

    def check_is(self, asked: "ToxicState") -> None:
        """BadInput for an attribute that was dropped, OutsideFailed for a value that is another."""
        self.check_knows(asked.attributes)
        for name, value in asked.attributes.items():
            if self.attributes[name] != value:
                raise OutsideFailed(f"{self} has {name} {self.attributes[name]!r}; {value!r} was asked for")
        for name in ("type", "stream"):
            told, value = getattr(self, name), getattr(asked, name)
            if told != value:
                raise OutsideFailed(f"{self} has {name} {told!r}; {value!r} was asked for")
        if not math.isclose(self.toxicity, asked.toxicity, rel_tol=FLOAT32):
            raise OutsideFailed(f"{self} has a toxicity of {self.toxicity:g}; {asked.toxicity:g} was asked for")

    def receipt(self, state: Literal["on", "changed", "off"]) -> dict[str, object]:
        """The arguments of a state receipt, but for the journal."""
        more = {"stream": self.stream, "toxicity": self.toxicity, "attributes": dict(self.attributes)}
        why = {"why": self.why} if self.why else {}
        moments = receipt(self.server, self.proxy, self.name, self.type, state, self.at_from, self.at_to)
        return {**moments, **more, **why}


def receipt(  # noqa: PLR0913, PLR0917 - the words of the journal
    server: str, proxy: str, name: str, fault: str, state: str, at_from: datetime, at_to: datetime | None = None
) -> dict[str, object]:
    """The arguments of a state receipt that every fault of a server outside has. It tells us of no connection."""
    said = {"provider": proxy, "injection": name, "fault": fault, "state": state, "connections": NOT_OBSERVABLE}
    moments = {"at_from": stamp(at_from)} | ({} if at_to is None else {"at_to": stamp(at_to)})
    return {**said, "server": server, **moments}


def fields_of(told: object, server: str, **types: type) -> dict[str, Any]:
    """A JSON object with these fields. OutsideFailed for anything else."""
    fields = told if isinstance(told, dict) else {}
    for name, kind in types.items():
        if not isinstance(fields.get(name), (int, float) if kind is float else kind):
            raise not_toxiproxy(server, f"it tells {str(told)[:200]} where {', '.join(types)} are due")
    return fields


def not_toxiproxy(server: str, reason: str) -> OutsideFailed:
    return OutsideFailed(f"what answers at {server} is no Toxiproxy: {reason}", hint="check the host and the port")
