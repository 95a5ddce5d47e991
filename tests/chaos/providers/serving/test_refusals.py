"""How simulated providers say no."""

import json

import pytest

from llmops.chaos.providers.serving.refusals import NAMED, refusal


@pytest.mark.parametrize("provider", ["openai", "anthropic", "gemini"])
@pytest.mark.parametrize("kind", NAMED)
def test_each_refusal_has_the_providers_shape(provider: str, kind: str) -> None:
    said = refusal(provider, kind, message="because", request_id="req_1")
    body = json.loads(said.body)
    assert said.status in {400, 401, 403, 404}
    assert body["error"]["message"] == "because"
    assert ("request_id" in body, "status" in body["error"]) == (provider == "anthropic", provider == "gemini")


def test_other_kinds_are_those_of_the_wire() -> None:
    assert json.loads(refusal("openai", "model_not_found", model="x").body)["error"]["code"] == "model_not_found"
