"""The section `infra:`."""

import re
from typing import Any

import pytest

from llmops.errors import BadInput
from llmops.infra.config import section


def test_the_section_names_region_and_fallback(inputs: dict[str, Any]) -> None:
    spec, region = section({"infra": {"region": "eu-west-1", "fallback": inputs["minimal"]}})
    assert (spec.name, region) == ("fb", "eu-west-1")
    assert section({"infra": {"fallback": inputs["minimal"]}})[1] == "us-east-1"


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
