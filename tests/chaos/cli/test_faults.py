"""`llmops chaos faults`, as a process."""

import json
import subprocess
import sys

from llmops.chaos.faults.base import faults


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "llmops", "chaos", "faults", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_all_faults_are_listed_in_each_format() -> None:
    for output_format in ("text", "json", "md"):
        done = run("--format", output_format)
        assert done.returncode == 0, done.stderr
        assert all(name in done.stdout for name in faults.names())


def test_the_json_is_a_report_with_a_table_a_family() -> None:
    report = json.loads(run("--format", "json").stdout)
    rows = [row for table in report["tables"] for row in table["rows"]]
    assert report["kind"] == "faults"
    assert sorted(row["fault"] if isinstance(row, dict) else row[0] for row in rows) == faults.names()


def test_an_unknown_format_is_a_sentence() -> None:
    done = run("--format", "xml")
    assert (done.returncode, done.stdout) == (2, "")
    assert "error: " in done.stderr
    assert "hint: " in done.stderr
