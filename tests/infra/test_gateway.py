"""The fragment of a gateway."""

from typing import Any

import yaml

from llmops.infra.gateway import litellm, portkey
from llmops.infra.spec import spec_from


def test_litellm_routes_an_alias_to_the_fallback(inputs: dict[str, Any]) -> None:
    told = yaml.safe_load(litellm(spec_from(inputs["minimal"]), "https://llm.example.com/v1", "spare"))
    (model,) = told["model_list"]
    assert model["model_name"] == "spare"
    assert model["litellm_params"]["model"] == "hosted_vllm/meta-llama/Llama-3.3-70B-Instruct"
    assert model["litellm_params"]["api_base"] == "https://llm.example.com/v1"
    assert model["litellm_params"]["api_key"] == "os.environ/LLMOPS_FALLBACK_KEY"
    assert model["model_info"]["max_input_tokens"] == 8192
    assert told["litellm_settings"]["default_fallbacks"] == ["spare"]


def test_the_stand_in_comes_last_and_takes_the_same_key(inputs: dict[str, Any]) -> None:
    spec, urls = spec_from(inputs["minimal"]), ("https://llm.example.com/v1", "spare", "http://127.0.0.1:8099/v1")
    told = yaml.safe_load(litellm(spec, *urls))
    assert told["litellm_settings"]["default_fallbacks"] == ["spare", "spare-asleep"]
    assert [it["litellm_params"]["api_base"] for it in told["model_list"]] == [urls[0], urls[2]]
    targets = yaml.safe_load(portkey(spec, *urls))["targets"]
    assert [(it["name"], it.get("custom_host")) for it in targets] == [
        ("primary", None),
        ("spare", urls[0]),
        ("spare-asleep", urls[2]),
    ]


def test_portkey_comes_after_the_primary(inputs: dict[str, Any]) -> None:
    told = yaml.safe_load(portkey(spec_from(inputs["minimal"]), "https://llm.example.com/v1", "spare"))
    assert told["strategy"] == {"mode": "fallback"}
    assert [it["name"] for it in told["targets"]] == ["primary", "spare"]
    assert told["targets"][1]["custom_host"] == "https://llm.example.com/v1"
    assert told["targets"][1]["request_timeout"] == 120_000
