"""Records to rows: every record is read, set aside or rejected, each for the first reason that holds, in one pass."""
# ruff: noqa: S608 - the SQL is put together from our own expressions; texts of the user are quoted by `literal`

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from llmops.costmodel.usage import reasons
from llmops.costmodel.usage.containers import Records
from llmops.costmodel.usage.fields import Fields
from llmops.costmodel.usage.quoting import identifier, literal
from llmops.costmodel.usage.readers.base import COUNTS, NAMES, NOTHING, Reader, Reading
from llmops.costmodel.usage.recognition import Choice
from llmops.costmodel.usage.schema import COLUMNS

TEXT_CHARACTERS = 2_000  # of a rejected record, in the file of the rejects
MAX_TOKENS_PER_REQUEST = 100_000_000  # a hundred times the longest context there is: a mistake of units
_LAST_SECOND = 7_258_118_400  # 2200-01-01; a number of milliseconds taken for seconds lies far beyond
_MICROSECONDS = {"epoch_s": "1000000", "epoch_ms": "1000", "epoch_us": "1", "epoch_ns": "0.001"}

STAGED_ONLY = {
    "is_blank": "BOOLEAN",
    "fault": "VARCHAR",  # why it was rejected
    "set_aside": "VARCHAR",
    "at_least": "VARCHAR",  # why its counts are a lower bound
    "text": "VARCHAR",  # of a rejected record
    "parent_key": "VARCHAR",
    "leaf_only": "BOOLEAN",
    "reader": "VARCHAR",
    "keep_last": "BOOLEAN",
}


@dataclass(frozen=True)
class Stated:
    """What the user says about rows whose log names no model."""

    provider: str | None = None
    model: str | None = None


def create_staged() -> str:
    """SQL: the table of all records of all files; `record` counts on over the files until they are told apart."""
    columns = ", ".join(f"{identifier(name)} {kind}" for name, kind in {**COLUMNS, **STAGED_ONLY}.items())
    return f"create table staged ({columns})"


def insert_records(records: Records, choice: Choice, source_id: int, stated: Stated) -> str:
    """SQL: all records of one file into `staged`, in their order."""
    reader = choice.reader
    fields = Fields(records)
    reading = reader.reading(fields)
    texts, numbers = _texts(reading), _numbers(reading)
    columns = {
        **_columns(reading, stated),
        "source_id": f"{source_id}",
        "reader": literal(choice.log_format),
        "keep_last": str(reader.keep == "last").lower(),
        "text": f"case when fault is not null then left({_record_text(records, fields)}, {TEXT_CHARACTERS}) end",
    }
    every = {**COLUMNS, **STAGED_ONLY}
    selected = ", ".join(columns.get(column, "NULL") for column in every)
    return f"""
        insert into staged
        with records as (select *, {records.is_blank} as is_blank from ({records.relation})),
        level_one as (select *{fields.level_one()} from records),
        level_two as (select *{fields.level_two()} from level_one),
        texts as (select *, {texts} from level_two),
        numbers as (select *, {numbers} from texts),
        classes as (select *, {_classes(reader)} from numbers),
        judged as (select * replace ({_fault(reading)} as fault) from classes)
        select {selected} from judged"""


def _texts(reading: Reading) -> str:
    """What the reader found, as text: `t_<destination>`."""
    columns = [f"{expression} as t_{name}" for name, expression in reading.columns.items()]
    columns += [f"{reading.set_aside} as t_set_aside", f"{reading.at_least} as t_at_least"]
    columns += [f"coalesce({reading.leaf_only}, false) as t_leaf_only"]
    return ", ".join(columns)


