"""A provider is made of the fields that its file declares, and of nothing else."""

from typing import Any

import pytest

from llmops.chaos.experiments.chaostoolkit.part import Part
from llmops.chaos.experiments.chaostoolkit.providers.base import make_provider, providers
from llmops.chaos.experiments.chaostoolkit.providers.http import Http
from llmops.chaos.experiments.chaostoolkit.values import Values
from llmops.chaos.experiments.loader import Source
from llmops.errors import BadInput

VALUES = Values({"host": "h"}, {"api": {"token": "t"}})


def made(**data: Any) -> object:
    return make_provider(Part(Source("a.yaml"), data, ("method", 0, "provider")), VALUES)


def test_there_are_the_three_of_chaos_toolkit() -> None:
    assert providers.names() == ["http", "process", "python"]


def test_its_fields_are_those_of_the_file() -> None:
    found = made(type="http", url="http://${host}/", timeout=3, headers={"a": "${token}"}, secrets=["api"])
    assert found == Http("http://${host}/", timeout=3, headers={"a": "${token}"}, secrets=["api"])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"type": "ssh"}, "no kind of provider is named 'ssh'"),
        ({}, "method.0.provider has no 'type'"),
        ({"type": "http"}, "method.0.provider has no 'url'"),
        ({"type": "http", "url": "http://h/", "methd": "GET"}, "unknown key 'method.0.provider.methd'"),
        ({"type": "http", "url": "http://h/", "max_retries": "3"}, "method.0.provider.max_retries is of another kind"),
        ({"type": "http", "url": "ftp://h/"}, "method.0.provider: 'ftp://h/' is no http or https URL"),
        ({"type": "http", "url": "http://h/", "secrets": ["apo"]}, "names 'apo', and there is no such target"),
        ({"type": "http", "url": "http://${hots}/"}, "names ${hots}: neither configuration nor secrets have it"),
    ],
)
def test_what_cannot_be_is_refused_by_name(data: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput) as caught:
        made(**data)
    assert words in str(caught.value)


def test_a_value_of_another_kind_is_not_shown() -> None:
    with pytest.raises(BadInput) as caught:
        made(type="http", url="http://h/", headers=["Bearer s3cret"])
    assert "s3cret" not in f"{caught.value} {caught.value.hint}"
