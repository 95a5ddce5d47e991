"""The arithmetic of comparing two monthly costs."""

from decimal import Decimal


def cost_ratio(option_usd: Decimal, reference_usd: Decimal) -> Decimal:
    """How many times the reference an option costs: 85,000 against 60,000 is 1.42. ZeroDivisionError for a free one."""
    return option_usd / reference_usd


def saving_ratio(option_usd: Decimal, reference_usd: Decimal) -> Decimal:
    """The share of the reference that an option saves (0..1); negative when it costs more."""
    return (reference_usd - option_usd) / reference_usd


def overrun_factor(overrun_percent: Decimal) -> Decimal:
    """Actual over budget when the budget "was exceeded by" so many percent: 340 % is 4.4 times."""
    return 1 + overrun_percent / 100
