"""The spec: the inputs of the Terraform module, its defaults, its refusals in its words."""

import json
import re
from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import pytest

from llmops.errors import BadInput
from llmops.infra.spec import FallbackSpec, spec_from
from llmops.infra.spec_checks import CHECKS
from llmops.infra.terraform_cli import MODULES

MODULE = MODULES / "gpu-fallback"


def as_terraform(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return dict(value) if isinstance(value, Mapping) else value


def test_the_spec_has_the_inputs_and_defaults_of_the_module(module_inputs: dict[str, Any]) -> None:
    own = {}
    for it in fields(FallbackSpec):
        default = it.default if it.default is not MISSING else MISSING
        if it.default_factory is not MISSING:
            default = it.default_factory()
        own[it.name] = {} if default is MISSING else {"default": as_terraform(default)}
    module = {name: {key: told[key] for key in ("default",) if key in told} for name, told in module_inputs.items()}
    assert own == module


def test_the_spec_says_what_the_module_says(module_inputs: dict[str, Any]) -> None:
    assert module_inputs
    told = []
    for file in MODULE.glob("*.tf"):
        told += re.findall(r'error_message = ("(?:[^"\\]|\\.)*")', file.read_text(encoding="utf-8"))
    module = {re.sub(r"\$\{(?:var|local)\.start_timeout_s\}", "{timeout_s}", json.loads(it)) for it in told}
    module = {re.sub(r"\$\{(?:var|local)\.(\w+)\}", r"{\1}", it) for it in module}
    assert {message for _, message in CHECKS} == module


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"name": "f"}, "name"),
        ({"name": "a" * 22}, "name"),
        ({"name": "Fallback"}, "name"),
        ({"mode": "tepid"}, "mode"),
        ({"model": "my model"}, "model"),
        ({"weights_revision": "Main"}, "moving name"),
        ({"image": "vllm/vllm-openai"}, "pinned"),
        ({"image": "vllm/vllm-openai:latest"}, "pinned"),
        ({"image": "reg.example:5000/vllm"}, "pinned"),
        ({"image": "x;touch${IFS}y;z:1"}, "pinned"),
        ({"image": "x;reboot:1"}, "pinned"),
        ({"image": "x&y:1"}, "pinned"),
        ({"image": "x|y:1"}, "pinned"),
        ({"image": "a(b):1"}, "pinned"),
        ({"image": "-v:1"}, "pinned"),
        ({"image": "x:1\n"}, "pinned"),
        ({"image": "x\\:1"}, "pinned"),
        ({"max_model_len": 1023}, "max_model_len"),
        ({"vllm_args": ("--max-num-seqs 64",)}, "one word"),
        ({"vllm_args": ("--api-key=x",)}, "must not name"),
        ({"instance_types": ()}, "instance_types"),
        ({"instance_types": ("p5.48xlarge", "p5.48xlarge")}, "different"),
        ({"instance_types": ("large",)}, "g6e.12xlarge"),
        ({"ami_id": "ubuntu"}, "ami_id"),
        ({"root_device_name": "xvda"}, "root_device_name"),
        ({"volume_size_gb": 49}, "volume_size_gb"),
        ({"volume_iops": 16001}, "volume_iops"),
        ({"volume_throughput_mib_s": 124}, "volume_throughput_mib_s"),
        ({"volume_throughput_mib_s": 751, "volume_iops": 3000}, "quarter"),
        ({"capacity_reservation_id": "res-1"}, "capacity_reservation_id"),
        ({"max_size": 0}, "max_size"),
        ({"hot_size": 0}, "hot_size"),
        ({"warm_size": 5}, "max_size (4)"),
        ({"on_demand_base": -1}, "on_demand_base"),
        ({"spot_percent": 101}, "spot_percent"),
        ({"waiting_requests_target": 0}, "waiting_requests_target"),
        ({"expected_start_max_s": 299}, "expected_start_max_s"),
        ({"expected_start_max_s": 5761}, "expected_start_max_s"),
        ({"start_timeout_s": 7201}, "7200"),
        ({"expected_start_max_s": 966, "start_timeout_s": 965}, "(965) must be at least expected_start_max_s (966)"),
        ({"vpc_id": "vpc-0123456789abcdef0", "client_cidrs": ("10.0.0.0/8",)}, "subnet_ids"),
        ({"vpc_id": "vpc-0123456789abcdef0", "subnet_ids": ("subnet-0123456789abcdef0",)}, "client_cidrs"),
        ({"subnet_ids": ("private",)}, "subnet_ids"),
        ({"vpc_cidr": "10.0.0.0/23"}, "vpc_cidr"),
        ({"vpc_cidr": "10.0.0.0"}, "vpc_cidr"),
        ({"availability_zones": ("us-east-1a",)}, "at least 2"),
        ({"availability_zones": ("us-east-1a", "us-east-1a")}, "different zones"),
        ({"egress": "none"}, "egress"),
        ({"egress": "endpoints"}, "ECR"),
        ({"client_cidrs": ("0.0.0.0/0",)}, "private"),
        ({"client_cidrs": ("10.0.0.0/7",)}, "private"),
        ({"client_cidrs": ("172.32.0.0/16",)}, "private"),
        ({"certificate_arn": "none"}, "certificate_arn"),
        ({"api_port": 80}, "api_port"),
        ({"zone_id": "Z1"}, "all three or none"),
        ({"primary_health_path": "health"}, "slash"),
        ({"max_awake_hours": 25}, "max_awake_hours"),
        ({"log_days": 31}, "log_days"),
    ],
)
def test_a_value_out_of_range_is_refused(inputs: dict[str, Any], changed: dict[str, Any], word: str) -> None:
    with pytest.raises(BadInput, match=re.escape(word)):
        spec_from({**inputs["minimal"], **changed})


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "ab"},
        {"name": "a" * 21},
        {"image": "vllm/vllm-openai@sha256:" + "0" * 64},
        {"image": "reg.example:5000/vllm/vllm-openai:v0.11.0@sha256:" + "0" * 64},
        {"max_model_len": 1024},
        {"expected_start_max_s": 300},
        {"expected_start_max_s": 5760},
        {"expected_start_max_s": 966, "start_timeout_s": 966},
        {"volume_throughput_mib_s": 750, "volume_iops": 3000},
        {"client_cidrs": ["172.31.0.0/16", "192.168.0.0/24", "100.64.0.0/10"]},
        {"spot_percent": 100},
        {"log_days": 3653},
    ],
)
def test_a_value_at_the_edge_is_taken(inputs: dict[str, Any], changed: dict[str, Any]) -> None:
    spec_from({**inputs["minimal"], **changed})


