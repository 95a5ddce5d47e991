"""The count of output tokens after a text has become another: an estimate by its characters."""

from math import ceil

from llmops.chaos.wire.slots import Shape, Slot


def scale_output(slots: list[Slot], shape: Shape, ratio: float) -> bool:
    """Scale the visible output tokens, rounded up, and what they are part of; false where nothing is counted."""
    counts = {slot.kind: slot for slot in slots if isinstance(slot.value, int)}
    if "output_tokens" not in counts:
        return False
    output = counts["output_tokens"]
    hidden = counts["reasoning_tokens"].value if "reasoning_tokens" in counts and shape.output_includes_reasoning else 0
    new = hidden + ceil((output.value - hidden) * ratio)
    difference = new - output.value
    output.put(new)
    if "total_tokens" in counts:
        counts["total_tokens"].put(counts["total_tokens"].value + difference)
    return bool(difference)
