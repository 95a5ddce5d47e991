"""A result of tco, read from its file."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from llmops.errors import BadInput
from llmops.infra.tco_result import read_tco

RESULT: dict[str, Any] = {
    "schema_version": 1,
    "kind": "tco",
    "id": "tco-1",
    "finished_at": "2026-11-20T10:00:00+00:00",
    "system": {"hosted_gpu": "l40s", "logs": "a.jsonl"},
    "metrics": [{"name": "self_host_gpus", "value": 3, "interval": {"low": 2, "high": None}}],
    "sources": [{"name": "gpus", "dated": "2026-10-01"}],
}


def read(folder: Path, text: str) -> Any:
    (folder / "tco.json").write_text(text, encoding="utf-8")
    return read_tco(folder / "tco.json")


def test_it_is_read_with_its_dates(tmp_path: Path) -> None:
    found = read(tmp_path, json.dumps(RESULT))
    assert (found.id, found.on, found.prices_on) == ("tco-1", date(2026, 11, 20), date(2026, 10, 1))
    assert found.system == {"hosted_gpu": "l40s", "logs": "a.jsonl"}
    assert found.gpus == "3 (2 to no bound), spares included"


def test_a_result_without_gpus_says_none(tmp_path: Path) -> None:
    found = read(tmp_path, json.dumps({**RESULT, "metrics": [], "sources": []}))
    assert (found.gpus, found.prices_on) == ("", None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is no JSON"),
        ("\x00", "is no JSON"),
        ("[]", "is no result of llmops"),
        ('{"kind": "tco"}', "is no result of llmops"),
        (json.dumps({**RESULT, "schema_version": 2}), "is of schema version 2, not 1"),
        (json.dumps({**RESULT, "kind": "bill"}), "is a result of kind 'bill', not tco"),
        (json.dumps({name: it for name, it in RESULT.items() if name != "metrics"}), "is no whole result"),
        (json.dumps({**RESULT, "finished_at": "soon"}), "is no whole result"),
        (json.dumps({**RESULT, "system": []}), "is no whole result"),
    ],
)
def test_anything_else_is_one_sentence(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        read(tmp_path, text)


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot read"):
        read_tco(tmp_path / "none.json")
