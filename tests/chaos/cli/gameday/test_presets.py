import json
from collections.abc import Callable
from typing import Any

from llmops.chaos.gameday.presets import names

Llmops = Callable[..., Any]


def test_every_incident_is_listed_with_its_length_and_what_its_source_says(llmops: Llmops) -> None:
    ran = llmops("gameday", "presets", "--format", "json")
    assert ran.code == 0
    (table,) = json.loads(ran.out)["tables"]
    columns = [column["name"] for column in table["columns"]]
    rows = [dict(zip(columns, row, strict=True)) for row in table["rows"]]
    assert [row["preset"] for row in rows] == names()
    fake = next(row for row in rows if row["preset"] == "openrouter-2026-02-17-fake401")
    assert fake["lasted_h"] * 60 == 38
    assert (fake["speed"], fake["practised_s"]) == (60, 38)
    assert fake["faults"] == "internal_error, invalid_api_key"
    assert "38 minutes" in fake["about"]
    assert "announcement" in fake["source"]


def test_at_a_terminal_a_line_each_begins_with_its_name(llmops: Llmops) -> None:
    ran = llmops("gameday", "presets")
    assert all(f"\n {name} " in ran.out for name in names())
    assert llmops("gameday", "presets", "--format", "pdf").code == 2
