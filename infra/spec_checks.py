"""What the fallback refuses, each with the sentence that the Terraform module says; a test compares them."""

# ruff: noqa: PLR2004 - each number stands in the sentence beside it

import re
from collections.abc import Callable
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llmops.infra.spec import FallbackSpec

RESERVE_RATIO = 0.25  # of the expected start, on top of it: a node that is judged while it starts is replaced for ever
HOOK_MAX_S = 7200  # the longest that a lifecycle hook waits for a heartbeat
MODES = ("cold", "warm", "hot")
EGRESS = ("nat", "endpoints")
LOG_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
MOVING_REVISIONS = {"main", "master", "latest", "head"}
SET_BY_US = {
    "--api-key",
    "--host",
    "--port",
    "--model",
    "--served-model-name",
    "--tensor-parallel-size",
    "--max-model-len",
    "--middleware",
    "--ssl-keyfile",
    "--ssl-certfile",
}
SHARED_RANGES = tuple(
    map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"))
)  # never public
# An image in ECR: its account, region and repository.
ECR_IMAGE = re.compile(r"^([0-9]{12})\.dkr\.ecr\.([a-z0-9-]+)\.[^/]+/([^:@]+)")


def _like(pattern: str, text: str | None) -> bool:
    return text is None or re.fullmatch(pattern, text) is not None


def _all_like(pattern: str, texts: tuple[str, ...]) -> bool:
    return all(_like(pattern, text) for text in texts)


def _differ(values: tuple[str, ...]) -> bool:
    return len(set(values)) == len(values)


def _range_of(cidr: str) -> Any:  # noqa: ANN401 - an IPv4 or IPv6 network, or none
    try:
        return ip_network(cidr, strict=False)
    except ValueError:
        return None


def _is_vpc_range(cidr: str) -> bool:
    network = _range_of(cidr)
    return network is not None and "/" in cidr and network.version == 4 and 16 <= network.prefixlen <= 22


def _is_private(cidr: str) -> bool:
    network = _range_of(cidr) if "/" in cidr else None
    return network is not None and network.version == 4 and any(network.subnet_of(own) for own in SHARED_RANGES)


Check = tuple[Callable[["FallbackSpec"], bool], str]

