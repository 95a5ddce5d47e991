"""The manifests: core kinds validated strictly and offline, and what keeps a GPU pod from being killed."""

import copy
import importlib.util
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from llmops.infra.kubernetes import Nodes, manifests
from llmops.infra.spec import FallbackSpec, spec_from

VERSION = "1.31"
NODES = Nodes("prod", "al2023@v20261101")
CRDS = json.loads((Path(__file__).parent / "kubernetes_crds.json").read_text(encoding="utf-8"))["kinds"]
CORE = {"Namespace", "PersistentVolumeClaim", "Deployment", "Service", "PodDisruptionBudget"}


class NoSchema(Exception):
    """Nobody can say whether it is valid."""


def check(manifest: dict[str, Any]) -> None:
    """ValidationError of either library where it is not valid; NoSchema where nothing describes it: that is no pass."""
    from jsonschema import Draft202012Validator

    kind, version = manifest.get("kind"), manifest.get("apiVersion")
    if "." not in str(version).partition("/")[0]:
        check_core(manifest)
    elif kind in CRDS and CRDS[kind]["api_version"] == version:
        Draft202012Validator(CRDS[kind]["schema"]).validate(manifest)
    else:
        raise NoSchema(f"{version} {kind}")


def check_core(manifest: dict[str, Any]) -> None:
    if importlib.util.find_spec("kubernetes_validate") is None:
        pytest.skip("kubernetes-validate is not installed")
    import kubernetes_validate

    try:
        kubernetes_validate.validate(manifest, VERSION, strict=True)
    except kubernetes_validate.SchemaNotFoundError as error:
        raise NoSchema(str(error)) from error


@pytest.fixture
def spec(inputs: dict[str, Any]) -> FallbackSpec:
    return spec_from({**inputs["complete"], "mode": "warm"})


@pytest.fixture
def made(spec: FallbackSpec) -> dict[str, dict[str, Any]]:
    told = manifests(spec, gpus=4, wake_address="http://prometheus.outside:9090", nodes=NODES)
    return {it["kind"]: it for it in told}


def test_all_kinds_are_there(made: dict[str, Any]) -> None:
    assert set(made) == CORE | set(CRDS)
    assert set(CRDS) == {"NodePool", "EC2NodeClass", "ScaledObject"}


@pytest.mark.parametrize("name", ["minimal", "complete", "existing_vpc"])
@pytest.mark.parametrize("mode", ["cold", "warm", "hot"])
def test_every_document_is_valid(inputs: dict[str, Any], name: str, mode: str) -> None:
    spec = spec_from({**inputs[name], "mode": mode})
    for manifest in manifests(spec, gpus=4, wake_address="http://prometheus.outside:9090", nodes=NODES):
        check(manifest)


@pytest.mark.parametrize(
    ("kind", "path", "value", "complaint"),
    [
        ("Deployment", ("spec", "replica"), 1, "replica"),
        ("Service", ("spec", "ports"), "80", "80"),
        ("NodePool", ("spec", "disruption", "consolidateAfter"), "10 minutes", "10 minutes"),
        ("NodePool", ("spec", "disruption", "consolidationPolicy"), "Never", "Never"),
        ("NodePool", ("spec", "template", "spec", "taint"), [], "taint"),
        ("EC2NodeClass", ("spec", "metadataOptions", "httpTokens"), "yes", "yes"),
        ("EC2NodeClass", ("spec", "amiSelectorTerms"), [], "[]"),
        ("ScaledObject", ("spec", "minReplicaCount"), -1, "-1"),
        ("ScaledObject", ("spec", "maxReplicas"), 3, "maxReplicas"),
        ("ScaledObject", ("spec", "triggers", 0, "metadata", "threshold"), 1, "1 is not of type"),
    ],
)
def test_what_is_wrong_in_any_of_them_is_found(
    made: dict[str, Any], kind: str, path: tuple[Any, ...], value: Any, complaint: str
) -> None:
    place = made[kind]
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(Exception, match=re.escape(complaint)) as refused:
        check(made[kind])
    assert type(refused.value).__name__ == "ValidationError"


@pytest.mark.parametrize("kind", sorted(["NodePool", "EC2NodeClass", "ScaledObject"]))
def test_a_custom_kind_lacks_nothing_that_it_needs(made: dict[str, Any], kind: str) -> None:
    for name in CRDS[kind]["schema"]["properties"]["spec"]["required"]:
        manifest = copy.deepcopy(made[kind])
        del manifest["spec"][name]
        with pytest.raises(Exception, match=f"'{name}' is a required property"):
            check(manifest)


@pytest.mark.parametrize(
    "changed",
    [
        {"apiVersion": "karpenter.sh/v1beta1"},  # another version is another schema
        {"kind": "NodeClaim"},
        {"apiVersion": "example.com/v1", "kind": "Anything"},
        {"apiVersion": "apps/v1", "kind": "Deploymint"},
    ],
)
def test_a_kind_without_a_schema_fails(made: dict[str, Any], changed: dict[str, str]) -> None:
    with pytest.raises(NoSchema):
        check({**made["NodePool"], **changed})


@pytest.mark.parametrize("kind", sorted(CRDS))
def test_a_schema_says_where_it_is_from_and_of_which_day(kind: str) -> None:
    told = CRDS[kind]
    assert re.fullmatch(r"https://github\.com/[\w.-]+/[\w.-]+/blob/v[\d.]+/\S+\.yaml", told["source"])
    assert told["version"] in told["source"]
    assert re.fullmatch(r"[0-9a-f]{40}", told["commit"])
    assert date.fromisoformat(told["dated"]) <= date(2026, 11, 26)
    assert told["schema"]["properties"]["spec"]["additionalProperties"] is False  # a cluster would drop the field


def test_the_nodes_are_what_the_class_of_the_same_name_makes(made: dict[str, Any], spec: FallbackSpec) -> None:
    reference = made["NodePool"]["spec"]["template"]["spec"]["nodeClassRef"]
    node_class = made["EC2NodeClass"]
    assert reference == {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": node_class["metadata"]["name"]}
    told = node_class["spec"]
    # rules of the resource in CEL, which need a cluster: one of role and profile, one alias alone, a size of the disk
    assert ("role" in told, "instanceProfile" in told) == (True, False)
    assert told["amiSelectorTerms"] == [{"alias": "al2023@v20261101"}]
    assert told["blockDeviceMappings"][0]["ebs"]["volumeSize"] == f"{spec.volume_size_gb}Gi" == "400Gi"
    assert not any(tag.startswith(("kubernetes.io/cluster", "karpenter")) for tag in told["tags"])


def test_nodes_keep_their_credentials_and_their_disks(made: dict[str, Any]) -> None:
    told = made["EC2NodeClass"]["spec"]
    assert (told["metadataOptions"]["httpTokens"], told["metadataOptions"]["httpPutResponseHopLimit"]) == (
        "required",
        1,
    )
    assert told["blockDeviceMappings"][0]["ebs"]["encrypted"] is True
    assert told["associatePublicIPAddress"] is False


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
