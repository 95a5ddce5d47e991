"""What a result says: its verdict or that of one of its scenarios, from a report or from its file."""

from dataclasses import dataclass
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path

from llmops.chaos.gates.results.reading import Unusable, read_result
from llmops.chaos.gates.results.schema import Result
from llmops.errors import NoData, UnknownName, nearest_hint
from llmops.report import Report


@dataclass(frozen=True)
class Stated:
    """A verdict, and the sentence that says why."""

    word: str  # PASS, FAIL, INVALID; of a decision BUY, BUILD, INCONCLUSIVE
    because: str


def stated_verdict(result: Report | str | PathLike[str], scenario: str | None = None) -> Stated:
    """Of a report, of its `result.json`, or of the folder of a run. NoData where none can be told, UnknownName."""
    found = result if isinstance(result, Report) else _read(Path(result))
    if scenario is not None:
        return _of_scenario(found, scenario)
    if found.verdict is None:
        raise NoData(f"a result of {found.kind} has no verdict", hint="judge it by gates: llmops gate")
    return Stated(found.verdict.word, found.verdict.because)


def _read(path: Path) -> Result:
    read = read_result(path, datetime.now(UTC))
    if isinstance(read, Unusable):
        raise NoData(read.reason)
    return read.result


def _of_scenario(result: Report | Result, name: str) -> Stated:
    for scenario in result.scenarios:
        if scenario.name == name:
            return Stated(scenario.verdict, scenario.reason)
    hint = nearest_hint(name, [scenario.name for scenario in result.scenarios])
    raise UnknownName(f"the result has no scenario {name!r}", hint=hint)
