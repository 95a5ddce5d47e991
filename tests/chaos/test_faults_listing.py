"""The list of faults: whole, documented, with examples that work."""

import inspect
import os
import re
from pathlib import Path

import pytest

from llmops.chaos.faults.base import faults
from llmops.chaos.faults_listing import all_faults, example_file, fault_facts, markdown, type_name, unit_of
from llmops.chaos.proxy.config import ChaosSection
from llmops.chaos.proxy.injection import make_fault
from llmops.config import load_config, validated
from llmops.errors import BadInput, UnknownName

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"


@pytest.mark.parametrize("name", faults.names())
def test_each_fault_says_what_it_does_and_its_example_works(name: str, tmp_path: Path) -> None:
    facts = fault_facts(name)
    assert facts.help.endswith(".")
    assert facts.family in {"transport", "http", "stream", "content", "embeddings"}
    assert facts.powers
    config = tmp_path / "llmops.yaml"
    config.write_text("\n".join(example_file(facts)), encoding="utf-8")
    section = validated(ChaosSection, load_config(config)["chaos"], "chaos")
    injection = section.providers["openai"].injections[0]
    make_fault(injection.fault, injection.parameters)


def test_the_page_is_what_the_registry_says() -> None:
    page = markdown(all_faults())
    if os.environ.get("LLMOPS_UPDATE_DOCS"):
        PAGE.write_text(page, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page, "run this test with LLMOPS_UPDATE_DOCS=1"


def test_fields_have_units_types_defaults_and_meanings() -> None:
    fields = {field.name: field for field in fault_facts("rate_limit_tokens").fields}
    assert (fields["retry_after_s"].unit, fields["retry_after_s"].type, fields["retry_after_s"].default) == (
        "seconds",
        "int",
        "1",
    )
    assert fields["tokens_per_minute"].help == "told as the limit"
    assert fault_facts("rate_limiter").powers == "answers by itself, edits the answer, remembers between requests"


@pytest.mark.parametrize(
    ("fault", "field", "choices"),
    [
        ("schema_break", "how", "missing_required | wrong_type | prose | fence"),
        ("broken_tool_arguments", "how", "cut | not_json | wrong_schema"),
        ("error_event", "position", "first | after_role | mid"),
        ("control_tokens", "where", "start | middle | end"),
        ("empty_content", "usage", "adjusted | left"),
        ("wrong_model", "model", "str"),  # anything
    ],
)
def test_a_field_with_fixed_choices_shows_them(fault: str, field: str, choices: str) -> None:
    assert next(one.type for one in fault_facts(fault).fields if one.name == field) == choices


@pytest.mark.parametrize("name", faults.names())
def test_every_choice_that_is_shown_is_taken_and_another_is_refused(name: str) -> None:
    kind = faults.get(name)
    for field, values in getattr(kind, "choices", {}).items():
        for value in values:
            make_fault(name, {field: value})
        with pytest.raises(BadInput, match=f"{field} is 'noneofthem', and must be one of {re.escape(values[0])}"):
            make_fault(name, {field: "noneofthem"})


def test_no_field_of_text_hides_its_choices() -> None:
    """Who checks a field against a list says the list."""
    for name in faults.names():
        kind = faults.get(name)
        source = Path(inspect.getfile(kind)).read_text(encoding="utf-8")
        for field in re.findall(r'require_one_of\("(\w+)"', source):
            shown = next(one.type for one in fault_facts(name).fields if one.name == field)
            assert " | " in shown or len(getattr(kind, "choices", {}).get(field, ())) == 1, (name, field)


def test_a_default_that_cannot_be_seen_is_in_quotation_marks_and_breaks_no_table() -> None:
    (text,) = (field for field in fault_facts("whitespace_content").fields if field.name == "text")
    assert text.default == '" \\n\\n"'
    heading = ("#", "Made", "Where", "On a route", "A fault")
    rows = [line for line in markdown(all_faults()).splitlines() if line and not line.startswith(heading)]
    assert [row for row in rows if not (row.startswith("|") and row.endswith("|"))] == []


def test_the_most_that_a_number_may_be_is_said_with_its_reason() -> None:
    size, piece = fault_facts("oversized_event").fields
    assert size.help == (
        "asyncio's readers stop at 65,536; at most 67,108,864: made in memory; the proxy edits no larger answer"
    )
    assert piece.help == ""
    assert "a time is at most 31,536,000 s" in markdown(all_faults())


@pytest.mark.parametrize("name", faults.names())
def test_a_fault_that_holds_a_stream_says_so(name: str) -> None:
    """An edit that needs the whole old text holds all of it; one with a text of its own runs one event behind."""
    source = Path(inspect.getfile(faults.get(name))).read_text(encoding="utf-8")
    needed = "text" if "rewrite=" in source else "event" if "constant=" in source else ""
    assert getattr(faults.get(name), "holds", "") == needed
    assert bool(fault_facts(name).holds) == bool(needed)


def test_types_and_units_read_as_words() -> None:
    assert type_name(int | None) == "int or none"
    assert type_name(tuple[str, ...]) == "list of str"
    assert (unit_of("delay_s"), unit_of("rate_bytes_per_second"), unit_of("status")) == (
        "seconds",
        "bytes per second",
        "",
    )


def test_a_name_that_nobody_has_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownName) as caught:
        fault_facts("rate_limit_request")
    assert "rate_limit_requests" in caught.value.hint
