"""Counts and times in sentences."""

LEAST_IN_SECONDS = 0.01  # three decimals of less would lose digits


def counted(count: int, noun: str) -> str:
    """`1 call`, `4,290 calls`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def in_seconds(value_s: float, decimals: int = 3) -> str:
    """`0.522 s`; of less than a hundredth in milliseconds, so that what is short is not shown as nothing."""
    if 0 < value_s < LEAST_IN_SECONDS:
        return f"{value_s * 1000:.{decimals}g} ms"
    return f"{value_s:.{decimals}f} s"
