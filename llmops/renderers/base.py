"""How one cell is shown to a person, by its unit."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from llmops.money import exact_usd, rounded_usd, shown_usd
from llmops.report import Cell, Number

UNKNOWN = "–"
KEPT = "\n\u00a0\u202f"  # new line and no-break spaces: harmless, and not printable to Python
DETAIL = "detail"  # text that belongs to the first cell of its row; at a terminal it stands below it


def shown(value: Cell, unit: str) -> str:
    """A cell as people read it. None is shown as a dash: unknown is never zero."""
    if value is None:
        return UNKNOWN
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, date):
        return value.isoformat()
    return _FORMATS.get(unit, _plain)(value)


def printable(text: str) -> str:
    """Text out of a log, safe on a terminal: control characters are shown as their codes and never obeyed."""
    return "".join(sign if sign.isprintable() or sign in KEPT else repr(sign)[1:-1] for sign in text)


def is_number(unit: str) -> bool:
    """Whether cells of this unit stand on the right."""
    return unit not in {"text", DETAIL}


def _plain(value: Number) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return shown_usd(value) if isinstance(value, Decimal) else f"{value:,.4g}"


def _ratio(value: Number) -> str:
    return f"{float(value) * 100:.1f} %"


def _usd(value: Number) -> str:
    return shown_usd(Decimal(value))


def _usd_exact(value: Number) -> str:
    return exact_usd(Decimal(value))


def _usd_rounded(value: Number) -> str:
    return rounded_usd(Decimal(value))


def _whole(value: Number) -> str:
    return f"{round(value):,}"  # not `,.0f`, which takes an integer through a float


def _three_digits(value: Number) -> str:
    return f"{value:,.0f}" if abs(float(value)) >= 1000 else f"{value:.3g}"  # noqa: PLR2004 - where %g turns to exponents


_FORMATS: dict[str, Callable[[Number], str]] = {
    "ratio": _ratio,
    "usd": _usd,
    "usd_exact": _usd_exact,
    "usd_rounded": _usd_rounded,
    "usd_per_mtok": _usd,
    "tokens": _whole,
    "requests": _whole,
    "gpus": _whole,
    "per_second": _three_digits,
    "mtok_per_month": _whole,
}
