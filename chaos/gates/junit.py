"""Rows as JUnit XML, which every pipeline reads: FAIL is a failure, INVALID an error, what is excused is skipped.

The form is that of Ant and Jenkins: testsuites, testsuite, testcase with at most one of failure, error and skipped.
"""

from collections.abc import Sequence
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from llmops.chaos.gates.quoting import quoted
from llmops.chaos.gates.rows import EXCUSED, Row, Word, with_word

ELEMENTS = {"FAIL": "failure", "INVALID": "error", "WARN": "skipped", "WAIVED": "skipped"}


def junit_xml(rows: Sequence[Row], *, suite: str, at: datetime) -> str:
    """The document. `suite` is the gate file's name."""
    root = Element("testsuites", _counts(rows))
    group = SubElement(
        root, "testsuite", {"name": quoted(suite), "timestamp": at.strftime("%Y-%m-%dT%H:%M:%S"), **_counts(rows)}
    )
    for row in rows:
        _add_case(group, row)
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _counts(rows: Sequence[Row]) -> dict[str, str]:
    named: dict[str, tuple[Word, ...]] = {"failures": ("FAIL",), "errors": ("INVALID",), "skipped": EXCUSED}
    counts = {name: str(len([*with_word(rows, *words)])) for name, words in named.items()}
    return {"tests": str(len(rows)), **counts, "time": "0"}


def _add_case(group: Element, row: Row) -> None:
    name = " ".join(filter(None, [row.name, f"[{row.where}]" if row.where and row.kind == "gate" else ""]))
    classname = ".".join(filter(None, [row.kind, row.file.replace(".", "_") if row.kind == "gate" else ""]))
    case = SubElement(group, "testcase", {"name": _xml(name), "classname": _xml(classname), "time": "0"})
    if row.word == "PASS":
        SubElement(case, "system-out").text = _xml(row.reason)
        return
    told = SubElement(case, ELEMENTS[row.word], {"message": _xml(f"{row.word}: {row.reason}"), "type": row.word})
    told.text = _xml(f"{row.reason}\n{row.file}".strip())


def _xml(text: str) -> str:
    """Without what XML 1.0 cannot hold: `quoted` leaves no control characters, and halves of a pair become escapes."""
    return "\n".join(quoted(line).encode("utf-8", "backslashreplace").decode() for line in text.split("\n"))
