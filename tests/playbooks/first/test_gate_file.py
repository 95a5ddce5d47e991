"""The first file of gates can be read, as it is and with every example taken in."""

import re
from pathlib import Path

import pytest

from llmops.chaos.gates.loader import load_gates
from llmops.playbooks.first.gate_file import LIVE, gate_file
from llmops.playbooks.first.seen import Seen


def expressions(text: str, folder: Path) -> list[str]:
    (folder / "gates.yaml").write_text(text, encoding="utf-8")
    return [each.name for each in load_gates(folder / "gates.yaml").gates]


def test_gates_of_what_was_measured_are_on_and_others_are_examples(
    everything: Seen, nothing: Seen, tmp_path: Path
) -> None:
    always = ["laundered == 0", "hang == 0", "functional_success_ratio >= 0.95", "attempts_per_request <= 2"]
    assert expressions(gate_file(nothing), tmp_path) == always
    assert expressions(gate_file(everything), tmp_path) == [*always, "ttft_p95_s < 600 ms"]
    assert "laundered == 0  # no cut or empty answer passed as success; measured in runs/a" in gate_file(everything)


@pytest.mark.parametrize("seen", ["nothing", "everything"])
def test_every_example_is_a_gate(seen: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    text = gate_file(request.getfixturevalue(seen))
    assert len(expressions(re.sub(r"^( *)#(?=\S)", r"\1", text, flags=re.MULTILINE), tmp_path)) == 15


def test_the_live_gates_and_their_examples_can_be_read(tmp_path: Path) -> None:
    assert expressions(LIVE, tmp_path) == ["failed_requests_ratio < 0.2"]
    assert len(expressions(re.sub(r"^( *)#(?=\S)", r"\1", LIVE, flags=re.MULTILINE), tmp_path)) == 3
