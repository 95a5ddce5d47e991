from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.faults.error_as_200 import ErrorAs200
from llmops.errors import BadInput

TEXT_DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")


@pytest.mark.parametrize("dialect", TEXT_DIALECTS)
def test_the_providers_own_error_with_status_200(through: Callable[..., Any], dialect: str) -> None:
    seen = through(ErrorAs200("overloaded"), dialect)
    assert seen.head.status == 200
    assert seen.json["error"]
    assert seen.applied[0]["status_meant"] in (503, 529)


def test_an_error_that_the_provider_has_not_lets_the_upstream_answer(through: Callable[..., Any]) -> None:
    seen = through(ErrorAs200("prefill"), "gemini")
    assert (seen.body, seen.reasons) == (seen.upstream, ["gemini has no error of the kind prefill"])


def test_an_opaque_route_is_reported(through: Callable[..., Any]) -> None:
    seen = through(ErrorAs200(), "opaque", body=b"{}")
    assert (seen.body, seen.reasons) == (b"{}", ["no dialect knows this route"])


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(BadInput):
        ErrorAs200("oops")
