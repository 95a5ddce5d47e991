"""Chaos Toolkit and llmops: actions and probes for `chaos run`, here by name; its experiments here, and ours there."""

from llmops.chaos.experiments.chaostoolkit.actions import clear, clear_all, inject, send_load
from llmops.chaos.experiments.chaostoolkit.discovery import discover
from llmops.chaos.experiments.chaostoolkit.probes import (
    failover_verdict,
    faults_on,
    latency_s,
    provider_attempts,
    receipts,
    success_ratio,
)

__all__ = [
    "clear",
    "clear_all",
    "discover",
    "failover_verdict",
    "faults_on",
    "inject",
    "latency_s",
    "provider_attempts",
    "receipts",
    "send_load",
    "success_ratio",
]
