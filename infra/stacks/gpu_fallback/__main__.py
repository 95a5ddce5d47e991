"""The GPU fallback as a stack: what `pulumi up` runs."""

# ruff: noqa: INP001 - a program that Pulumi runs, not a package

import pulumi

from llmops.infra.components.gpu_fallback import GpuFallback
from llmops.infra.spec import spec_from

fallback = GpuFallback(spec_from(pulumi.Config().require_object("fallback")))
for name, value in fallback.outputs.items():
    pulumi.export(name, value)
