"""Money: US dollars as exact decimals, rounded only when shown."""

from collections.abc import Iterable
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, localcontext
from functools import cache

TOKENS_PER_MTOK = 1_000_000
# The standard context of 28 digits would round a sum of many rates with 13 and more decimals.
_EXACT = Context(prec=1000, Emax=MAX_EMAX, Emin=MIN_EMIN)


def cost_usd(count: int, usd_per_unit: Decimal, *, per: int = TOKENS_PER_MTOK) -> Decimal:
    """Exactly count * usd_per_unit / per, in USD. ValueError for a `per` that is no power of ten."""
    return _EXACT.scaleb(_EXACT.multiply(count, usd_per_unit), _shift(per))


@cache
def _shift(per: int) -> int:
    """The decimal places that dividing by a power of ten moves: a shift never rounds, and costs less."""
    exponent = Decimal(per).adjusted()
    if per != 10**exponent:
        raise ValueError(f"{per} is no power of ten")
    return -exponent


def total_usd(amounts: Iterable[Decimal]) -> Decimal:
    """The exact sum, in USD: a total equals the sum of its lines to the last digit."""
    with localcontext(_EXACT):
        return sum(amounts, start=Decimal(0))


def shown_usd(amount: Decimal) -> str:
    """An amount for a table: cents from one dollar up, four significant digits below."""
    if amount == 0:
        return "0.00"
    if abs(amount) >= 1:
        return f"{amount:,.2f}"
    return _with_cents(f"{amount:,.{3 - amount.adjusted()}f}".rstrip("0"))


def rounded_usd(amount: Decimal) -> str:
    """An amount among estimates: whole dollars from 100 up, else as `shown_usd`; an infinite one has no bound."""
    if not amount.is_finite():
        return "no bound"
    return f"{amount:,.0f}" if abs(amount) >= 100 else shown_usd(amount)  # noqa: PLR2004 - see the docstring


def exact_usd(amount: Decimal) -> str:
    """An amount to its last digit, with cents at least."""
    return _with_cents(f"{amount.normalize(_EXACT) or Decimal(0):,f}")


def _with_cents(text: str) -> str:
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals.ljust(2, '0')}"
