"""The fallback on Kubernetes: from zero, on GPU nodes that Karpenter makes, woken by KEDA from an outside signal."""

import re
from dataclasses import dataclass
from typing import Any

from llmops.infra.spec import FallbackSpec

Manifest = dict[str, Any]
AMI_ALIAS = re.compile(r"(?:al2023|bottlerocket)@\S+")  # of families that have images with NVIDIA's driver
PROBE_PERIOD_S = 10
GPU_TAINT = {"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"}
SHARED_MEMORY = "16Gi"  # tensor-parallel workers talk through it
SHARED_MEMORY_PATH = "/dev/shm"  # noqa: S108 - where they look for it


@dataclass(frozen=True)
class Nodes:
    """What the nodes are made of: the cluster whose subnets and groups are found by tag, and its machine image."""

    cluster: str
    ami_alias: str = "al2023@latest"  # of EKS: the accelerated image where the type has GPUs; pin it where you drill


def manifests(spec: FallbackSpec, *, gpus: int, wake_address: str, nodes: Nodes) -> list[Manifest]:
    """In the order in which they are applied. `wake_address` answers a PromQL query for the demand, from outside."""
    return [
        _namespace(spec),
        _cache(spec),
        _deployment(spec, gpus),
        _service(spec),
        _disruption_budget(spec),
        _node_class(spec, nodes),
        _node_pool(spec),
        _scaled_object(spec, wake_address),
    ]


def _meta(spec: FallbackSpec, name: str | None = None) -> Manifest:
    labels = {
        "app.kubernetes.io/name": "vllm",
        "app.kubernetes.io/instance": spec.name,
        "app.kubernetes.io/managed-by": "llmops",
    }
    return {"name": name or spec.name, "namespace": spec.name, "labels": labels}


def _selector(spec: FallbackSpec) -> Manifest:
    return {"app.kubernetes.io/instance": spec.name}


def _namespace(spec: FallbackSpec) -> Manifest:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": spec.name}}


def _cache(spec: FallbackSpec) -> Manifest:
    """Weights and compile cache outlive the pod, so that the second start is not the first."""
    size = {"requests": {"storage": f"{spec.volume_size_gb}Gi"}}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": _meta(spec, f"{spec.name}-cache"),
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": size},
    }


def _deployment(spec: FallbackSpec, gpus: int) -> Manifest:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": _meta(spec),
        "spec": {
            "replicas": spec.resting_size,
            "strategy": {"type": "Recreate"},  # the GPUs of the old pod are the new one's
            "selector": {"matchLabels": _selector(spec)},
            "template": {
                "metadata": {"labels": _selector(spec), "annotations": {"karpenter.sh/do-not-disrupt": "true"}},
                "spec": _pod(spec, gpus),
            },
        },
    }


def _pod(spec: FallbackSpec, gpus: int) -> Manifest:
    return {
        "automountServiceAccountToken": False,
        "terminationGracePeriodSeconds": 330,  # answers in flight may end
        "tolerations": [
            {"key": GPU_TAINT["key"], "operator": "Equal", "value": GPU_TAINT["value"], "effect": GPU_TAINT["effect"]}
        ],
        "containers": [_container(spec, gpus)],
        "volumes": [
            {"name": "cache", "persistentVolumeClaim": {"claimName": f"{spec.name}-cache"}},
            {"name": "shm", "emptyDir": {"medium": "Memory", "sizeLimit": SHARED_MEMORY}},
        ],
    }


