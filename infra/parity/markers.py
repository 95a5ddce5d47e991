"""Markers: how the output of a resource that does not exist travels through a program, and comes out as a reference."""

import base64
import binascii
import json
import re

OPEN, CLOSE = "<<tf:", ":tf>>"  # ASCII: json_dumps escapes everything else
MARKER = re.compile(re.escape(OPEN) + r"([\w.]+)" + re.escape(CLOSE))


def marker(reference: str) -> str:
    return f"{OPEN}{reference}{CLOSE}"


def expression(text: str) -> str:
    """A string of the program as one of Terraform's JSON: literal signs escaped, markers as references."""
    decoded = _decoded(text)
    if decoded is not None:
        inner = json.dumps(_interpolated(decoded), ensure_ascii=False)
        return "${base64encode(" + inner + ")}"
    return _interpolated(text)


def references(text: str) -> list[str]:
    """What the markers in a string refer to."""
    return MARKER.findall(_decoded(text) or text)


def _interpolated(text: str) -> str:
    literal = text.replace("${", "$${").replace("%{", "%%{")
    return MARKER.sub(lambda match: "${" + match[1] + "}", literal)


def _decoded(text: str) -> str | None:
    """The text inside base64 that a program made of text with markers in it; None for everything else."""
    if OPEN in text or len(text) < len(OPEN):
        return None
    try:
        decoded = base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    return decoded if MARKER.search(decoded) else None