CHECKS: tuple[Check, ...] = (
    (
        lambda s: _like(r"[a-z][a-z0-9-]{0,19}[a-z0-9]", s.name),
        "The name must be 2 to 21 lower-case letters, digits and dashes, begin with a letter and not end with a dash.",
    ),
    (lambda s: s.mode in MODES, "The mode must be cold, warm or hot."),
    (
        lambda s: _like(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?", s.model),
        "The model must be a name such as meta-llama/Llama-3.3-70B-Instruct.",
    ),
    (
        lambda s: (
            _like(r"[A-Za-z0-9][A-Za-z0-9._-]*", s.weights_revision)
            and s.weights_revision.lower() not in MOVING_REVISIONS
        ),
        "The weights_revision must be a commit or a release: a moving name such as main serves other weights tomorrow.",
    ),
    (
        lambda s: (
            _like(r"[A-Za-z0-9][A-Za-z0-9._:/-]*(@sha256:[0-9a-f]{64}|:[A-Za-z0-9_][A-Za-z0-9._-]*)", s.image)
            and not s.image.endswith(":latest")
        ),
        "The image must be pinned by a digest (@sha256:...) or by a tag other than latest.",
    ),
    (
        lambda s: 1024 <= s.max_model_len <= 1_048_576,
        "The max_model_len must be a whole number of tokens from 1024 to 1048576.",
    ),
    (
        lambda s: _all_like(r"[A-Za-z0-9._/:=,+-]+", s.vllm_args),
        "Each of vllm_args must be one word of letters, digits and . _ / : = , + -.",
    ),
    (
        lambda s: not SET_BY_US & {word.partition("=")[0] for word in s.vllm_args},
        (
            "The vllm_args must not name what the module sets itself: key, host, port, model, served name, tensor "
            "parallelism, max_model_len, middleware, TLS."
        ),
    ),
    (
        lambda s: 1 <= len(s.instance_types) <= 40 and _differ(s.instance_types),
        "The instance_types must be 1 to 40 different types.",
    ),
    (
        lambda s: _all_like(r"[a-z0-9-]+\.[a-z0-9-]+", s.instance_types),
        "Each of instance_types must look like g6e.12xlarge.",
    ),
    (lambda s: _like(r"ami-[0-9a-f]{8,17}", s.ami_id), "The ami_id must look like ami-0123456789abcdef0."),
    (lambda s: _like(r"/dev/[a-z0-9]+", s.root_device_name), "The root_device_name must look like /dev/xvda."),
    (lambda s: 50 <= s.volume_size_gb <= 16384, "The volume_size_gb must be from 50 to 16384."),
    (
        lambda s: 3000 <= s.volume_iops <= 16000,
        "The volume_iops must be from 3000 to 16000, the range of gp3.",
    ),
    (
        lambda s: 125 <= s.volume_throughput_mib_s <= 1000,
        "The volume_throughput_mib_s must be from 125 to 1000, the range of gp3.",
    ),
    (
        lambda s: s.volume_throughput_mib_s * 4 <= s.volume_iops,
        "The volume_throughput_mib_s must be at most a quarter of volume_iops, as gp3 demands.",
    ),
    (
        lambda s: _like(r"cr-[0-9a-f]{8,17}", s.capacity_reservation_id),
        "The capacity_reservation_id must look like cr-0123456789abcdef0.",
    ),
    (lambda s: 1 <= s.max_size <= 100, "The max_size must be from 1 to 100."),
    (lambda s: s.hot_size >= 1, "The hot_size must be at least 1."),
    (lambda s: s.warm_size >= 1, "The warm_size must be at least 1."),
    (
        lambda s: max(s.hot_size, s.warm_size) <= s.max_size,
        "The hot_size and warm_size must be at most max_size ({max_size}).",
    ),
    (lambda s: 0 <= s.on_demand_base <= 100, "The on_demand_base must be from 0 to 100."),
    (lambda s: 0 <= s.spot_percent <= 100, "The spot_percent must be from 0 to 100."),
    (
        lambda s: 1 <= s.waiting_requests_target <= 1000,
        "The waiting_requests_target must be from 1 to 1000.",
    ),
    (
        lambda s: 300 <= s.expected_start_max_s <= HOOK_MAX_S / (1 + RESERVE_RATIO),
        (
            "The expected_start_max_s must be from 300 to 5760 (a lifecycle hook waits for 7200 s at most, a quarter "
            "of it in reserve)."
        ),
    ),
    (
        lambda s: s.start_timeout_s is None or s.start_timeout_s <= HOOK_MAX_S,
        "The start_timeout_s must be at most 7200, the longest that a lifecycle hook waits.",
    ),
    (
        lambda s: s.timeout_s >= s.expected_start_max_s,
        (
            "The start_timeout_s ({timeout_s}) must be at least expected_start_max_s ({expected_start_max_s}): nodes "
            "that still start would be replaced for ever."
        ),
    ),
    (lambda s: _like(r"vpc-[0-9a-f]{8,17}", s.vpc_id), "The vpc_id must look like vpc-0123456789abcdef0."),
    (
        lambda s: _all_like(r"subnet-[0-9a-f]{8,17}", s.subnet_ids) and _differ(s.subnet_ids),
        "The subnet_ids must be different ids such as subnet-0123456789abcdef0.",
    ),
    (
        lambda s: s.makes_vpc or len(s.subnet_ids) > 0,
        "With vpc_id, subnet_ids must name private subnets of it.",
    ),
    (
        lambda s: s.makes_vpc or len(s.client_cidrs) > 0,
        "With vpc_id, client_cidrs must say who may call the endpoint.",
    ),
    (lambda s: _is_vpc_range(s.vpc_cidr), "The vpc_cidr must be a range from /16 to /22, such as 10.42.0.0/16."),
    (
        lambda s: len(s.availability_zones) <= 6 and _differ(s.availability_zones),
        "The availability_zones must be at most 6 different zones.",
    ),
    (
        lambda s: not s.makes_vpc or len(s.availability_zones) >= 2,
        "A VPC of its own needs at least 2 availability_zones: capacity that one zone lacks is sought in the others.",
    ),
    (lambda s: s.egress in EGRESS, "The egress must be nat or endpoints."),
    (
        lambda s: s.egress == "nat" or not s.makes_vpc or ECR_IMAGE.match(s.image) is not None,
        'With egress = "endpoints" the image must be in ECR: no other registry can be reached.',
    ),
    (
        lambda s: all(map(_is_private, s.client_cidrs)),
        "The client_cidrs must be private ranges such as 10.0.0.0/8: the endpoint is never public.",
    ),
    (
        lambda s: _like(r"arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[A-Za-z0-9-]+", s.certificate_arn),
        "The certificate_arn must be the ARN of an ACM certificate: the key of the API never travels in clear.",
    ),
    (lambda s: 1024 <= s.api_port <= 65535, "The api_port must be from 1024 to 65535."),
    (
        lambda s: s.makes_records or (s.zone_id, s.record_name, s.primary_endpoint) == (None, None, None),
        "The zone_id, record_name and primary_endpoint make the failover record together: give all three or none.",
    ),
    (lambda s: s.primary_health_path.startswith("/"), "The primary_health_path must start with a slash."),
    (
        lambda s: 1 <= s.max_awake_hours <= 24,
        "The max_awake_hours must be a whole number from 1 to 24.",
    ),
    (
        lambda s: s.log_days in LOG_DAYS,
        f"The log_days must be a number of days that CloudWatch knows: {', '.join(map(str, LOG_DAYS[:-1]))} or 3653.",
    ),
)
