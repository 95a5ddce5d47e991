"""Write the example log: a made-up team behind a LiteLLM gateway, ten days, every value invented by a seeded die.

    python examples/make_log.py [OUT.jsonl.gz]

The fields are those of LiteLLM's table SpendLogs (schema of litellm 1.109.1); no line of it was ever logged by anybody.
"""

import gzip
import hashlib
import json
import math
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

SEED = 20261102
FIRST_DAY = datetime(2026, 11, 2, tzinfo=UTC)  # a Monday
DAYS = 10
CALLS_A_WORKDAY = 480
WEEKEND_RATIO = 0.25
FAILURE_RATIO = 0.012  # of the attempts
MAX_ATTEMPTS = 3
CACHE_LIFETIME_S = 300
MIN_CACHED_TOKENS = 1024  # shorter prefixes are not cached, by OpenAI nor by Anthropic
OUT = Path(__file__).with_name("litellm_spend_logs.jsonl.gz")

# How busy each hour of a day is, UTC, against the busiest.
HOURS = (5, 3, 2, 2, 3, 6, 15, 38, 72, 92, 100, 95, 70, 80, 96, 98, 85, 62, 40, 28, 22, 18, 12, 8)


@dataclass(frozen=True)
class Model:
    """A model and the list price that the gateway's own table holds for it, in USD per million tokens."""

    name: str
    provider: str
    input_usd_per_mtok: float
    cache_read_usd_per_mtok: float
    cache_write_usd_per_mtok: float
    output_usd_per_mtok: float
    output_tokens_per_second: float


@dataclass(frozen=True)
class Feature:
    """What one part of the product asks for: a prefix that repeats, a fresh part, and an answer."""

    name: str
    team: str
    model: str
    share: float  # of the calls
    prefix_tokens: int
    fresh_tokens: int  # the median
    answer_tokens: int  # the median


# List prices of 2026-11, as in the catalogue genai-prices 0.2.3.
MODELS = {
    "gpt-5": Model("gpt-5", "openai", 1.25, 0.125, 0, 10, 90),
    "gpt-5-mini": Model("gpt-5-mini", "openai", 0.25, 0.025, 0, 2, 140),
    "claude-sonnet-4-5": Model("claude-sonnet-4-5", "anthropic", 3, 0.3, 3.75, 15, 70),
}
FEATURES = (
    Feature("answer", "search", "gpt-5", 0.34, 2048, 3400, 420),
    Feature("suggest", "search", "gpt-5-mini", 0.22, 0, 700, 90),
    Feature("reply", "support", "claude-sonnet-4-5", 0.24, 6144, 900, 380),
    Feature("summary", "support", "gpt-5-mini", 0.14, 1280, 5200, 240),
    Feature("review", "platform", "claude-sonnet-4-5", 0.06, 12288, 4100, 1100),
)


def main() -> None:
    """Write the log to the file that is named, or beside this script."""
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else OUT
    out.write_bytes(gzip.compress(log_bytes(SEED), compresslevel=9, mtime=0))  # without a time: the same bytes each run
    print(f"{out}: {out.stat().st_size:,} bytes, synthetic, seed {SEED}")


def log_bytes(seed: int) -> bytes:
    """The whole log as JSON lines, in the order of their start."""
    rows = sorted(_rows(random.Random(seed)), key=lambda row: row["startTime"])
    return "".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows).encode()


def _rows(dice: random.Random) -> Iterator[dict[str, Any]]:
    cached_until: dict[str, datetime] = {}
    for call, start in enumerate(_starts(dice), start=1):
        feature = dice.choices(FEATURES, [feature.share for feature in FEATURES])[0]
        yield from _attempts(dice, call, start, feature, cached_until)


def _starts(dice: random.Random) -> list[datetime]:
    days = [FIRST_DAY + timedelta(days=day) for day in range(DAYS)]
    starts = [start for day in days for start in _starts_of_day(dice, day)]
    return sorted(starts)


def _starts_of_day(dice: random.Random, day: datetime) -> Iterator[datetime]:
    saturday = 5
    calls = CALLS_A_WORKDAY * (WEEKEND_RATIO if day.weekday() >= saturday else 1) * dice.uniform(0.9, 1.1)
    for hour in dice.choices(range(24), HOURS, k=round(calls)):
        yield day + timedelta(hours=hour, milliseconds=dice.randrange(3_600_000))


def _attempts(
    dice: random.Random, call: int, start: datetime, feature: Feature, cached_until: dict[str, datetime]
) -> Iterator[dict[str, Any]]:
    """One user call: an attempt, and others after it while the provider refuses."""
    for attempt in range(1, MAX_ATTEMPTS + 1):
        head = _head(call, attempt, feature, dice.randrange(40))
        if dice.random() >= (FAILURE_RATIO if attempt == 1 else 0.3):  # trouble comes in clusters
            yield head | _success(dice, start, feature, cached_until)
            return
        end = start + timedelta(milliseconds=dice.randrange(120, 900))
        yield head | _failure(start, end)
        start = end + timedelta(seconds=attempt)


