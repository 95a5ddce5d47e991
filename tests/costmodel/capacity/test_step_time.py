"""The seam: a slowed step time is the same one, only slower."""

from llmops.costmodel.capacity.deployment import Deployment, precision
from llmops.costmodel.capacity.roofline import Roofline
from llmops.costmodel.capacity.specs import gpu, model
from llmops.costmodel.capacity.step_time import Slowed, StepTime

ROOFLINE = Roofline(Deployment(model("Qwen3-8B"), gpu("h100_sxm"), precision("bf16"), 1))


def test_a_slowed_step_takes_a_factor_longer_and_waits_for_the_same() -> None:
    slowed: StepTime = Slowed(ROOFLINE, 1.25)
    assert slowed(8, 1000, 16) == 1.25 * ROOFLINE(8, 1000, 16)
    assert slowed.bound(8, 1000, 16) == ROOFLINE.bound(8, 1000, 16)
