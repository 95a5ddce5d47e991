"""The law of the price book: its totals are the sums of genai-prices' own calc_price, to the last digit."""

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Context, Decimal, localcontext

from genai_prices import Usage, types
from genai_prices.data import providers

from llmops.costmodel.prices.book import PriceBook
from llmops.costmodel.prices.rates import NoDatedRate, NoPrice
from llmops.costmodel.prices.tokens import PricedSum, priced
from llmops.costmodel.usage.schema import PART_CLASSES, TOKEN_CLASSES, RateKey, RateSum

EXACT = Context(prec=200)
SAMPLED_PER_PROVIDER = 4
CONTEXTS = ({"processing": "batch"}, {"service_tier": "flex"}, {"service_tier": "priority"}, {"speed": "fast"},
            {"service_tier": "fast"})  # fmt: skip


@dataclass(frozen=True)
class Case:
    provider: types.Provider
    entry: types.ModelInfo
    at: datetime
    size: int
    context: tuple[tuple[str, str], ...]


def test_totals_are_the_sums_of_calc_price_over_random_requests(book: PriceBook) -> None:
    dice = random.Random(20261123)
    groups: dict[RateKey, list[dict[str, int]]] = defaultdict(list)
    expected: dict[RateKey, Decimal] = defaultdict(Decimal)
    edges_seen = set()
    for case in cases(dice):
        tokens = random_tokens(dice, case.size)
        key = rate_key(book, case)
        groups[key].append(tokens)
        edges_seen.add(key.input_above)
        with localcontext(EXACT):
            expected[key] += genai_total(case, tokens)
    rows = [summed(key, requests) for key, requests in groups.items()]
    assert len(rows) > 2000
    assert {0, 32000, 100000, 128000, 199999, 200000, 256000, 272000, 512000, 524288} <= edges_seen
    wrong = [
        (row.sum.key, total(row), expected[row.sum.key])
        for row in priced(rows, book)
        if total(row) != expected[row.sum.key]
    ]
    assert not wrong, wrong[:3]


def test_every_provider_and_every_kind_of_edge_is_in_the_sample() -> None:
    seen = list(cases(random.Random(20261123)))
    assert {case.provider.id for case in seen} == {provider.id for provider in providers}
    starts = {start for provider in providers for entry in provider.models for start in start_dates(entry)}
    assert starts <= {case.at.date() for case in seen}
    assert {start - timedelta(days=1) for start in starts} <= {case.at.date() for case in seen}
    assert {time(0, 30), time(0, 29, 59, 999999), time(16, 30), time(16, 29, 59, 999999)} <= {
        case.at.time() for case in seen if case.provider.id == "deepseek"
    }


def test_every_entry_of_the_catalogue_is_found_by_its_id_and_as_genai_prices_finds_it(book: PriceBook) -> None:
    from genai_prices.data_snapshot import get_snapshot  # the function that calc_price itself goes through

    for provider in providers:
        for entry in provider.models:
            answer = book.rates(RateKey(provider.id, entry.id, 20_000, "standard", None, None, 0, 0))
            assert answer.match is not None, (provider.id, entry.id)
            try:
                _, theirs = get_snapshot().find_provider_model(entry.id, None, provider.id, None)
            except LookupError:
                theirs = entry  # genai-prices does not know its own id: ours is matched by the very id
            assert answer.match.model == theirs.id


def cases(dice: random.Random) -> Iterator[Case]:
    """Every tier edge, start date and context of the entries that have any, and a sample of the plain ones."""
    for provider in providers:
        plain = [entry for entry in provider.models if not is_special(entry)]
        special = [entry for entry in provider.models if is_special(entry)]
        for entry in special + dice.sample(plain, min(SAMPLED_PER_PROVIDER, len(plain))):
            if resolves_to_itself(provider, entry):
                yield from cases_of(provider, entry, dice)


def cases_of(provider: types.Provider, entry: types.ModelInfo, dice: random.Random) -> Iterator[Case]:
    starts = start_dates(entry) or {date(2026, 11, 1)}
    days = sorted(starts | {start - timedelta(days=1) for start in starts})
    for at in [datetime.combine(day, moment, UTC) for day in days for moment in moments(entry)]:
        for context in contexts(entry, at):
            for size in sizes(entry):
                yield Case(provider, entry, at, size, context)
            yield Case(provider, entry, at, dice.randrange(600_000), context)


def is_special(entry: types.ModelInfo) -> bool:
    return bool(entry.price_variants) or isinstance(entry.prices, list) or len(sizes(entry)) > 1


def resolves_to_itself(provider: types.Provider, entry: types.ModelInfo) -> bool:
    found = provider.find_model(entry.id)
    return found is None or found is entry


def prices_of(entry: types.ModelInfo) -> list[types.ModelPrice]:
    standard = [c.prices for c in entry.prices] if isinstance(entry.prices, list) else [entry.prices]
    return standard + [variant.prices for variant in entry.price_variants or []]