def _head(call: int, attempt: int, feature: Feature, user: int) -> dict[str, Any]:
    model = MODELS[feature.model]
    return {
        "request_id": f"example-{call:05d}-{attempt}",
        "call_type": "acompletion",
        "api_key": hashlib.sha256(feature.team.encode()).hexdigest()[:16],
        "model": model.name,
        "model_group": model.name,
        "custom_llm_provider": model.provider,
        "user": f"{feature.team}-service",
        "end_user": f"user-{user:02d}",
        "team_id": feature.team,
        "request_tags": [feature.name],
        "litellm_call_id": f"call-{call:05d}",  # shared by the attempts of one call
        "cache_hit": "False",  # LiteLLM's own response cache, which this team has not turned on
    }


def _success(
    dice: random.Random, start: datetime, feature: Feature, cached_until: dict[str, datetime]
) -> dict[str, Any]:
    model = MODELS[feature.model]
    fresh, answer = _near(dice, feature.fresh_tokens), _near(dice, feature.answer_tokens)
    read, written = _cache(start, feature, model, cached_until)
    prompt = feature.prefix_tokens + fresh
    first_token = start + timedelta(milliseconds=round(250 + prompt / 20 + dice.expovariate(1 / 150)))
    end = first_token + timedelta(
        milliseconds=round(1000 * answer / (model.output_tokens_per_second * dice.uniform(0.8, 1.2)))
    )
    return {
        **_times(start, first_token, end),
        "status": "success",
        "spend": _spend_usd(model, prompt, read, written, answer),
        "prompt_tokens": prompt,
        "completion_tokens": answer,
        "total_tokens": prompt + answer,
        "metadata": {"usage_object": _usage_object(model, prompt, read, written, answer)},
    }


def _failure(start: datetime, end: datetime) -> dict[str, Any]:
    return {
        **_times(start, None, end),
        "status": "failure",
        "spend": 0.0,
        "prompt_tokens": 0,
        "completion_tokens": 0,
        "total_tokens": 0,
        "metadata": {"error_information": {"error_code": "429", "error_class": "RateLimitError"}},
    }


def _near(dice: random.Random, median: int) -> int:
    """A count around the median, skewed to the right as lengths of text are."""
    return max(1, round(median * math.exp(dice.gauss(0, 0.5))))


def _cache(start: datetime, feature: Feature, model: Model, cached_until: dict[str, datetime]) -> tuple[int, int]:
    """Tokens read from and written to the provider's prompt cache; only Anthropic bills writes apart."""
    if feature.prefix_tokens < MIN_CACHED_TOKENS:
        return 0, 0
    warm = start < cached_until.get(feature.name, start)
    cached_until[feature.name] = start + timedelta(seconds=CACHE_LIFETIME_S)
    if warm:
        return feature.prefix_tokens, 0
    return 0, feature.prefix_tokens if model.provider == "anthropic" else 0


def _spend_usd(model: Model, prompt: int, read: int, written: int, answer: int) -> float:
    """What this gateway books: written tokens twice, at the write and at the full input rate.

    An old, real bug of LiteLLM (issue 9812), kept so that booked and catalogue cost differ as they do in practice.
    """
    micro_usd = (
        (prompt - read) * model.input_usd_per_mtok
        + read * model.cache_read_usd_per_mtok
        + written * model.cache_write_usd_per_mtok
        + answer * model.output_usd_per_mtok
    )
    return round(micro_usd / 1e6, 9)


def _usage_object(model: Model, prompt: int, read: int, written: int, answer: int) -> dict[str, Any]:
    usage: dict[str, Any] = {
        "prompt_tokens": prompt,  # reads and writes are part of it
        "completion_tokens": answer,
        "total_tokens": prompt + answer,
        "prompt_tokens_details": {"cached_tokens": read},
    }
    if model.provider == "anthropic":
        lifetimes = {"ephemeral_5m_input_tokens": written, "ephemeral_1h_input_tokens": 0}
        usage |= {"cache_read_input_tokens": read, "cache_creation_input_tokens": written}
        usage["prompt_tokens_details"] |= {
            "cache_creation_tokens": written,
            "cache_creation_token_details": lifetimes,
        }
    return usage


def _times(start: datetime, first_token: datetime | None, end: datetime) -> dict[str, Any]:
    return {
        "startTime": _iso(start),
        "completionStartTime": _iso(first_token) if first_token else None,
        "endTime": _iso(end),
        "request_duration_ms": round((end - start).total_seconds() * 1000),
    }


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


if __name__ == "__main__":
    main()
