"""The guide "add a fault": its example is a fault that works."""

import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from llmops.errors import BadInput

PAGE = Path(__file__).parents[2] / "docs" / "add-a-fault.md"
UNINDENT = re.compile(r"^ {3}", re.MULTILINE)


@pytest.fixture
def example() -> ModuleType:
    """The code of the page, as a module."""
    found = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    module = ModuleType("llmops.chaos.faults.region_full")
    exec(UNINDENT.sub("", found[1]), module.__dict__)  # noqa: S102 - our own page
    return module


def test_the_example_answers_confesses_and_checks_its_parameters(
    example: ModuleType, through: Callable[..., Any]
) -> None:
    seen = through(example.RegionFull(), "openai_chat")
    assert (seen.head.status, seen.applied[0]["status"]) == (503, 503)
    assert (b"x-ms-region", b"westeurope") in seen.head.headers
    with pytest.raises(BadInput, match="retry_after_s"):
        example.RegionFull(retry_after_s=-1)


def test_the_page_is_shorter_than_two_screens_and_names_what_exists() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 90
    for path in re.findall(r"`((?:chaos|tests)/[\w/]+\.(?:py|toml))`", text):
        assert (PAGE.parents[1] / path).exists(), path