def constraints(entry: types.ModelInfo) -> list[types.StartDateConstraint | types.TimeOfDateConstraint | None]:
    standard = [c.constraint for c in entry.prices] if isinstance(entry.prices, list) else []
    return standard + [variant.constraint for variant in entry.price_variants or []]


def start_dates(entry: types.ModelInfo) -> set[date]:
    return {c.start_date for c in constraints(entry) if isinstance(c, types.StartDateConstraint)}


def moments(entry: types.ModelInfo) -> list[time]:
    """Noon, and each clock edge with the last microsecond before it."""
    found = [time(12)]
    for constraint in constraints(entry):
        if isinstance(constraint, types.TimeOfDateConstraint):
            for edge in (constraint.start_time, constraint.end_time):
                on = datetime.combine(date(2026, 1, 2), edge.replace(tzinfo=None))  # they are all in UTC
                assert edge.tzinfo is UTC
                found += [on.time(), (on - timedelta(microseconds=1)).time()]
    return found


def sizes(entry: types.ModelInfo) -> list[int]:
    """Inputs at each tier's start and one above."""
    starts = {
        tier.start
        for prices in prices_of(entry)
        for price in vars(prices).values()
        if isinstance(price, types.TieredPrices)
        for tier in price.tiers
    }
    return [1000, *(size for start in sorted(starts) for size in (start, start + 1))]


def contexts(entry: types.ModelInfo, at: datetime) -> list[tuple[tuple[str, str], ...]]:
    """The standard price, and each context the entry has a price for then."""
    active = [v.when for v in entry.price_variants or [] if v.constraint is None or v.constraint.active(at)]
    return [(), *(tuple(context.items()) for context in CONTEXTS if context in active)]


def random_tokens(dice: random.Random, size: int) -> dict[str, int]:
    cuts = sorted(dice.randint(0, size) for _ in range(4))
    inputs = [high - low for low, high in zip([0, *cuts], [*cuts, size], strict=True)]
    tokens = dict(zip(TOKEN_CLASSES, [*inputs, dice.randint(0, 100_000)], strict=True))
    output = tokens["output_total_tokens"]
    parts = dict.fromkeys(PART_CLASSES, 0)
    parts["input_audio_tokens"] = dice.randint(0, tokens["input_uncached_tokens"])
    parts["output_reasoning_tokens"] = dice.randint(0, output)
    parts["output_audio_tokens"] = dice.randint(0, output - parts["output_reasoning_tokens"])
    return tokens | parts


def genai_total(case: Case, tokens: dict[str, int]) -> Decimal:
    writes = [tokens[f"cache_write_{kind}_tokens"] for kind in ("5m", "1h", "other")]
    usage = Usage(
        input_tokens=sum(tokens[name] for name in TOKEN_CLASSES if not name.startswith("output")),
        cache_read_tokens=tokens["cache_read_tokens"],
        cache_write_tokens=sum(writes),
        cache_write_5m_tokens=writes[0],
        cache_write_1h_tokens=writes[1],
        input_audio_tokens=tokens["input_audio_tokens"],
        cache_audio_read_tokens=0,  # the usage table counts audio as part of the uncached input only
        output_tokens=tokens["output_total_tokens"],
        output_reasoning_tokens=tokens["output_reasoning_tokens"],
        output_audio_tokens=tokens["output_audio_tokens"],
    )
    context = dict(case.context) or None
    priced_by_them = case.entry.calc_price(usage, case.provider, genai_request_timestamp=case.at, price_context=context)
    return priced_by_them.total_price


def rate_key(book: PriceBook, case: Case) -> RateKey:
    """The piece a request falls in, by the rules that the usage table's SQL follows."""
    edges = book.edges([(case.provider.id, case.entry.id)])
    second = case.at.hour * 3600 + case.at.minute * 60 + case.at.second
    context = dict(case.context)
    return RateKey(
        provider=case.provider.id,
        model=case.entry.id,
        day=(case.at.date() - date(1970, 1, 1)).days,
        processing=context.get("processing", "standard"),
        service_tier=context.get("service_tier"),
        speed=context.get("speed"),
        input_above=max((edge for edge in edges.input_tokens if edge < case.size), default=0),
        second_from=max((edge for edge in edges.second_of_day if edge <= second), default=0),
    )


def summed(key: RateKey, requests: list[dict[str, int]]) -> RateSum:
    tokens = {name: sum(request[name] for request in requests) for name in (*TOKEN_CLASSES, *PART_CLASSES)}
    return RateSum(key, (), len(requests), len(requests), len(requests), tokens)


def total(row: PricedSum) -> Decimal:
    """Our dollars; where genai-prices silently charges nothing, we must have said that nothing is known."""
    assert not isinstance(row.answer, NoDatedRate), row.answer
    if isinstance(row.answer, NoPrice):
        assert row.answer.why == "no_rates"
        return Decimal(0)
    assert row.list_usd is not None
    return row.list_usd
