"""The fallback in the configuration of a gateway: an alias, the key by reference, time-outs, and what it can hold."""

from typing import Any

from llmops.infra.spec import FallbackSpec
from llmops.infra.yaml_text import as_yaml

REQUEST_TIMEOUT_S = 120
FIRST_TOKEN_TIMEOUT_S = 30
KEY_VARIABLE = "LLMOPS_FALLBACK_KEY"
NO_KEY = "none"  # a client wants one; the stand-in asks for none, and is not told the key of the API


def litellm(spec: FallbackSpec, base_url: str, alias: str, stand_in: str | None = None) -> str:
    """For `model_list` and `litellm_settings` of LiteLLM's proxy."""
    models = [_litellm_model(spec, base_url, alias, f"os.environ/{KEY_VARIABLE}")]
    if stand_in is not None:
        models.append(_litellm_model(spec, stand_in, f"{alias}-asleep", NO_KEY))
    names = [it["model_name"] for it in models]
    return as_yaml({"model_list": models, "litellm_settings": {"default_fallbacks": names}})


def _litellm_model(spec: FallbackSpec, base_url: str, name: str, key: str) -> dict[str, Any]:
    return {
        "model_name": name,
        "litellm_params": {
            "model": f"hosted_vllm/{spec.model}",
            "api_base": base_url,
            "api_key": key,
            "timeout": REQUEST_TIMEOUT_S,
            "stream_timeout": FIRST_TOKEN_TIMEOUT_S,
            "max_retries": 0,  # the gateway has tried elsewhere before it comes here
        },
        "model_info": {"max_input_tokens": spec.max_model_len, "mode": "chat"},
    }


def portkey(spec: FallbackSpec, base_url: str, alias: str, stand_in: str | None = None) -> str:
    """Targets for a Portkey config with the strategy `fallback`, after the primary."""
    targets = [_portkey_target(spec, base_url, alias, "{{ " + KEY_VARIABLE + " }}")]
    if stand_in is not None:
        targets.append(_portkey_target(spec, stand_in, f"{alias}-asleep", NO_KEY))
    return as_yaml({"strategy": {"mode": "fallback"}, "targets": [{"name": "primary"}, *targets]})


def _portkey_target(spec: FallbackSpec, base_url: str, name: str, key: str) -> dict[str, Any]:
    return {
        "name": name,
        "provider": "openai",
        "custom_host": base_url,
        "api_key": key,
        "request_timeout": REQUEST_TIMEOUT_S * 1000,
        "override_params": {"model": spec.model},
    }


GATEWAYS = {"litellm": litellm, "portkey": portkey}