def _container(spec: FallbackSpec, gpus: int) -> Manifest:
    health = {"httpGet": {"path": "/health", "port": "api"}, "periodSeconds": PROBE_PERIOD_S, "timeoutSeconds": 5}
    key = {"secretKeyRef": {"name": f"{spec.name}-api-key", "key": "key"}}
    return {
        "name": "vllm",
        "image": spec.image,
        "args": [
            *("--model", "/cache/weights", "--served-model-name", spec.model),
            *("--port", str(spec.api_port), "--tensor-parallel-size", str(gpus)),
            *("--max-model-len", str(spec.max_model_len)),
            *spec.vllm_args,
        ],
        "env": [
            {"name": "VLLM_API_KEY", "valueFrom": key},
            {"name": "HF_HUB_OFFLINE", "value": "1"},
            {"name": "VLLM_CACHE_ROOT", "value": "/cache/compiled"},
        ],
        "ports": [{"name": "api", "containerPort": spec.api_port}],
        "resources": {"limits": {"nvidia.com/gpu": gpus}, "requests": {"nvidia.com/gpu": gpus}},
        # As long as the hook and the grace on EC2: a pod that still starts would be killed for ever.
        "startupProbe": {**health, "failureThreshold": -(-spec.timeout_s // PROBE_PERIOD_S)},
        "readinessProbe": {**health, "failureThreshold": 2},
        "livenessProbe": {**health, "failureThreshold": 6},
        "volumeMounts": [{"name": "cache", "mountPath": "/cache"}, {"name": "shm", "mountPath": SHARED_MEMORY_PATH}],
    }


def _service(spec: FallbackSpec) -> Manifest:
    port = {"name": "api", "port": 80, "targetPort": "api"}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": _meta(spec),
        "spec": {"type": "ClusterIP", "selector": _selector(spec), "ports": [port]},
    }


def _disruption_budget(spec: FallbackSpec) -> Manifest:
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": _meta(spec),
        "spec": {"maxUnavailable": 0, "selector": {"matchLabels": _selector(spec)}},
    }


def _node_class(spec: FallbackSpec, nodes: Nodes) -> Manifest:
    """Names by Karpenter's own convention: tags `karpenter.sh/discovery`, role `KarpenterNodeRole-CLUSTER`."""
    found_by_tag = [{"tags": {"karpenter.sh/discovery": nodes.cluster}}]
    disk = {
        "volumeType": "gp3",
        "volumeSize": f"{spec.volume_size_gb}Gi",
        "iops": spec.volume_iops,
        "throughput": spec.volume_throughput_mib_s,
        "encrypted": True,
        "deleteOnTermination": True,
    }
    return {
        "apiVersion": "karpenter.k8s.aws/v1",
        "kind": "EC2NodeClass",
        "metadata": {"name": spec.name},
        "spec": {
            "amiSelectorTerms": [{"alias": nodes.ami_alias}],
            "role": f"KarpenterNodeRole-{nodes.cluster}",
            "subnetSelectorTerms": found_by_tag,
            "securityGroupSelectorTerms": [dict(term) for term in found_by_tag],
            "associatePublicIPAddress": False,
            "metadataOptions": {"httpEndpoint": "enabled", "httpTokens": "required", "httpPutResponseHopLimit": 1},
            "blockDeviceMappings": [{"deviceName": "/dev/xvda", "rootVolume": True, "ebs": disk}],
            "tags": {**spec.tags, "Stack": spec.name, "ManagedBy": "llmops"},
        },
    }


def _node_pool(spec: FallbackSpec) -> Manifest:
    """WhenEmpty: the default consolidates busy GPU nodes, for it does not see that they are used."""
    capacity = ["spot", "on-demand"] if spec.spot_percent else ["on-demand"]
    return {
        "apiVersion": "karpenter.sh/v1",
        "kind": "NodePool",
        "metadata": {"name": spec.name},
        "spec": {
            "template": {
                "spec": {
                    "nodeClassRef": {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": spec.name},
                    "taints": [GPU_TAINT],
                    "requirements": [
                        {
                            "key": "node.kubernetes.io/instance-type",
                            "operator": "In",
                            "values": list(spec.instance_types),
                        },
                        {"key": "karpenter.sh/capacity-type", "operator": "In", "values": capacity},
                    ],
                }
            },
            "disruption": {"consolidationPolicy": "WhenEmpty", "consolidateAfter": "10m"},
            "limits": {"nvidia.com/gpu": str(spec.max_size * 8)},
        },
    }


def _scaled_object(spec: FallbackSpec, wake_address: str) -> Manifest:
    """The demand is told from outside: at zero pods the fallback's own metrics do not exist."""
    trigger = {
        "type": "prometheus",
        "metadata": {
            "serverAddress": wake_address,
            "query": f'max(llmops_fallback_demand{{stack="{spec.name}"}})',
            "threshold": "1",
            "activationThreshold": "0",
            "ignoreNullValues": "false",  # a signal that is lost is no reason to sleep
        },
    }
    return {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": _meta(spec),
        "spec": {
            "scaleTargetRef": {"name": spec.name},
            "minReplicaCount": spec.resting_size,
            "maxReplicaCount": spec.max_size,
            "cooldownPeriod": spec.timeout_s,
            "triggers": [trigger],
        },
    }
