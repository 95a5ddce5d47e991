"""Bounds of the numbers that configure faults and toxics."""

from llmops.errors import BadInput


def at_least(minimum: float, **values: float) -> None:
    """BadInput that names the first value below `minimum`, or that is no number."""
    for name, value in values.items():
        if not minimum <= value < float("inf"):
            raise BadInput(f"{name} is {value}", hint=f"give {minimum} or more")


def above(minimum: float, **values: float) -> None:
    """BadInput that names the first value that is not above `minimum`."""
    for name, value in values.items():
        if not minimum < value < float("inf"):
            raise BadInput(f"{name} is {value}", hint=f"give more than {minimum}")
