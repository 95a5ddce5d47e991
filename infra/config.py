"""The section `infra:` of llmops.yaml: the region, and the inputs of the fallback."""

from collections.abc import Mapping
from typing import Any

from llmops.errors import BadInput, nearest_hint
from llmops.infra.spec import FallbackSpec, spec_from

KEYS = ("region", "fallback")
DEFAULT_REGION = "us-east-1"


def section(config: Mapping[str, Any]) -> tuple[FallbackSpec, str]:
    """The fallback and its region. BadInput where the section lacks it, or says what nobody knows."""
    told = config.get("infra")
    if not isinstance(told, Mapping) or not isinstance(told.get("fallback"), Mapping):
        raise BadInput(
            "the configuration has no infra.fallback",
            hint="llmops.yaml: `infra:`, below it `fallback:` with its inputs",
        )
    for key in told:
        if key not in KEYS:
            raise BadInput(f"unknown key 'infra.{key}'", hint=nearest_hint(str(key), KEYS))
    region = region_in(config) or DEFAULT_REGION
    return spec_from(told["fallback"]), region


def region_in(config: Mapping[str, Any]) -> str | None:
    """Where the fallback is, by default too; None where the section names neither region nor fallback."""
    told = config.get("infra")
    if not isinstance(told, Mapping):
        return None
    region = told.get("region", DEFAULT_REGION if "fallback" in told else None)
    if not isinstance(region, str | None):
        raise BadInput(f"infra.region must be text, not {region!r}", hint="such as us-east-1")
    return region
