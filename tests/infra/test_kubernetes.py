"""The manifests: core kinds validated strictly and offline, and what keeps a GPU pod from being killed."""

import importlib.util
from typing import Any

import pytest

from llmops.infra.kubernetes import manifests
from llmops.infra.spec import FallbackSpec, spec_from

CORE = {"Namespace", "PersistentVolumeClaim", "Deployment", "Service", "PodDisruptionBudget"}
VERSION = "1.31"


@pytest.fixture
def spec(inputs: dict[str, Any]) -> FallbackSpec:
    return spec_from({**inputs["complete"], "mode": "warm"})


@pytest.fixture
def made(spec: FallbackSpec) -> dict[str, dict[str, Any]]:
    return {it["kind"]: it for it in manifests(spec, gpus=4, wake_address="http://prometheus.outside:9090")}


def test_all_kinds_are_there(made: dict[str, Any]) -> None:
    assert set(made) == CORE | {"NodePool", "ScaledObject"}


def test_core_kinds_are_valid(made: dict[str, dict[str, Any]]) -> None:
    if importlib.util.find_spec("kubernetes_validate") is None:
        pytest.skip("kubernetes-validate is not installed")
    import kubernetes_validate

    for kind in CORE:
        kubernetes_validate.validate(made[kind], VERSION, strict=True)


def container(made: dict[str, dict[str, Any]]) -> dict[str, Any]:
    told: dict[str, Any] = made["Deployment"]["spec"]["template"]["spec"]["containers"][0]
    return told


def test_the_startup_probe_waits_as_long_as_a_start_may_take(made: dict[str, Any], spec: FallbackSpec) -> None:
    probe = container(made)["startupProbe"]
    assert probe["failureThreshold"] * probe["periodSeconds"] == spec.timeout_s == 3600


def test_vllm_serves_the_weights_of_the_cache_on_all_its_gpus(made: dict[str, Any]) -> None:
    told = container(made)
    assert told["args"][:4] == ["--model", "/cache/weights", "--served-model-name", "meta-llama/Llama-3.3-70B-Instruct"]
    assert told["args"][-2:] == ["--max-num-seqs", "64"]
    assert told["args"][told["args"].index("--tensor-parallel-size") + 1] == "4"
    assert told["resources"]["limits"] == {"nvidia.com/gpu": 4}
    assert [it["mountPath"] for it in told["volumeMounts"]] == ["/cache", "/dev/shm"]  # noqa: S108 - of the container


def test_no_secret_stands_in_it(made: dict[str, Any]) -> None:
    key = next(it for it in container(made)["env"] if it["name"] == "VLLM_API_KEY")
    assert set(key) == {"name", "valueFrom"}


def test_busy_gpu_nodes_are_not_consolidated(made: dict[str, Any]) -> None:
    assert made["NodePool"]["spec"]["disruption"]["consolidationPolicy"] == "WhenEmpty"
    annotations = made["Deployment"]["spec"]["template"]["metadata"]["annotations"]
    assert annotations == {"karpenter.sh/do-not-disrupt": "true"}
    taint = made["NodePool"]["spec"]["template"]["spec"]["taints"][0]
    (toleration,) = made["Deployment"]["spec"]["template"]["spec"]["tolerations"]
    assert {name: toleration[name] for name in ("key", "value", "effect")} == taint


def test_the_wake_up_comes_from_outside(made: dict[str, Any]) -> None:
    scaled = made["ScaledObject"]["spec"]
    (trigger,) = scaled["triggers"]
    assert trigger["metadata"]["serverAddress"] == "http://prometheus.outside:9090"
    assert "vllm" not in trigger["metadata"]["query"]
    assert (scaled["minReplicaCount"], scaled["maxReplicaCount"]) == (0, 6)
