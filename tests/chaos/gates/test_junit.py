"""JUnit XML, as a program that reads it sees it."""

from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from llmops.chaos.gates.junit import junit_xml
from llmops.chaos.gates.rows import Row

AT = datetime(2026, 11, 25, 12, tzinfo=UTC)
ROWS = [
    Row("gate", "laundered == 0", "PASS", "0 of 80", "run.json", "scenario=stream-cut", 3),
    Row("gate", "ttft_p95_s < 0.6", "FAIL", '0.9 s <& "late"', "load.json", "", 4),
    Row("gate", "e2e_p95_s < 3", "INVALID", "no result has e2e_p95_s", line=5),
    Row("gate", "few hangs", "WARN", "3 of 80", "run.json", "scenario=stream-cut", 6),
    Row("gate", "cheap", "WAIVED", "4.1 USD (waived by ann)", "bill.json", "", 7),
    Row("baseline", "newly slower", "FAIL", "0.9 s and was 0.5 s", "load.json"),
    Row("result", "gone.json", "INVALID", "gone.json is missing", "gone.json"),
]


def test_every_row_is_a_case_with_what_came_of_it() -> None:
    root = ET.fromstring(junit_xml(ROWS, suite="g.yaml", at=AT))  # noqa: S314 - our own
    cases = [(case.get("name"), [child.tag for child in case]) for case in root.iter("testcase")]
    assert cases == [
        ("laundered == 0 [scenario=stream-cut]", ["system-out"]),
        ("ttft_p95_s < 0.6", ["failure"]),
        ("e2e_p95_s < 3", ["error"]),
        ("few hangs [scenario=stream-cut]", ["skipped"]),
        ("cheap", ["skipped"]),
        ("newly slower", ["failure"]),
        ("gone.json", ["error"]),
    ]
    for element in (root, root[0]):
        assert [element.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["7", "2", "2", "2"]
    assert root[0].get("timestamp") == "2026-11-25T12:00:00"


def test_junitparser_reads_it(tmp_path: Path) -> None:
    junitparser = pytest.importorskip("junitparser", reason="needs junitparser, which reads JUnit XML")
    file = tmp_path / "gates.xml"
    file.write_text(junit_xml(ROWS, suite="g.yaml", at=AT), encoding="utf-8")
    found = junitparser.JUnitXml.fromfile(str(file))
    assert (found.tests, found.failures, found.errors, found.skipped) == (7, 2, 2, 2)
    (suite,) = found
    assert suite.name == "g.yaml"
    cases = {case.name: case for case in suite}
    (failure,) = cases["ttft_p95_s < 0.6"].result
    assert isinstance(failure, junitparser.Failure)
    assert failure.message == 'FAIL: 0.9 s <& "late"'
    assert isinstance(cases["gone.json"].result[0], junitparser.Error)
    assert isinstance(cases["cheap"].result[0], junitparser.Skipped)
    assert cases["laundered == 0 [scenario=stream-cut]"].is_passed
    assert found.time == 0
    found.update_statistics()
    assert (found.tests, found.failures, found.errors, found.skipped) == (7, 2, 2, 2)


@pytest.mark.parametrize("said", ["\x00", "\x1b[31m", "\ud800", "]]>", "<x/>", "\ufffe", "a\n\x0bb"])
def test_what_xml_cannot_hold_does_not_spoil_it(said: str) -> None:
    row = Row("gate", f"g{said}", "FAIL", f"why {said}", f"{said}.json", said)
    root = ET.fromstring(junit_xml([row], suite=said, at=AT).encode())  # noqa: S314 - our own
    (case,) = root.iter("testcase")
    assert str(case[0].get("message")).startswith("FAIL: why")
