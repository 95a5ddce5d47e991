"""Names and values inside SQL text."""

from collections.abc import Iterable


def literal(value: object) -> str:
    """A value as an SQL string."""
    text = str(value).replace("'", "''")
    return f"'{text}'"


def identifier(name: str) -> str:
    """A name as an SQL identifier, whatever characters it has."""
    text = name.replace('"', '""')
    return f'"{text}"'


def json_pointer(path: Iterable[str]) -> str:
    """A path into JSON (RFC 6901) as an SQL string."""
    return literal("".join("/" + part.replace("~", "~0").replace("/", "~1") for part in path))
