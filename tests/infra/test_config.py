"""The section `infra:`."""

import re
from typing import Any

import pytest

from llmops.errors import BadInput
from llmops.infra.config import region_in, section


def test_the_section_names_region_and_fallback(inputs: dict[str, Any]) -> None:
    spec, region = section({"infra": {"region": "eu-west-1", "fallback": inputs["minimal"]}})
    assert (spec.name, region) == ("fb", "eu-west-1")
    assert section({"infra": {"fallback": inputs["minimal"]}})[1] == "us-east-1"


def test_the_region_alone_is_told_where_the_section_says_it_or_has_a_fallback() -> None:
    assert region_in({"infra": {"region": "eu-west-1"}}) == "eu-west-1"
    assert region_in({"infra": {"fallback": {}}}) == "us-east-1"  # where `up` makes it
    assert (region_in({}), region_in({"infra": None}), region_in({"infra": {}})) == (None, None, None)


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({}, "has no infra.fallback"),
        ({"infra": None}, "has no infra.fallback"),
        ({"infra": {"fallback": []}}, "has no infra.fallback"),
        ({"infra": {"fallback": {}, "regoin": "x"}}, "unknown key 'infra.regoin'"),
        ({"infra": {"fallback": {}, "region": 1}}, "infra.region must be text"),
        ({"infra": {"fallback": {"name": "fb"}}}, "the fallback needs model"),
    ],
)
def test_what_is_wrong_is_named(told: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=re.escape(message)):
        section(told)
