"""Whether the times and counts of a record can be: a figure from those that cannot would be wrong without a word."""

from itertools import pairwise

from llmops.chaos.load.record import CallRecord

LATEST_S = 1e11  # the year 5138; of times in milliseconds all since 1973 are larger
EARLY_S = 0.1  # before a call was due: clocks have steps, and a loop may wake one early
STEPS = ("dispatched_at", "sent_at", "connected_at", "first_byte_at", "first_token_at", "ended_at")
"""In the order in which they happen; what is None did not."""


def why_impossible(record: CallRecord) -> str:
    """The first reason why it cannot be; empty where it can."""
    known = [(name, at) for name in STEPS if (at := getattr(record, name)) is not None]
    for name, at in [("scheduled_at", record.scheduled_at), *known]:
        if not 0 <= at < LATEST_S:
            return f"its {name} is no time in epoch seconds"
    if record.dispatched_at < record.scheduled_at - EARLY_S:
        return "its dispatched_at is before its scheduled_at"
    for (before, since), (after, until) in pairwise(known):
        if until < since:
            return f"its {after} is before its {before}"
    return _why_impossible_pieces(record)


def _why_impossible_pieces(record: CallRecord) -> str:
    pieces = record.piece_times
    if any(not 0 <= after - before < LATEST_S for before, after in pairwise(pieces)):
        return "its piece_times go back in time"
    if len(pieces) and pieces[0] != record.first_token_at:
        return "its piece_times do not begin with its first_token_at"
    counts = (record.output_tokens, record.output_reasoning_tokens)
    return "its count of tokens is below 0" if any(count is not None and count < 0 for count in counts) else ""
