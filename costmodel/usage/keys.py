"""The columns that a sum is grouped by: all that decides a rate, and the groups that a report asks for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from llmops.costmodel.usage.quoting import literal
from llmops.costmodel.usage.schema import TOKEN_CLASSES, PriceEdges, RateKey
from llmops.errors import UnknownName, nearest_hint

DAY_S = 86_400
HOUR_S = 3_600
INPUT_CLASSES = TOKEN_CLASSES[:-1]
WHOLE_INPUT = f"({' + '.join(INPUT_CLASSES)})"
MODEL = "coalesce(model_served, model_requested)"
_BY = {
    "model": MODEL,
    "provider": "provider",
    "team": "tenant",
    "tenant": "tenant",
    "feature": "feature",
    "user": '"user"',
    "day": f"ts_epoch_s // {DAY_S}",
    "hour": f"ts_epoch_s // {HOUR_S}",
}
BY = tuple(_BY)
"""What sums can be grouped by; team is another word for tenant."""

_TEXT_KEYS = ("model_served", "model_requested", "provider", "processing", "service_tier", "speed")
_NO_TIME = "when ts_epoch_s is null then 0"


@dataclass(frozen=True)
class Grouping:
    """The key columns of one query. `constants` are the columns with one value in all rows: they need no grouping.

    Columns are grouped as raw as they are (both models, numbers of edges passed): that is what DuckDB is fastest at.
    """

    edges: PriceEdges
    by: Sequence[str]
    use_day: bool
    constants: Mapping[str, Any]

    def columns(self) -> list[str]:
        """SQL, in the order that `key_and_group` takes the values; the constants first, as literals."""
        texts = [_constant(self.constants[name]) if name in self.constants else name for name in _TEXT_KEYS]
        day = f"ts_epoch_s // {DAY_S}" if self.use_day else "NULL"
        return [*texts, day, self._input_piece(), self._second_piece(), *group_columns(self.by)]

    def grouped(self) -> str:
        """SQL: the group by of the columns that are no constants."""
        places = [n for n, column in enumerate(self.columns(), 1) if not _is_constant(column)]
        return f"group by {', '.join(map(str, places))}" if places else ""

    def key_and_group(self, values: Sequence[Any]) -> tuple[RateKey, tuple[str | None, ...]]:
        """The key and the group that the values of `columns` stand for."""
        served, requested, provider, processing, service_tier, speed, day, inputs, seconds, *group = values
        key = RateKey(
            provider=provider,
            model=served if served is not None else requested,
            day=day,
            processing=processing,
            service_tier=service_tier,
            speed=speed,
            input_above=self._inputs[inputs],
            second_from=self._seconds[seconds],
        )
        return key, shown(group, self.by)

    @cached_property
    def _inputs(self) -> tuple[int, ...]:
        return (0, *sorted(self.edges.input_tokens))

    @cached_property
    def _seconds(self) -> tuple[int, ...]:
        return (0, *sorted(self.edges.second_of_day))

    def _input_piece(self) -> str:
        mean = "" if self.constants.get("requests") == 1 else " * requests"  # a bucket has the tier of its mean request
        return _piece(f"{WHOLE_INPUT} <= {{edge}}{mean}", self.edges.input_tokens)

    def _second_piece(self) -> str:
        edges = self.edges.second_of_day if self.use_day else ()
        return _piece(f"ts_epoch_s % {DAY_S} < {{edge}}", edges, _NO_TIME)


def _piece(is_below: str, edges: Sequence[int], *first: str) -> str:
    """SQL: the number of edges passed. Most rows are below the first one, and nothing more is asked of them."""
    tests = [f"when {is_below.format(edge=int(edge))} then {number}" for number, edge in enumerate(sorted(edges))]
    return f"(case {' '.join([*first, *tests])} else {len(edges)} end)::utinyint" if tests else "0"


def _constant(value: str | None) -> str:
    return "NULL" if value is None else literal(value)


def _is_constant(column: str) -> bool:
    return column in ("NULL", "0") or column.startswith("'")


def group_columns(by: Sequence[str]) -> list[str]:
    """SQL of the groups of `by`. UnknownName for one that is not in BY."""
    for name in by:
        if name not in _BY:
            raise UnknownName(f"nothing can be grouped by {name!r}", hint=nearest_hint(name, _BY))
    return [_BY[name] for name in by]


def shown(group: Sequence[Any], by: Sequence[str]) -> tuple[str | None, ...]:
    """The values of a group as texts; days and hours as 2026-10-01 and 2026-10-01 14:00."""
    if not by:
        return ()
    shapes = {"day": (DAY_S, "%Y-%m-%d"), "hour": (HOUR_S, "%Y-%m-%d %H:00")}
    texts: list[str | None] = []
    for name, value in zip(by, group, strict=True):
        if name in shapes and value is not None:
            seconds, shape = shapes[name]
            texts.append(datetime.fromtimestamp(value * seconds, UTC).strftime(shape))
        else:
            texts.append(value)
    return tuple(texts)
