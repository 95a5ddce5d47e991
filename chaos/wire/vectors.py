"""Embedding vectors in an answer: as lists of numbers or as base64 of little-endian 32-bit floats."""

import base64
import binascii
import math
import struct
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from llmops.chaos.wire.json_scan import members, parsed
from llmops.chaos.wire.parts import Action, Body, Part
from llmops.chaos.wire.payload import written
from llmops.chaos.wire.stages import CannotEditError, Parts, shape_for

if TYPE_CHECKING:
    from llmops.chaos.faults.base import FaultContext

Vector = list[float]
Change = Callable[[list[Vector]], list[Vector]]

_FLOAT_BYTES = 4
_NAN = "llmops:nan"  # stands for a NaN until it is JSON, which has no NaN; servers send it bare


class EditedVectors(Parts):
    """Changes all vectors of an answer together; each keeps its format."""

    def __init__(self, context: "FaultContext", what: str, change: Change) -> None:
        super().__init__(context, streams=False)
        self._what = what
        self._change = change

    def body(self, body: Body) -> Iterator[Part | Action]:
        payload = parsed(body.data)
        items = [item for item in members(payload, "data") if isinstance(item, dict)]
        try:
            old = [read(item.get("embedding")) for item in items]
            new = self._change(old) if old else old
        except CannotEditError as error:
            self.context.not_applied(str(error))
            yield body
            return
        if not _differs(old, new):
            yield body
            return
        for item, vector in zip(items, new, strict=True):
            item["embedding"] = _like(item["embedding"], vector)
        self.context.note(self._what, vectors=len(new), dimensions=len(new[0]))
        yield Body(written(payload).replace(b'"%s"' % _NAN.encode(), b"NaN"))


def _differs(old: list[Vector], new: list[Vector]) -> bool:
    return old != new or any(math.isnan(value) for vector in new for value in vector)


def read(embedding: Any) -> Vector:  # noqa: ANN401 - JSON is any value
    """The numbers of one embedding. CannotEditError where it is neither a list of numbers nor base64 of floats."""
    if isinstance(embedding, list) and all(isinstance(value, int | float) for value in embedding):
        return [float(value) for value in embedding]
    if not isinstance(embedding, str):
        raise CannotEditError("an embedding is neither a list of numbers nor base64")
    try:
        data = base64.b64decode(embedding, validate=True)
    except binascii.Error as error:
        raise CannotEditError("an embedding is no base64") from error
    if len(data) % _FLOAT_BYTES:
        raise CannotEditError("an embedding in base64 is not of 32-bit floats")
    return list(struct.unpack(f"<{len(data) // _FLOAT_BYTES}f", data))


def _like(embedding: object, vector: Vector) -> object:
    if isinstance(embedding, str):
        return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
    return [_NAN if math.isnan(value) else value for value in vector]


def edited_vectors(context: "FaultContext", what: str, change: Change) -> Parts:
    """The stage of a change of vectors."""
    if shape_for(context, frozenset({"openai_embeddings"})) is None:
        return Parts(context)
    return EditedVectors(context, what, change)