def _numbers(reading: Reading) -> str:
    """The counts as doubles, which are exact far beyond any count that is let in; the time as microseconds."""
    columns = [f"{_number(name, reading)} as n_{name}" for name in COUNTS]
    status = "coalesce(t_status, 'success')" if "status" in reading.columns else "'success'"
    time = _microseconds("t_ts_utc", reading.time_unit) if "ts_utc" in reading.columns else "NULL::bigint"
    cost = "try_cast(t_cost_reported_usd as decimal(38, 18))" if "cost_reported_usd" in reading.columns else "NULL"
    processing = "coalesce(t_processing, 'standard')" if "processing" in reading.columns else "'standard'"
    columns += [f"{status} as call_status", f"{time} as ts_us", f"{cost} as cost", f"{processing} as how"]
    return ", ".join(columns)


def _number(name: str, reading: Reading) -> str:
    return f"try_cast(t_{name} as double)" if name in reading.columns else "NULL::double"


def _microseconds(text: str, unit: str) -> str:
    """SQL: microseconds since 1970, NULL where the text is no time between 1970 and 2200."""
    if unit == "epoch_s or iso":
        iso, epoch = _microseconds(text, "iso"), _microseconds(text, "epoch_s")
        return f"case when try_cast({text} as double) is null then {iso} else {epoch} end"
    if unit == "iso":
        time = f"try_cast({text} as timestamptz)"
        is_known = f"{time} >= timestamptz '1970-01-01 00:00:00+00' and {time} < timestamptz '2200-01-01 00:00:00+00'"
        return f"case when {is_known} and left({text}, 1) between '0' and '9' then epoch_us({time}) end"
    time = f"try_cast({text} as decimal(28, 9)) * {_MICROSECONDS[unit]}::decimal(10, 3)"
    return f"case when {time} >= 0 and {time} < {_LAST_SECOND}000000 then floor({time})::bigint end"


def _classes(reader: Reader) -> str:
    """The token classes, apart from each other."""
    split = "coalesce(n_cache_write_5m_tokens, 0) + coalesce(n_cache_write_1h_tokens, 0)"
    cache = "coalesce(n_cache_read_tokens, 0) + cache_write_5m + cache_write_1h + cache_write_other"
    fresh = f"coalesce(n_input_tokens, 0) - ({cache})" if reader.input_includes_cache else "coalesce(n_input_tokens, 0)"
    return f"""
        coalesce(n_cache_write_5m_tokens, 0) as cache_write_5m,
        coalesce(n_cache_write_1h_tokens, 0) as cache_write_1h,
        coalesce(n_cache_write_tokens - ({split}), n_cache_write_other_tokens, 0) as cache_write_other,
        {fresh} as fresh,
        coalesce(n_output_total_tokens, 0) as output,
        coalesce(n_requests, 1) as calls"""


def _fault(reading: Reading) -> str:
    """SQL: why the record is rejected, the first reason that holds, or NULL."""
    given = [name for name in COUNTS if name in reading.columns]
    tokens = [name for name in given if name != "requests"]
    missing = _all_are_numbers_or_missing(tokens)
    limit = f"{MAX_TOKENS_PER_REQUEST} * calls"
    rules = [
        ("fault is not null", "fault"),
        ("is_blank or t_set_aside is not null", NOTHING),
        (
            f"call_status = 'success' and (n_input_tokens is null or n_output_total_tokens is null) and {missing}",
            literal(reasons.NO_COUNTS),
        ),
        (_any(f"n_{name} < 0" for name in tokens), literal(reasons.NEGATIVE)),
        (_any(f"(t_{name} is not null and not {_is_whole(name)})" for name in tokens), literal(reasons.NOT_WHOLE)),
    ]
    if "requests" in given:
        bad = f"t_requests is not null and not ({_is_whole('requests')} and n_requests between 0 and 1e7)"
        rules.append((bad, literal(reasons.BAD_REQUESTS)))
    rules += [
        (_any(f"n_{name} > {limit}" for name in tokens), literal(reasons.ABSURD)),
        ("cache_write_other < 0", literal(reasons.SPLIT_ABOVE)),
        ("fresh < 0", literal(reasons.CACHE_ABOVE)),
        ("n_output_reasoning_tokens > output", literal(reasons.REASONING_ABOVE)),
        ("n_input_audio_tokens > fresh or n_output_audio_tokens > output", literal(reasons.AUDIO_ABOVE)),
    ]
    if "ts_utc" in reading.columns:
        rules.append(("t_ts_utc is not null and ts_us is null", literal(reasons.BAD_TIME)))
    if "cost_reported_usd" in reading.columns:
        rules.append(("t_cost_reported_usd is not null and cost is null", literal(reasons.BAD_COST)))
    rules.append(("how not in ('standard', 'batch')", literal(reasons.BAD_PROCESSING)))
    return "case " + " ".join(f"when {condition} then {reason}" for condition, reason in rules) + " end"


