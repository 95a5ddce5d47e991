"""The page "pytest": its tests run as they stand, and it names all that there is."""

import inspect
import re
from pathlib import Path

import pytest

from llmops.chaos.proxy.config import ScheduleSection, ScopeSection
from llmops.chaos.testing.bench import Bench
from llmops.chaos.testing.fault_asked import fault_asked
from llmops.chaos.testing.provider_settings import provider_settings

pytest_plugins = ["pytester"]

PAGE = Path(__file__).parents[2] / "docs" / "pytest.md"
RUN_FOLDER = """
import pytest
from datetime import UTC, datetime
from llmops.renderers import renderers
from llmops.report import Report, Scenario, ScenarioCheck, ScenarioReceipts, Verdict

@pytest.fixture
def run_folder(tmp_path):
    now = datetime(2026, 11, 25, tzinfo=UTC)
    check = ScenarioCheck("answered", "PASS", "50 of 50", 50, 1.0, 0.9, "at_least", "ratio")
    receipts = ScenarioReceipts(50, 50, 50)
    cut = Scenario("stream-cut", "A stream is cut", "PASS", "1 of 1 hold", [check], {"rescued": 50}, receipts)
    verdict = Verdict("PASS", "1 scenario: 1 PASS")
    report = Report("chaos-run", "1", now, now, "0", "Failover", verdict=verdict, scenarios=[cut])
    (tmp_path / "result.json").write_text(renderers.get("json")().render(report))
    return tmp_path
"""


@pytest.fixture(scope="module")
def text() -> str:
    return PAGE.read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_its_tests_pass(pytester: pytest.Pytester, text: str) -> None:
    (ini,) = blocks(text, "ini")
    pytester.makeini(ini.replace("addopts = ", "addopts = -p no:hypothesispytest -p no:anyio -p no:cacheprovider "))
    pytester.makeconftest(RUN_FOLDER)
    pytester.makepyfile(**{f"test_{number}": block for number, block in enumerate(blocks(text, "python"))})
    result = pytester.runpytest_subprocess()
    assert result.parseoutcomes() == {"passed": 7}, result.stdout.str()


def test_every_word_is_on_the_page(text: str) -> None:
    words = {
        *inspect.signature(provider_settings).parameters,
        *inspect.signature(Bench.proxy).parameters,
        *inspect.signature(fault_asked).parameters,
        *ScheduleSection.model_fields,
        *ScopeSection.model_fields,
    } - {"self", "parameters"}
    assert [word for word in sorted(words) if not re.search(rf"\b{word}\b", text)] == []
