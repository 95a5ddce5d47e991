"""Single calls of a log, as other rooms need them: when each came, and how long it took."""

from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING

from llmops.costmodel.usage.keys import MODEL, WHOLE_INPUT
from llmops.costmodel.usage.store import UsageLog
from llmops.ports import Arrivals, TimedCalls

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NO_TIME = "no time"
NO_LATENCY = "neither latency nor time to the first token"
SEVERAL = "several requests in one row"
IMPOSSIBLE = "first token after the end"
_SINGLE = "requests = 1"
_TIMED = "(status <> 'success' or latency_s is not null or ttft_s is not null)"
_POSSIBLE = "coalesce(ttft_s <= latency_s, true)"


def arrivals(log: UsageLog) -> Arrivals:
    """When the calls of a log came, in the order of time: for a replay."""
    kept = f"{_SINGLE} and ts_utc is not null"
    columns = _fetched(
        log,
        "epoch_us(ts_utc) / 1e6 as at_s, coalesce(model_requested, model_served) as model, tenant, "
        f"{WHOLE_INPUT} as inputs, output_total_tokens as outputs",
        f"{kept} order by ts_utc, source_id, record",
    )
    return Arrivals(
        at_s=_floats(columns["at_s"]),
        models=_labels(columns["model"]),
        tenants=_labels(columns["tenant"]),
        input_tokens=array("q", columns["inputs"].tolist()),
        output_tokens=array("q", columns["outputs"].tolist()),
        set_aside=_set_aside(log, {SEVERAL: f"not ({_SINGLE})", NO_TIME: f"{_SINGLE} and ts_utc is null"}),
    )


def timed_calls(log: UsageLog) -> TimedCalls:
    """How long the calls of a log took.

    A first token that was logged at the very end is that of an answer which was not streamed (so LiteLLM logs them):
    its time is unknown.
    """
    columns = _fetched(
        log,
        f"{MODEL} as model, provider, tenant, status = 'success' as succeeded, latency_s, "
        "case when ttft_s < latency_s or latency_s is null then ttft_s end as ttft_s, "
        "output_total_tokens - coalesce(output_reasoning_tokens, 0) as visible_tokens, "
        f"ttft_s = latency_s as unstreamed, {_unjudged(log)} as unjudged",
        f"{_SINGLE} and {_TIMED} and {_POSSIBLE}",
    )
    return TimedCalls(
        models=_labels(columns["model"]),
        routes=_labels(columns["provider"]),
        tenants=_labels(columns["tenant"]),
        succeeded=columns["succeeded"].tolist(),
        ttft_s=_floats(columns["ttft_s"]),
        e2e_s=_floats(columns["latency_s"]),
        visible_tokens=_floats(columns["visible_tokens"]),
        unstreamed=columns["unstreamed"].tolist().count(True),
        unjudged=columns["unjudged"].tolist().count(True),
        set_aside=_set_aside(
            log,
            {
                SEVERAL: f"not ({_SINGLE})",
                NO_LATENCY: f"{_SINGLE} and not {_TIMED}",
                IMPOSSIBLE: f"{_SINGLE} and {_TIMED} and not {_POSSIBLE}",
            },
        ),
    )


def _fetched(log: UsageLog, columns: str, where: str) -> "dict[str, NDArray[np.generic]]":
    return log.connection.execute(f"select {columns} from usage where {where}").fetchnumpy()  # noqa: S608 - our own SQL


def _unjudged(log: UsageLog) -> str:
    """Whether the format of a row's log does not tell failures."""
    telling = ", ".join(map(str, log.telling("status"))) or "-1"
    return f"source_id not in ({telling})"


def _set_aside(log: UsageLog, reasons: dict[str, str]) -> dict[str, int]:
    """The rows that are not used, by reason: those that never were in the table, and those left out here."""
    counts = ", ".join(f"count(*) filter ({condition})" for condition in reasons.values())
    found = log.connection.execute(f"select {counts} from usage").fetchall()[0]  # noqa: S608 - our own SQL
    here = {reason: count for reason, count in zip(reasons, found, strict=True) if count}
    rejected = {f"rejected, {reason}": count for reason, count in log.rejected_by_reason.items()}
    return {**log.set_aside_by_reason, **rejected, **here}


def _floats(column: "NDArray[np.generic]") -> "array[float]":
    """The numbers; NaN where there is none."""
    import numpy as np

    filled = np.ma.filled(column.astype(np.float64), np.nan)
    return array("d", filled.tobytes())


def _labels(column: "NDArray[np.generic]") -> Sequence[str | None]:
    found: list[str | None] = column.astype(object).tolist()  # what is masked becomes None
    return found