@pytest.mark.parametrize("name", ["minimal", "complete", "existing_vpc"])
def test_the_inputs_of_the_tests_are_taken(inputs: dict[str, Any], name: str) -> None:
    assert spec_from(inputs[name]).name == inputs[name]["name"]


def test_a_start_has_a_quarter_in_reserve(inputs: dict[str, Any]) -> None:
    assert spec_from({**inputs["minimal"], "expected_start_max_s": 966}).timeout_s == 1208  # 966 × 1.25 = 1207.5
    assert spec_from({**inputs["minimal"], "start_timeout_s": 2000}).timeout_s == 2000


@pytest.mark.parametrize(("mode", "size"), [("cold", 0), ("warm", 0), ("hot", 2)])
def test_only_hot_rests_awake(inputs: dict[str, Any], mode: str, size: int) -> None:
    assert spec_from({**inputs["minimal"], "mode": mode, "hot_size": 2}).resting_size == size


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"max_sice": 2}, "no input 'max_sice'"),
        ({"max_size": "4"}, "max_size must be a whole number, not '4'"),
        ({"max_size": True}, "max_size must be a whole number, not True"),
        ({"force_destroy": "yes"}, "force_destroy must be true or false"),
        ({"instance_types": "p5.48xlarge"}, "instance_types must be a list of texts"),
        ({"tags": {"a": 1}}, "tags must be a mapping of texts"),
        ({"zone_id": 7}, "zone_id must be text"),
    ],
)
def test_plain_data_of_a_wrong_form_is_refused(inputs: dict[str, Any], changed: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=re.escape(message)):
        spec_from({**inputs["minimal"], **changed})


def test_what_is_missing_is_named(inputs: dict[str, Any]) -> None:
    given = {name: value for name, value in inputs["minimal"].items() if name not in {"ami_id", "image"}}
    with pytest.raises(BadInput) as refused:
        spec_from(given)
    assert (str(refused.value), refused.value.hint) == ("the fallback needs image", "needed: image, ami_id")


@pytest.mark.parametrize("mode", ["cold", "warm", "hot"])
def test_the_stacks_that_ship_are_taken(mode: str) -> None:
    import yaml

    folder = Path(MODULES).parents[1] / "stacks" / "gpu_fallback"
    config = yaml.safe_load((folder / f"Pulumi.{mode}.yaml").read_text(encoding="utf-8"))["config"]
    spec = spec_from(config["llmops-gpu-fallback:fallback"])
    assert (spec.mode, spec.name) == (mode, f"fb-{mode}")
