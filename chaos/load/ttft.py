"""What recorded calls say about latency, per model, route and tenant: each figure by one stated definition.

TTFT   first visible token (text, refusal or tool call; not reasoning) - send
ITL    the gaps between visible pieces, all calls together
TPOT   (E2E - TTFT) / (n - 1) of one call, n its visible output tokens
E2E    end of the answer - send
The scheduled ones count from when the call was due. Percentiles are of successful calls.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from llmops.chaos.load.percentiles import Estimate, Sample
from llmops.chaos.load.perception import Bands
from llmops.errors import BadInput, nearest_hint
from llmops.ports import TimedCalls

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Marks = NDArray[np.bool_]

DIMENSIONS = ("model", "route", "tenant")
MEASURES = ("ttft", "itl", "tpot", "e2e", "scheduled_ttft", "scheduled_latency")
UNSAID = "(none)"
LEAST_TOKENS = 2  # a time per further token needs a further token


@dataclass(frozen=True)
class Slo:
    """What a good call keeps to; None is no limit."""

    ttft_s: float | None = 0.5
    tpot_s: float | None = 0.05
    e2e_s: float | None = None


@dataclass(frozen=True)
class Goodput:
    """How many calls kept to the objectives. Those of whom it is not known are in neither ratio."""

    good: int
    bad: int
    failed: int
    unknown: int

    @property
    def of_successful(self) -> tuple[int, int]:
        """Good calls, and all successful ones that could be judged."""
        return self.good, self.good + self.bad

    @property
    def of_all(self) -> tuple[int, int]:
        """Good calls, and all that could be judged: one that failed was not good."""
        return self.good, self.good + self.bad + self.failed


@dataclass(frozen=True)
class Group:
    """The calls of one model, route and tenant, as far as these were asked for."""

    scope: Mapping[str, str]
    n: int
    succeeded: int
    samples: Mapping[str, Sample]  # by MEASURES; empty ones where nothing was measured
    visible_tokens: Sample
    goodput: Goodput
    in_bands: Mapping[str, int]  # successful calls by the band of their wait for the first token

    @property
    def name(self) -> str:
        return " · ".join(self.scope.values()) or "all calls"

    def p50(self, measure: str) -> Estimate:
        return self.samples[measure].percentile(50)


@dataclass(frozen=True)
class Paradox:
    """`first` says its first words sooner, `whole` its last."""

    first: Group
    whole: Group


@dataclass(frozen=True)
class Analysis:
    """All that is known of some calls."""

    whole: Group
    groups: Sequence[Group]  # none where no dimension tells calls apart
    paradoxes: Sequence[Paradox]  # pairs whose two intervals are apart; the strongest first
    undecided: int  # pairs whose medians disagree as well, within the noise

    @property
    def shown(self) -> Sequence[Group]:
        return self.groups or [self.whole]


def analysed(calls: TimedCalls, *, by: Sequence[str], slo: Slo, bands: Bands) -> Analysis:
    """The figures of all calls and of each group of `by` (DIMENSIONS). BadInput for another dimension."""
    table = _Table(calls, slo, bands)
    grouped = [table.group(scope, rows) for scope, rows in _groups(calls, by)]
    pairs = list(_disagreements(grouped))
    certain = [pair for pair in pairs if _is_certain(pair)]
    return Analysis(table.group({}, None), grouped, sorted(certain, key=_strength), len(pairs) - len(certain))


class _Table:
    """The columns of the calls as arrays."""

    def __init__(self, calls: TimedCalls, slo: Slo, bands: Bands) -> None:
        import numpy as np

        column: Callable[[Sequence[float]], Numbers] = lambda values: np.asarray(values, dtype=np.float64)  # noqa: E731
        self._calls, self._bands = calls, bands
        self._succeeded: Marks = np.asarray(calls.succeeded, dtype=bool)
        ttft, e2e, tokens = map(column, (calls.ttft_s, calls.e2e_s, calls.visible_tokens))
        counted = np.where(tokens >= LEAST_TOKENS, tokens, np.nan)
        self._tokens = tokens
        self._columns: dict[str, Numbers] = {
            "ttft": ttft,
            "tpot": (e2e - ttft) / (counted - 1),
            "e2e": e2e,
            "scheduled_ttft": column(calls.scheduled_ttft_s),
            "scheduled_latency": column(calls.scheduled_latency_s),
        }
        self._wait = self._columns["scheduled_ttft"] if len(calls.scheduled_ttft_s) else ttft
        total = self._columns["scheduled_latency"] if len(calls.scheduled_latency_s) else e2e
        self._good, self._bad = self._judged(slo, total)

    def _judged(self, slo: Slo, total: "Numbers") -> "tuple[Marks, Marks]":
        """Which calls are known to keep to all objectives, and which are known to miss one."""
        import numpy as np

        good, bad = self._succeeded.copy(), np.zeros(len(self._succeeded), dtype=bool)
        single = self._tokens < LEAST_TOKENS  # no gap between tokens that could be too long
        tpot = np.where(single, 0.0, self._columns["tpot"])
        for limit_s, found in ((slo.ttft_s, self._wait), (slo.tpot_s, tpot), (slo.e2e_s, total)):
            if limit_s is not None:
                good &= found <= limit_s  # a NaN is neither below
                bad |= found > limit_s  # nor above
        return good, bad & self._succeeded

    def group(self, scope: Mapping[str, str], rows: "NDArray[np.int64] | None") -> Group:
        """The figures of these rows; None: of all."""
        import numpy as np

        at = np.arange(len(self._calls)) if rows is None else rows
        done = at[self._succeeded[at]]
        samples = {name: _sample(column, done) for name, column in self._columns.items()}
        samples["itl"] = Sample(self._gaps(done))
        good, bad = int(self._good[at].sum()), int(self._bad[at].sum())
        goodput = Goodput(good, bad, len(at) - len(done), len(done) - good - bad)
        return Group(scope, len(at), len(done), samples, _sample(self._tokens, done), goodput, self._in_bands(done))

    def _gaps(self, rows: "NDArray[np.int64]") -> "Numbers":
        import numpy as np

        found = [np.asarray(self._calls.gaps_s[row], dtype=np.float64) for row in rows.tolist() if self._calls.gaps_s]
        return np.concatenate(found) if found else np.empty(0)

    def _in_bands(self, rows: "NDArray[np.int64]") -> dict[str, int]:
        import numpy as np

        wait = self._wait[rows]
        wait = wait[~np.isnan(wait)]
        beyond = sum((wait > limit).astype(int) for limit in self._bands.limits_s[1:])
        band = np.where(wait < self._bands.limits_s[0], 0, 1 + beyond)
        counts = np.bincount(band, minlength=len(self._bands.names)) if wait.size else [0] * len(self._bands.names)
        return {name: int(count) for name, count in zip(self._bands.names, counts, strict=True)}


def _sample(column: "Numbers", rows: "NDArray[np.int64]") -> Sample:
    import numpy as np

    found = column[rows] if column.size else column
    return Sample(found[np.isfinite(found)])


def _groups(calls: TimedCalls, by: Sequence[str]) -> "Iterator[tuple[dict[str, str], NDArray[np.int64]]]":
    """The rows of each group, in the order of their names; nothing where no dimension has two values."""
    import numpy as np

    columns = {"model": calls.models, "route": calls.routes, "tenant": calls.tenants}
    for name in by:
        if name not in columns:
            raise BadInput(f"calls have no {name!r}", hint=nearest_hint(name, DIMENSIONS))
    used = [name for name in DIMENSIONS if name in by and len(set(columns[name])) > 1]
    rows: dict[tuple[str | None, ...], list[int]] = {}
    if used:
        for row, key in enumerate(zip(*(columns[name] for name in used), strict=True)):
            rows.setdefault(key, []).append(row)
    for key in sorted(rows, key=lambda key: tuple(label or "" for label in key)):
        scope = {name: label or UNSAID for name, label in zip(used, key, strict=True)}
        yield scope, np.asarray(rows[key], dtype=np.int64)


def _disagreements(groups: Sequence[Group]) -> Iterator[Paradox]:
    """Pairs that the medians of TTFT and of E2E put in opposite orders."""
    medians = [(group, group.p50("ttft").value, group.p50("e2e").value) for group in groups]
    known = [(group, ttft, e2e) for group, ttft, e2e in medians if ttft is not None and e2e is not None]
    for (one, ttft, e2e), (other, other_ttft, other_e2e) in combinations(known, 2):
        if (ttft - other_ttft) * (e2e - other_e2e) < 0:
            yield Paradox(one, other) if ttft < other_ttft else Paradox(other, one)


def _is_certain(pair: Paradox) -> bool:
    first, whole = pair.first, pair.whole
    return first.p50("ttft").is_below(whole.p50("ttft")) and whole.p50("e2e").is_below(first.p50("e2e"))


def _strength(pair: Paradox) -> float:
    """The weaker of the two ratios, negative: the pair that disagrees most comes first."""
    ttft = (pair.whole.p50("ttft").value or 0) / (pair.first.p50("ttft").value or 1)
    e2e = (pair.first.p50("e2e").value or 0) / (pair.whole.p50("e2e").value or 1)
    return -min(ttft, e2e)
