"""The price book of the cost half as the port that judges ask: what one attempt costs."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal

from llmops.ports import PriceOf

EPOCH_DAY = date(1970, 1, 1)


def price_of(kinds: Mapping[str, str]) -> PriceOf:
    """Catalogue prices. `kinds`: whose prices hold for each provider of an experiment, such as openai for `primary`."""
    from llmops.costmodel.prices.book import PriceBook
    from llmops.costmodel.prices.tokens import priced
    from llmops.costmodel.usage.schema import RateKey, RateSum

    book = PriceBook.load()

    def price(*, provider: str, model: str, at: datetime, **tokens: int) -> Decimal | None:
        kind = kinds.get(provider)
        edges = book.edges([(kind, model)])
        now = at.astimezone(UTC)
        whole = sum(count for name, count in tokens.items() if name != "output_tokens")
        key = RateKey(
            provider=kind,
            model=model,
            day=(now.date() - EPOCH_DAY).days,
            processing="standard",
            service_tier=None,
            speed=None,
            input_above=max((edge for edge in edges.input_tokens if edge < whole), default=0),
            second_from=max((edge for edge in edges.second_of_day if edge <= _second(now.time())), default=0),
        )
        one = RateSum(key, (), 1, 1, 1, _by_class(tokens))
        found = priced([one], book)[0]
        return None if found.unpriced_tokens or found.apart_tokens else found.list_usd

    return price


def _second(moment: time) -> int:
    return moment.hour * 3600 + moment.minute * 60 + moment.second


def _by_class(tokens: Mapping[str, int]) -> dict[str, int]:
    names = {"output_tokens": "output_total_tokens", "cache_write_tokens": "cache_write_other_tokens"}
    return {names.get(name, name): count for name, count in tokens.items()}
