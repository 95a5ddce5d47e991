"""Looks into JSON without parsing it: byte scans for the hot path, and parsing that never raises."""

from typing import Any

_QUOTE, _BACKSLASH = 0x22, 0x5C


def parsed(data: bytes | None) -> dict[str, Any] | None:
    """The object that the data are, or None."""
    value = parsed_any(data)
    return value if isinstance(value, dict) else None


def parsed_any(data: bytes | None) -> Any:  # noqa: ANN401 - JSON is any value
    """The value that the data are, or None where they are not JSON (or are null)."""
    import orjson

    try:
        return orjson.loads(data or b"")
    except orjson.JSONDecodeError:
        return None


def string_at(raw: bytes, key: bytes, start: int = 0) -> bytes | None:
    """The bytes of the string (escapes as they stand) behind the first `"key":`, or None where there is no string.

    Safe inside texts: a quote inside a JSON string is always escaped, so that `"key"` is never part of one.
    """
    quoted = b'"%s"' % key
    at = raw.find(quoted, start)
    while at >= 0:
        at += len(quoted)
        while at < len(raw) and raw[at] in b" :":
            at += 1
        if at < len(raw) and raw[at] == _QUOTE:
            end = _closing_quote(raw, at + 1)
            return raw[at + 1 : end] if end >= 0 else None
        at = raw.find(quoted, at)
    return None


def has_object(raw: bytes, key: bytes) -> bool:
    """Whether an object stands behind some `"key":` (null, as chat chunks say it of usage, does not count)."""
    quoted = b'"%s"' % key
    at = raw.find(quoted)
    while at >= 0:
        at += len(quoted)
        while at < len(raw) and raw[at] in b" :":
            at += 1
        if raw[at : at + 1] == b"{":
            return True
        at = raw.find(quoted, at)
    return False


def _closing_quote(raw: bytes, start: int) -> int:
    end = raw.find(b'"', start)
    while end >= 0 and _is_escaped(raw, end):
        end = raw.find(b'"', end + 1)
    return end


def _is_escaped(raw: bytes, at: int) -> bool:
    first = at
    while raw[first - 1] == _BACKSLASH:
        first -= 1
    return (at - first) % 2 == 1


def characters(escaped: bytes) -> int:
    """How many characters a JSON string has, given its bytes without the quotes."""
    if _BACKSLASH not in escaped and escaped.isascii():
        return len(escaped)
    text = parsed_any(b'"%s"' % escaped)
    return len(text) if isinstance(text, str) else 0


def whole_number(value: object) -> int | None:
    """The value where it is a count, else None: unknown is never zero."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def member(value: object, *path: str | int) -> Any:  # noqa: ANN401 - JSON is any value
    """What stands at the path, or None."""
    for step in path:
        if isinstance(step, str) and isinstance(value, dict):
            value = value.get(step)
        elif isinstance(step, int) and isinstance(value, list) and -len(value) <= step < len(value):
            value = value[step]
        else:
            return None
    return value


def members(value: object, *path: str | int) -> list[Any]:
    """The list at the path, or an empty one."""
    found = member(value, *path)
    return found if isinstance(found, list) else []
