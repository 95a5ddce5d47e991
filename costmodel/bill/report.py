"""A bill as a report: totals, a line for each group, the rates used, the shares, the dearest calls."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from llmops import __version__
from llmops.costmodel.bill.bill import Bill, Totals
from llmops.costmodel.prices.rates import NoDatedRate, NoPrice, Rates
from llmops.costmodel.prices.tokens import PricedSum
from llmops.errors import ExitCode
from llmops.money import exact_usd, shown_usd
from llmops.report import Cell, Column, Finding, Metric, Report, Source, Table, Verdict, report_id

PERCENT = 100


@dataclass(frozen=True)
class Share:
    """A part of a whole; both None where the log does not say."""

    name: str  # of the metric
    what: str
    part: int | None
    whole: int | None

    @property
    def ratio(self) -> float | None:
        return self.part / self.whole if self.part is not None and self.whole else None


@dataclass(frozen=True)
class Busiest:
    """The busiest bucket against the mean of all buckets, idle ones included."""

    bucket_s: int
    start_s: int
    requests: int
    buckets: int
    all_requests: int

    @property
    def mean(self) -> float:
        """Requests a bucket."""
        return self.all_requests / self.buckets


@dataclass(frozen=True)
class DearCall:
    """One call, priced alone, and when it was made."""

    at_s: int | None
    priced: PricedSum


@dataclass(frozen=True)
class BillFacts:
    """All that a bill is made of, before anybody renders it."""

    bill: Bill
    catalogue: str
    price_date: date | None  # None: each call at the price of its own day
    shares: Sequence[Share]
    busiest: Busiest | None
    first_s: int | None
    last_s: int | None
    dearest: Sequence[DearCall]
    other: tuple[str, Totals] | None = None  # the period to compare with, and its name
    findings: Sequence[Finding] = ()
    intake: Table | None = None
    cut_answers: int = 0  # of the whole log: their counts are a lower bound


def bill_report(facts: BillFacts, *, started_at: datetime, finished_at: datetime, system: dict[str, str]) -> Report:
    """The whole report; times are UTC."""
    whole = facts.bill.whole
    return Report(
        kind="bill",
        id=report_id("bill", started_at),
        started_at=started_at,
        finished_at=finished_at,
        tool_version=__version__,
        title="Bill",
        system=system,
        verdict=_no_price(whole),
        summary=list(_summary(facts)),
        metrics=list(_metrics(facts)),
        findings=[*facts.findings, *price_findings(facts.bill)],
        tables=[table for table in _tables(facts) if table is not None],
        sources=list(_sources(facts)),
        not_covered=list(_not_covered(facts)),
    )


def _no_price(whole: Totals) -> Verdict | None:
    if not whole.nothing_priced:
        return None
    return Verdict("INVALID", "no token of this log has a price, so the bill is unknown.", (), ExitCode.NO_DATA)


def _summary(facts: BillFacts) -> Iterator[str]:
    whole = facts.bill.whole
    yield (
        f"{_counted(whole.requests)}, {whole.input_tokens:,} input and {whole.output_tokens:,} output tokens"
        f"{_when(facts)}."
    )
    yield f"Catalogue cost: {_cost(facts)}, {_dated(facts)}."
    if whole.net_usd != whole.list_usd:
        yield f"After negotiated discounts: {exact_usd(whole.net_usd)} USD."
    yield _reported(whole)
    if whole.usd_per_request is not None:
        per_success = whole.usd_per_success if _tells_failures(facts) else None
        success = f", {shown_usd(per_success)} USD per successful call" if per_success is not None else ""
        yield f"{shown_usd(whole.usd_per_request)} USD per request{success}."
    if facts.busiest:
        yield _busiest(facts.busiest)


def _counted(requests: int) -> str:
    return f"{requests:,} request" + ("" if requests == 1 else "s")


def _when(facts: BillFacts) -> str:
    if facts.first_s is None or facts.last_s is None:
        return ", at unknown times"
    return f", {_moment(facts.first_s)} to {_moment(facts.last_s)} UTC"


def _moment(epoch_s: int) -> str:
    return f"{datetime.fromtimestamp(epoch_s, UTC):%Y-%m-%d %H:%M:%S}"


def _cost(facts: BillFacts) -> str:
    whole = facts.bill.whole
    if whole.nothing_priced:
        return "unknown"
    more = []
    if not whole.all_priced:
        without = (whole.unpriced_tokens + whole.apart_tokens) / whole.all_tokens
        more.append(f"{without:.1%} of the tokens have no price")
    if facts.cut_answers:
        more.append(f"in the log {_cut(facts.cut_answers)} cut before all tokens were counted")
    usd = f"{exact_usd(whole.list_usd)} USD"
    return f"at least {usd}, for {' and '.join(more)}" if more else usd


def _cut(answers: int) -> str:
    return "1 answer was" if answers == 1 else f"{answers:,} answers were"


def _dated(facts: BillFacts) -> str:
    day = f"at the prices of {facts.price_date}" if facts.price_date else "each call at the price of its day"
    return f"{day} ({facts.catalogue})"


def _reported(whole: Totals) -> str:
    if whole.reported is None:
        return "Billed cost: the log does not say."
    covered = whole.reported.requests / whole.requests if whole.requests else 0
    share = "" if whole.reported.requests == whole.requests else f" on {covered:.1%} of the requests"
    return f"The log says that {exact_usd(whole.reported.usd)} USD were billed{share}."


def _busiest(busiest: Busiest) -> str:
    return (
        f"Busiest {busiest.bucket_s} s, aligned to the clock: {_counted(busiest.requests)} at "
        f"{_moment(busiest.start_s)}, against {busiest.mean:,.1f} on average; sized for it, "
        f"{busiest.mean / busiest.requests:.0%} would be used."
    )


def _metrics(facts: BillFacts) -> Iterator[Metric]:
    whole = facts.bill.whole
    yield from _cost_metrics(whole, {}, tells_failures=_tells_failures(facts))
    for share in facts.shares:
        yield Metric(share.name, share.ratio, n=share.whole, numerator=share.part, denominator=share.whole)
    if facts.busiest:
        busiest = facts.busiest
        ratio, scope = busiest.mean / busiest.requests, {"bucket_s": str(busiest.bucket_s)}
        yield Metric("peak_utilisation_ratio", ratio, n=busiest.buckets, scope=scope)
    for group, totals in facts.bill.groups.items():
        scope = dict(zip(facts.bill.by, map(_named, group), strict=True))
        yield from _cost_metrics(totals, scope, tells_failures=_tells_failures(facts))


def _tells_failures(facts: BillFacts) -> bool:
    return any(share.name == "failed_requests_ratio" and share.part is not None for share in facts.shares)


def _cost_metrics(totals: Totals, scope: Mapping[str, str], *, tells_failures: bool) -> Iterator[Metric]:
    n = totals.requests
    unknown = totals.nothing_priced
    yield Metric("requests", n, n=n, scope=scope)
    yield Metric("input_tokens", totals.input_tokens, n=n, scope=scope)
    yield Metric("output_tokens", totals.output_tokens, n=n, scope=scope)
    yield Metric("catalogue_cost_usd", None if unknown else totals.list_usd, n=n, scope=scope)
    yield Metric("discounted_cost_usd", None if unknown else totals.net_usd, n=n, scope=scope)
    reported = totals.reported
    yield Metric(
        "reported_cost_usd", reported.usd if reported else None, n=reported.requests if reported else 0, scope=scope
    )
    per_request = totals.usd_per_request
    yield Metric("usd_per_1k_requests", None if per_request is None else per_request * 1000, n=n, scope=scope)
    per_success = totals.usd_per_success if tells_failures else None
    yield Metric("usd_per_successful_request", per_success, n=totals.successes if tells_failures else 0, scope=scope)


def _tables(facts: BillFacts) -> Iterator[Table | None]:
    yield _groups_table(facts.bill)
    yield _comparison(facts)
    yield _shares_table(facts.shares)
    yield _rates_table(facts)
    yield _dearest_table(facts)
    yield facts.intake


def _groups_table(bill: Bill) -> Table:
    title = ", ".join(bill.by)
    columns = [
        Column("group", title),
        Column("requests", "requests", "requests"),
        Column("input_tokens", "input", "tokens"),
        Column("output_tokens", "output", "tokens"),
        Column("usd", "USD", "usd"),
        Column("reported_usd", "billed", "usd"),
        Column("priced_as", "priced as", "detail"),
    ]
    bases = _bases(bill)
    rows = [(" / ".join(map(_named, group)), *_cells(totals), bases[group]) for group, totals in bill.groups.items()]
    return Table("groups", f"By {title}", columns, rows, total=("all", *_cells(bill.whole), ""))


def _cells(totals: Totals) -> tuple[Cell, ...]:
    usd = None if totals.nothing_priced else totals.net_usd
    billed = totals.reported.usd if totals.reported else None
    return totals.requests, totals.input_tokens, totals.output_tokens, usd, billed


def _named(value: str | None) -> str:
    return value or "(not named)"


def _bases(bill: Bill) -> Mapping[tuple[str | None, ...], str]:
    """For each group: what its tokens were priced as."""
    found: dict[tuple[str | None, ...], dict[str, None]] = defaultdict(dict)
    for one in bill.priced:
        found[one.sum.group][_basis(one)] = None
    return {group: "; ".join(bases) for group, bases in found.items()}


def _basis(one: PricedSum) -> str:
    match one.answer:
        case Rates() as rates:
            return f"{rates.match.name}, {rates.source}, {_tier(rates)}{_since(rates)}"
        case NoDatedRate() as apart:
            return f"{apart.match.name}: {apart.label}, no dated rate"
        case NoPrice() as none:
            return f"unpriced: {none.reason}"


def _tier(rates: Rates) -> str:
    label = "" if rates.label == "standard" else f"{rates.label} "
    return f"{label}above {rates.input_above:,} input " if rates.input_above else label


def _since(rates: Rates) -> str:
    return f"since {rates.valid_from}" if rates.valid_from else "undated"


def _comparison(facts: BillFacts) -> Table | None:
    if facts.other is None:
        return None
    name, other = facts.other
    columns = [
        Column("what", "compared"),
        Column("this", "this period", "number"),
        Column("other", name, "number"),
        Column("change", "change"),
    ]
    this = facts.bill.whole
    pairs: list[tuple[str, Cell, Cell]] = [
        ("requests", this.requests, other.requests),
        ("input tokens", this.input_tokens, other.input_tokens),
        ("output tokens", this.output_tokens, other.output_tokens),
        ("USD", _cells(this)[3], _cells(other)[3]),
        ("USD per 1,000 requests", _per_1k(this), _per_1k(other)),
    ]
    return Table("periods", "Against another period", columns, [(*pair, _change(*pair[1:])) for pair in pairs])


def _per_1k(totals: Totals) -> Decimal | None:
    return None if totals.usd_per_request is None else totals.usd_per_request * 1000


def _change(this: Cell, other: Cell) -> Cell:
    if not isinstance(this, int | Decimal) or not isinstance(other, int | Decimal):
        return None
    if other == 0:
        return "–" if this == 0 else "new"
    return f"{(Decimal(this) - Decimal(other)) / Decimal(other):+.1%}"


def _shares_table(shares: Sequence[Share]) -> Table:
    columns = [
        Column("what", "share"),
        Column("ratio", "of all", "ratio"),
        Column("part", "part", "tokens"),
        Column("whole", "whole", "tokens"),
    ]
    rows = [(share.what, share.ratio, share.part, share.whole) for share in shares]
    return Table("shares", "Shares", columns, rows, note="– is what the log does not tell.")


def _rates_table(facts: BillFacts) -> Table:
    columns = [
        Column("model", "in the log"),
        Column("priced_as", "priced as"),
        Column("since", "price since"),
        Column("input", "input", "usd_per_mtok"),
        Column("cached", "cached", "usd_per_mtok"),
        Column("output", "output", "usd_per_mtok"),
    ]
    rows = dict.fromkeys(_rate_row(one.rates) for one in facts.bill.priced if one.rates)
    return Table("rates", "Rates used, USD per million tokens", columns, list(rows), note=f"From {facts.catalogue}.")


def _rate_row(rates: Rates) -> tuple[Cell, ...]:
    of = {name: rate.usd_per_mtok for name, rate in rates.by_class.items()}
    tier = _tier(rates).strip()
    name = f"{rates.match.name} ({tier})" if tier else rates.match.name
    return (
        rates.match.requested,
        name,
        rates.dated,
        of.get("input_uncached_tokens"),
        of.get("cache_read_tokens"),
        of.get("output_total_tokens"),
    )


def _dearest_table(facts: BillFacts) -> Table | None:
    if not facts.dearest:
        return None
    columns = [
        Column("at", "at (UTC)"),
        Column("model", "model"),
        Column("input_tokens", "input", "tokens"),
        Column("output_tokens", "output", "tokens"),
        Column("usd", "USD", "usd"),
    ]
    rows = [_dearest_row(call.at_s, call.priced) for call in facts.dearest]
    return Table("dearest", "The most expensive calls", columns, rows)


def _dearest_row(at: int | None, one: PricedSum) -> tuple[Cell, ...]:
    totals = one.sum.tokens
    inputs = sum(count for name, count in totals.items() if name.startswith(("input_uncached", "cache_")))
    when = None if at is None else _moment(at)
    return when, one.sum.key.model or "(not named)", inputs, totals.get("output_total_tokens", 0), one.net_usd


def price_findings(bill: Bill) -> Iterator[Finding]:
    """What is unpriced, apart, loosely matched or priced by inheritance."""
    whole = bill.whole
    for reason, tokens in _unpriced(bill).items():
        share = tokens / whole.all_tokens
        yield Finding("warn", f"{tokens:,} tokens ({share:.1%}) have no price: {reason}", _nearest(bill, reason))
    if whole.apart_tokens:
        yield Finding(
            "warn",
            f"{whole.apart_tokens:,} tokens are of a tier without a dated rate and stand apart; at the standard price "
            f"they would cost {exact_usd(whole.apart_standard_usd)} USD: {', '.join(_apart(bill))}.",
        )
    yield from _match_findings(bill)


def _unpriced(bill: Bill) -> Mapping[str, int]:
    reasons: dict[str, int] = defaultdict(int)
    for one in bill.priced:
        if one.unpriced_tokens:
            reasons[one.why_unpriced] += sum(one.unpriced_tokens.values())
    return reasons


def _nearest(bill: Bill, reason: str) -> str:
    names = [name for one in bill.priced if one.why_unpriced == reason and isinstance(one.answer, NoPrice)
             for name in one.answer.nearest]  # fmt: skip
    return f"nearest known: {', '.join(dict.fromkeys(names))}" if names else "state the price in llmops.yaml"


def _apart(bill: Bill) -> Sequence[str]:
    return list(dict.fromkeys(one.answer.reason for one in bill.priced if isinstance(one.answer, NoDatedRate)))


def _match_findings(bill: Bill) -> Iterator[Finding]:
    matches = dict.fromkeys(one.rates.match for one in bill.priced if one.rates)
    for match in matches:
        if match.how == "loose":
            text = f"{match.requested} is not in the catalogue by that name and was priced as {match.name}."
            yield Finding("warn", text, "set prices.aliases in llmops.yaml if that is another model")
    inherited = {(name, parent): None for one in bill.priced for name, parent in one.inherited.items()}
    for name, parent in inherited:
        yield Finding("info", f"{name} have no rate of their own and took that of {parent}.")


def _sources(facts: BillFacts) -> Iterator[Source]:
    yield Source("prices", facts.catalogue, url="https://github.com/pydantic/genai-prices")
    for one in facts.bill.priced:
        if one.rates and one.rates.source != facts.catalogue:
            yield Source(one.rates.match.name, one.rates.source, one.rates.valid_from)


def _not_covered(facts: BillFacts) -> Iterator[str]:
    extras = {what for one in facts.bill.priced if one.rates for what in one.rates.not_covered}
    if extras:
        yield f"charges that a usage log does not show: {', '.join(sorted(extras))}"
    yield "taxes, credits and minimum commitments; the invoice is the last word"
