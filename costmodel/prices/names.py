"""The names that logs use for providers and models, and the ways to read one."""

import re
from collections.abc import Callable

SELF_HOSTED = {
    "custom", "custom_openai", "hosted_vllm", "llamafile", "lm_studio", "lmstudio", "local", "ollama", "ollama_chat",
    "openai_compatible", "openai_like", "self_hosted", "sglang", "tgi", "triton", "vllm", "xinference",
}  # fmt: skip
"""Servers that anybody runs: the price of a vendor's model of the same name is not theirs."""

_GATEWAYS = {"litellm", "litellm_proxy"}  # the provider is in the model's name
_PROVIDERS = {
    "codestral": "mistral",
    "fireworks_ai": "fireworks",
    "gcp.gen_ai": "google",
    "palm": "google",
    "text_completion_codestral": "mistral",
}
# `us.anthropic.claude-...`, `amazon.nova-pro-v1:0`: how Bedrock spells models and cross-region profiles
_BEDROCK = re.compile(
    r"^(?:(?:us|us-gov|eu|apac|au|jp|ca|sa|global)\.)?"
    r"(?:ai21|amazon|anthropic|cohere|deepseek|meta|minimax|mistral|moonshotai|nvidia|openai|qwen|writer|zai)\.[a-z]"
)
_ARN = re.compile(r"^arn:aws[\w-]*:(?:bedrock|sagemaker):[^:]*:[^:]*:(?P<kind>[\w-]+)/(?P<name>.+)$", re.IGNORECASE)
_NAMED_ARNS = {"foundation-model", "inference-profile"}
_RESERVED_ARNS = {"provisioned-model"}
_RESOURCE = re.compile(
    r"^(?:projects/[^/]+/locations/[^/]+/)?(?:publishers/[^/]+/)?models/(?P<name>.+)$"
)  # Gemini, Vertex

# What a dated or regional name adds to the plain one.
_REGION = re.compile(r"^(?:us|us-gov|eu|apac|au|jp|ca|sa|global|regional)\.")
_SUFFIX = re.compile(r"(?:[-@](?:20\d{6}|20\d{2}-\d{2}-\d{2}|latest|default)|-v\d+(?::\d+)?|:\d+)$")


def provider_key(name: str) -> str:
    """A provider's name without the differences of spelling: `Vertex-AI` and `vertex_ai` are one."""
    key = name.strip().lower().replace("-", "_").replace(" ", "_")
    if "azure" in key or key.startswith("az.ai"):
        return "azure"  # also azure_ai and azure.ai.openai, which the catalogue would read as OpenAI
    if key.startswith("vertex_ai"):
        return "google"  # also vertex_ai-anthropic_models, which the catalogue would read as Anthropic
    return _PROVIDERS.get(key, name.strip().lower())


def is_gateway(provider: str) -> bool:
    return provider.strip().lower().replace("-", "_") in _GATEWAYS


def is_self_hosted(provider: str) -> bool:
    return provider.strip().lower().replace("-", "_") in SELF_HOSTED


def is_reserved_arn(model: str) -> bool:
    """Whether the name is bought capacity, which is billed by the hour whether used or not."""
    return _arn_kind(model) in _RESERVED_ARNS


def is_opaque_arn(model: str) -> bool:
    """Whether the name hides the model: an application inference profile, an endpoint."""
    kind = _arn_kind(model)
    return kind is not None and kind not in _NAMED_ARNS | _RESERVED_ARNS


def _arn_kind(model: str) -> str | None:
    found = _ARN.match(model)
    return found["kind"].lower() if found else None


def readings(
    provider: str | None, model: str, provider_id: Callable[[str], str | None]
) -> list[tuple[str | None, str]]:
    """The (provider, model) pairs a name may stand for, the likeliest first.

    `provider_id` gives the id of a provider spelled exactly, or None. A provider that is given is never replaced
    by one that the model's name suggests.
    """
    found = _ARN.match(model)
    bare = found["name"] if found else model
    resource = _RESOURCE.match(bare)
    bare = resource["name"] if resource else bare
    if provider is not None:
        return [(provider, bare), *_without_prefix(provider, bare, provider_id)]
    bare = _without_gateways(bare)
    return [*_with_prefix(bare, provider_id), *_by_shape(bare, is_arn=bool(found)), (None, bare)]


def _without_gateways(model: str) -> str:
    """`litellm_proxy/openai/gpt-5` is `openai/gpt-5`."""
    prefix, _, rest = model.partition("/")
    while rest and is_gateway(prefix):
        model = rest
        prefix, _, rest = model.partition("/")
    return model


def _without_prefix(
    provider: str, model: str, provider_id: Callable[[str], str | None]
) -> list[tuple[str | None, str]]:
    """`azure/gpt-4o` of azure is its `gpt-4o`; a prefix that names somebody else stays."""
    return [(provider, rest) for named, rest in _with_prefix(model, provider_id) if named == provider]


def _with_prefix(model: str, provider_id: Callable[[str], str | None]) -> list[tuple[str | None, str]]:
    read: list[tuple[str | None, str]] = []
    for mark in ("/", ":"):
        prefix, found, rest = model.partition(mark)
        if found and rest and (named := provider_id(prefix)) is not None:
            read.append((named, rest))
    return read


def _by_shape(model: str, *, is_arn: bool) -> list[tuple[str | None, str]]:
    if is_arn or _BEDROCK.match(model.lower()):
        return [("aws", model)]
    return [("openai", model)] if model.lower().startswith("ft:") else []


def plain_name(model: str) -> str:
    """A model's name without region, date, version and the owner of a fine-tune."""
    name = model.lower()
    if name.startswith("ft:"):
        name = ":".join(name.split(":")[:2])
    name = _REGION.sub("", name.rpartition("/")[2])
    shorter = _SUFFIX.sub("", name)
    while shorter != name:
        name, shorter = shorter, _SUFFIX.sub("", shorter)
    return name
