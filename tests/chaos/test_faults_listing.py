"""The list of faults: whole, documented, with examples that work."""

import os
from pathlib import Path

import pytest

from llmops.chaos.faults.base import faults
from llmops.chaos.faults_listing import all_faults, example_file, fault_facts, markdown, type_name, unit_of
from llmops.chaos.proxy.config import ChaosSection
from llmops.chaos.proxy.injections import make_fault
from llmops.config import load_config, validated
from llmops.errors import UnknownName

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
