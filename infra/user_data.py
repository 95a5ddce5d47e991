"""The user data of a node: the one template of the Terraform module, filled in as its `templatefile` does."""

import re
from collections.abc import Mapping
from pathlib import Path

from llmops.infra.spec import FallbackSpec

TEMPLATE = Path(__file__).parent / "terraform" / "modules" / "gpu-fallback" / "templates" / "user_data.sh.tftpl"
FIELD = re.compile(r"\$\$\{|\$\{(\w+)\}")
MAX_BYTES = 16384  # of user data, before base64: EC2's limit
FROM_THE_CLOUD = ("region", "bucket", "secret_arn", "log_group")


def render_user_data(spec: FallbackSpec, cloud: Mapping[str, str]) -> str:
    """The script for one fallback; `cloud` gives what only exists after it was made: FROM_THE_CLOUD."""
    values = {
        **{name: cloud[name] for name in FROM_THE_CLOUD},
        **values_of(spec),
        "start_timeout_s": str(spec.timeout_s),
    }
    return fill_in(TEMPLATE.read_text(encoding="utf-8"), values)


def values_of(spec: FallbackSpec) -> dict[str, str]:
    """What a machine is told of its fallback, in the cloud or not."""
    return {
        "name": spec.name,
        "model": spec.model,
        "weights_revision": spec.weights_revision,
        "image": spec.image,
        "max_model_len": str(spec.max_model_len),
        "vllm_args": " ".join(spec.vllm_args),
        "api_port": str(spec.api_port),
    }


def fill_in(template: str, values: Mapping[str, str]) -> str:
    """`${name}` becomes its value and `$${` a plain `${`, as in Terraform. KeyError for a name without a value."""
    return FIELD.sub(lambda match: "${" if match[1] is None else values[match[1]], template)
