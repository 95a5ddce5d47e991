"""The page of scenarios is what the files and the measured data say."""

import os
from pathlib import Path

from llmops.chaos.experiments import shipped
from llmops.chaos.experiments.scenarios_listing import markdown

PAGE = Path(__file__).parents[3] / "docs" / "scenarios.md"


def test_the_page_is_what_the_files_say() -> None:
    page = markdown()
    if os.environ.get("LLMOPS_UPDATE_DOCS"):
        PAGE.write_text(page, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page, "run this test with LLMOPS_UPDATE_DOCS=1"


def test_every_scenario_has_a_row_and_what_was_found() -> None:
    page = markdown()
    for name in shipped.names():
        assert f"| [`{name}`](#{name}) |" in page
    assert "- `portkey`: FAIL (laundered, fallback_used, functional_success)." in page
