"""GitHub's own language, where its environment says so: annotations at the gates' lines, and the step's summary.

Commands are read from stderr as from stdout (actions/runner, ScriptHandler.cs), so that stdout stays the report.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from llmops.chaos.gates.quoting import quoted
from llmops.chaos.gates.rows import EXCUSED, Row, Word, with_word
from llmops.errors import LlmopsError

MOST_ANNOTATIONS = 10  # of one kind that GitHub shows of a step
MOST_SUMMARY_BYTES = 1_000_000  # of a step's summary; GitHub takes 1 MiB, and drops all of it beyond


def annotations(rows: Sequence[Row], gate_file: str, environment: Mapping[str, str]) -> Iterator[str]:
    """Workflow commands, one a line; none outside of GitHub's runners."""
    if environment.get("GITHUB_ACTIONS") != "true":
        return
    file = _in_the_repository(gate_file, environment)
    kinds: dict[str, tuple[Word, ...]] = {"error": ("FAIL", "INVALID"), "warning": EXCUSED}
    for kind, words in kinds.items():
        told = [*with_word(rows, *words)]
        few = told if len(told) <= MOST_ANNOTATIONS else told[: MOST_ANNOTATIONS - 1]
        yield from (_command(kind, row, file) for row in few)
        if len(told) > len(few):
            yield f"::{kind} title=llmops gate::and {len(told) - len(few)} more, in the step's summary"


def refused(error: LlmopsError, gate_file: str, environment: Mapping[str, str]) -> Iterator[str]:
    """The same for a file of gates that is none, at the line that its error names; none outside of GitHub's runners."""
    if environment.get("GITHUB_ACTIONS") != "true":
        return
    found = re.match(rf"{re.escape(gate_file)}:(\d+): ", str(error))
    at = f"file={_property(_in_the_repository(gate_file, environment))},line={found[1] if found else 1}"
    said = str(error)[found.end() :] if found else str(error)
    yield f"::error {at},title=llmops gate::{_data(f'{said} ({error.hint})' if error.hint else said)}"


def _command(kind: str, row: Row, file: str) -> str:
    at = "" if row.line is None else f"file={_property(file)},line={row.line},"
    where = f" [{row.where}]" if row.where and row.kind == "gate" else ""
    return f"::{kind} {at}title={_property(f'{row.word}: {row.name}{where}')}::{_data(row.reason)}"


def _in_the_repository(file: str, environment: Mapping[str, str]) -> str:
    """Annotations stand at paths from the top of the repository."""
    workspace, path = Path(environment.get("GITHUB_WORKSPACE", ".")).resolve(), Path(file).resolve()
    return path.relative_to(workspace).as_posix() if path.is_relative_to(workspace) else file


def _data(text: str) -> str:
    return quoted(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def add_summary(markdown: str, environment: Mapping[str, str]) -> str:
    """Add a page to the step's summary, where there is one; why it could not be, in a sentence, else empty."""
    file = environment.get("GITHUB_STEP_SUMMARY")
    if not file:
        return ""
    try:
        with Path(file).open("a", encoding="utf-8") as page:
            page.write(_cut(markdown))
    except OSError as error:
        return f"the step's summary could not be written: {error.strerror}"
    return ""


def _cut(markdown: str) -> str:
    """All of it, or its first lines where GitHub would drop the whole."""
    data = markdown.encode("utf-8", "backslashreplace")
    if len(data) <= MOST_SUMMARY_BYTES:
        return data.decode()
    kept = data[:MOST_SUMMARY_BYTES].decode("utf-8", "ignore").rpartition("\n")[0]
    return f"{kept}\n\nThe rest is too long for a summary.\n"
