"""Server-sent events: a stream of bytes cut into its events, without loss, wherever the bytes were split."""

from itertools import chain

BOM = b"\xef\xbb\xbf"


class Splitter:
    """Cuts a stream into events, each with its line ends and the blank line that closes it.

    Lossless: all events and the `rest` joined are the bytes that came. The cuts do not depend on how the bytes were
    split; therefore an event that ends in a lone CR is given only with the next byte, which could be its LF.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._scanned = 0  # up to here the buffer has no end of an event

    def feed(self, data: bytes) -> list[bytes]:
        """The events that are complete with these bytes."""
        buffer = self._buffer
        buffer += data
        events: list[bytes] = []
        start = 0
        while (end := _event_end(buffer, start, max(start, self._scanned - 1))) > 0:
            events.append(bytes(buffer[start:end]))
            start = self._scanned = end
        if start:
            del buffer[:start]
        self._scanned = len(buffer)
        if end == _UNDECIDED:
            self._scanned -= 1  # look again at the CR that may get its LF
        return events

    @property
    def rest(self) -> bytes:
        """What came after the last complete event."""
        return bytes(self._buffer)


_UNDECIDED = -2
_CR, _LF = 0x0D, 0x0A


def _event_end(buffer: bytearray, start: int, scan_from: int) -> int:
    """Where the first event ends: behind its blank line. -1: not yet; _UNDECIDED: behind a CR that is the last byte."""
    line_feeds = buffer.find(b"\n\n", scan_from)
    if buffer.find(_CR, scan_from, line_feeds if line_feeds >= 0 else len(buffer)) < 0:
        return line_feeds + 2 if line_feeds >= 0 else -1
    ends = [buffer.find(blank, scan_from) for blank in (b"\n\n", b"\n\r", b"\r\r")]
    found = [end for end in ends if end >= start]
    if not found:
        return -1
    end = min(found) + 2
    if buffer[end - 1] == _LF:
        return end
    if end == len(buffer):
        return _UNDECIDED
    return end + 1 if buffer[end] == _LF else end


def split_all(data: bytes) -> list[bytes]:
    """The events of a whole stream; what follows the last blank line is a last event without one."""
    splitter = Splitter()
    return [*splitter.feed(data), *filter(None, [splitter.rest])]


def data_of(raw: bytes) -> bytes | None:
    """The data of an event: its data lines joined by LF; None where it has none (a comment, a retry, a bare name)."""
    if raw.startswith(b"data: ") and raw.endswith(b"\n\n") and b"\r" not in raw and raw.find(b"\n") == len(raw) - 2:
        return raw[6:-2]  # nearly all events of providers
    return _field(raw, b"data")


def name_of(raw: bytes) -> bytes:
    """What follows `event:`, or empty."""
    return (_field(raw, b"event") or b"").rpartition(b"\n")[2] if b"event" in raw else b""


def _field(raw: bytes, name: bytes) -> bytes | None:
    values = [value for key, value in map(_key_and_value, raw.removeprefix(BOM).splitlines()) if key == name]
    return b"\n".join(values) if values else None


def _key_and_value(line: bytes) -> tuple[bytes, bytes]:
    key, _, value = line.partition(b":")
    return key, value.removeprefix(b" ")


def event(data: bytes, name: bytes = b"") -> bytes:
    """One event as providers write it: `event:` only where it has a name, a data line for each line of the data."""
    lines = [b"event: " + name] if name else []
    return b"\n".join(chain(lines, (b"data: " + line for line in data.split(b"\n")))) + b"\n\n"


def with_data(raw: bytes, data: bytes) -> bytes:
    """The event with other data: its names, ids, comments and kind of line end stay as they were."""
    lines = raw.splitlines(keepends=True)
    kept: list[bytes] = []
    placed = False
    for line in lines:
        if _key_and_value(line.removeprefix(BOM).rstrip(b"\r\n"))[0] != b"data":
            kept.append(line)
        elif not placed:
            placed = True
            ending = line[len(line.rstrip(b"\r\n")) :]
            bom = BOM if line.startswith(BOM) else b""
            kept.append(bom + b"".join(b"data: " + part + ending for part in data.split(b"\n")))
    return b"".join(kept)
