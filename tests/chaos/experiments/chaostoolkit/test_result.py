"""The report of Chaos Toolkit experiments: by the one schema, with the exit code over all of them."""

import json
from datetime import UTC, datetime
from importlib import resources

import pytest
from jsonschema import Draft202012Validator

from llmops.chaos.experiments.chaostoolkit.result import Ran, report_of
from llmops.chaos.experiments.chaostoolkit.verdict import Judged, Verdict
from llmops.chaos.experiments.result import About
from llmops.errors import ExitCode
from llmops.renderers import renderers
from llmops.report import Report
from llmops.scenario import Word

NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)


def report(*words: Word) -> Report:
    runs = [
        Ran(
            f"e{at}",
            "Title s3cret",
            Verdict(word, "why s3cret", (Judged("probe", word, "it was s3cret"),), ("note s3cret",)),
        )
        for at, word in enumerate(words)
    ]
    return report_of(runs, About(NOW, NOW, "1"), lambda text: text.replace("s3cret", "***"))


@pytest.mark.parametrize(
    ("words", "word", "code"),
    [
        (("PASS",), "PASS", ExitCode.PASS),
        (("PASS", "FAIL", "INVALID"), "FAIL", ExitCode.FAILED),
        (("PASS", "INVALID"), "INVALID", ExitCode.NO_DATA),
        ((), "INVALID", ExitCode.NO_DATA),
    ],
)
def test_any_fail_goes_before_any_invalid(words: tuple[Word, ...], word: str, code: ExitCode) -> None:
    found = report(*words)
    assert found.verdict is not None
    assert (found.verdict.word, found.exit_code) == (word, code)


def test_it_keeps_to_the_schema_and_holds_no_secret() -> None:
    text = renderers.get("json")().render(report("PASS", "FAIL"))
    schema = json.loads(resources.files("llmops").joinpath("report.schema.json").read_text(encoding="utf-8"))
    assert not list(Draft202012Validator(schema).iter_errors(json.loads(text)))
    assert "s3cret" not in text
    assert [each["verdict"] for each in json.loads(text)["scenarios"]] == ["PASS", "FAIL"]


@pytest.mark.parametrize("output_format", ["text", "markdown", "html"])
def test_people_are_told_each_tolerance(output_format: str) -> None:
    if output_format not in renderers.names():
        output_format = "md"
    text = renderers.get(output_format)().render(report("FAIL"))
    assert "it was ***" in text