def _all_are_numbers_or_missing(names: Sequence[str]) -> str:
    """A count that is there and is no number has a reason of its own."""
    required = [name for name in ("input_tokens", "output_total_tokens") if name in names]
    return " and ".join([f"(t_{name} is null or n_{name} is not null)" for name in required] or ["true"])


def _is_whole(name: str) -> str:
    return f"coalesce(isfinite(n_{name}) and n_{name} = trunc(n_{name}), false)"


def _any(conditions: Iterable[str]) -> str:
    return " or ".join(conditions) or "false"


def _columns(reading: Reading, stated: Stated) -> dict[str, str]:
    """The columns of the usage table; they hold nonsense where a record is rejected."""
    names = {name: f"t_{name}" for name in NAMES if name in reading.columns}
    durations = {name: _duration(f"t_{name}") for name in ("latency_s", "ttft_s") if name in reading.columns}
    return {
        **names,
        **durations,
        **_models(names, stated),
        "ts_utc": "make_timestamp(ts_us)",
        "ts_epoch_s": "ts_us // 1000000",
        "input_uncached_tokens": _count("fresh"),
        "cache_read_tokens": _count("coalesce(n_cache_read_tokens, 0)"),
        "cache_write_5m_tokens": _count("cache_write_5m"),
        "cache_write_1h_tokens": _count("cache_write_1h"),
        "cache_write_other_tokens": _count("cache_write_other"),
        "output_total_tokens": _count("output"),
        **{
            name: _count(f"n_{name}")
            for name in ("output_reasoning_tokens", "input_audio_tokens", "output_audio_tokens")
        },
        "requests": _count("calls"),
        "processing": "how",
        "status": "call_status",
        "cost_reported_usd": "cost",
        "is_blank": "is_blank",
        "fault": "fault",
        "set_aside": f"case when fault is null then coalesce(t_set_aside, {_EMPTY_BUCKET}) end",
        "at_least": "t_at_least",
        "leaf_only": "t_leaf_only",
    }


_EMPTY_BUCKET = f"case when calls = 0 then {literal(reasons.NOT_A_CALL)} end"


def _models(names: dict[str, str], stated: Stated) -> dict[str, str]:
    """The models of the log, and where it names none the one that the user states."""
    if stated.model is None:
        return {}
    provider = names.get("provider", NOTHING)
    served, requested = (names.get(name, NOTHING) for name in ("model_served", "model_requested"))
    has_none = f"coalesce({served}, {requested}) is null"
    stated_provider = literal(stated.provider) if stated.provider else provider
    return {
        "model_served": f"case when {has_none} then {literal(stated.model)} else {served} end",
        "provider": f"case when {has_none} then {stated_provider} else {provider} end",
    }


def _count(number: str) -> str:
    return f"try_cast({number} as bigint)"


def _duration(text: str) -> str:
    """A time that ran backwards is an unknown one."""
    return f"case when try_cast({text} as double) >= 0 and isfinite(try_cast({text} as double)) then {text}::double end"


def _record_text(records: Records, fields: Fields) -> str:
    if records.text and records.mark:
        return f"replace({records.text}, {literal(records.mark)}, '\N{REPLACEMENT CHARACTER}')"
    if records.text:
        return records.text
    pairs = ", ".join(f"{literal(name)}: {expression}" for name, expression in fields.used.items())
    return f"to_json({{{pairs}}})::varchar" if pairs else "''"
