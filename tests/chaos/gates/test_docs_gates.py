"""docs/gates.md says what gates can ask. LLMOPS_UPDATE_DOCS=1 writes what is generated."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from llmops.chaos.gates.conditions import needed_samples
from llmops.chaos.gates.grammar import ALSO, COUNTED, UNITS, condition_of
from llmops.chaos.gates.loader import load_gates
from llmops.chaos.gates.schema import DURATIONS_S, SAME_SCOPES, SCOPES, GateFileForm, GateForm, Tolerances, Waiver
from llmops.chaos.gates.worsening import WORSE
from llmops.metrics import METRICS

PAGE = Path(__file__).parents[3] / "docs" / "gates.md"
TEXT = PAGE.read_text(encoding="utf-8")


def rows() -> Iterator[str]:
    yield "| unit | metrics |"
    yield "| --- | --- |"
    for unit in sorted(set(METRICS.values())):
        names = [f"`{name}`" for name, of in METRICS.items() if of == unit]
        also = [f"`{word}` (that is `{name}`)" for word, name in ALSO.items() if METRICS[name] == unit]
        yield f"| {unit} | {', '.join([*names, *also])} |"


def test_every_metric_is_listed_with_its_unit() -> None:
    table = "\n".join(rows())
    head, _, rest = TEXT.partition("<!-- metrics -->\n")
    tail = rest.partition("<!-- end of metrics -->")[2]
    expected = f"{head}<!-- metrics -->\n{table}\n<!-- end of metrics -->{tail}"
    if os.environ.get("LLMOPS_UPDATE_DOCS"):
        PAGE.write_text(expected, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == expected, "run LLMOPS_UPDATE_DOCS=1 pytest of this file"


def test_the_file_on_the_page_is_one(tmp_path: Path) -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
    (tmp_path / "gates.yaml").write_text(text, encoding="utf-8")
    found = load_gates(tmp_path / "gates.yaml")
    assert len(found.gates) == 9
    assert found.tolerances == Tolerances()


def test_every_key_scope_and_unit_is_told() -> None:
    keys = {name for model in (GateFileForm, GateForm, Tolerances, Waiver) for name in model.model_fields}
    assert [name for name in keys - {"schema_version"} if not re.search(rf"\b{name}:", TEXT)] == []
    scopes = TEXT.partition("Scopes: ")[2].partition(". Where several")[0]
    assert set(re.findall(r"`(\w+)`", scopes)) == {*SCOPES, *SAME_SCOPES}
    assert [unit for unit in {*UNITS} - {*METRICS.values()} if f"`{unit}`" not in TEXT] == []
    assert f"# of a result: {', '.join(DURATIONS_S)}" in TEXT


@pytest.mark.parametrize("word", sorted({worse.word for worse in WORSE.values()} - {"uncached", "blind"}))
def test_every_way_to_get_worse_is_told(word: str) -> None:
    section = " ".join(TEXT.partition("## Beside a baseline")[2].partition("##")[0].split())
    assert word in section


@pytest.mark.parametrize(("text", "needed"), [("ttft_p95_s < 1", 72), ("ttft_p99_s < 1", 368), ("laundered == 0", 35)])
def test_the_numbers_of_samples_are_those_that_are_asked(text: str, needed: int) -> None:
    condition = condition_of(text)
    assert needed_samples(condition) == needed  # type: ignore[arg-type] # they are bounds
    assert str(needed) in TEXT


def test_counts_that_are_named_can_be_asked() -> None:
    assert {"laundered", "hang", "failed_requests"} <= {*COUNTED}
