"""What attempts used and cost: known only where providers counted, and prices were given."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal

from llmops.chaos.experiments.evidence import Attempt, UserRequest
from llmops.chaos.experiments.outcomes import answering, claims_success
from llmops.money import total_usd
from llmops.ports import PriceOf

LEAST_REQUESTS = 10  # a mean of fewer is an anecdote
LEAST_ERROR = 400


def tokens_of(attempt: Attempt) -> int | None:
    """Input and output tokens that its provider counted; None where it answered and did not count.

    An attempt that a fault answered, or that the provider refused, used none.
    """
    if attempt.upstream_status is None or attempt.upstream_status >= LEAST_ERROR:
        return 0
    if attempt.input_uncached_tokens is None or attempt.output_tokens is None:
        return None
    cached = (attempt.cache_read_tokens or 0) + (attempt.cache_write_tokens or 0)
    return attempt.input_uncached_tokens + cached + attempt.output_tokens


def wasted_tokens(request: UserRequest) -> int:
    """Tokens of the attempts whose answer the caller did not get, as far as they were counted."""
    served = answering(request) if claims_success(request) else None
    return sum(tokens_of(attempt) or 0 for attempt in request.attempts if attempt is not served)


def usd_of(attempts: Iterable[Attempt], price_of: PriceOf | None) -> Decimal | None:
    """What they cost together; None where prices are not given, or any of them is not known."""
    if price_of is None:
        return None
    prices = [_usd(attempt, price_of) for attempt in attempts]
    known = [price for price in prices if price is not None]
    return total_usd(known) if len(known) == len(prices) else None


def _usd(attempt: Attempt, price_of: PriceOf) -> Decimal | None:
    tokens = tokens_of(attempt)
    if tokens == 0:
        return Decimal(0)
    model = attempt.model_served or attempt.model_asked
    if tokens is None or model is None:
        return None
    return price_of(
        provider=attempt.provider,
        model=model,
        at=datetime.fromtimestamp(attempt.started_at, UTC),
        input_uncached_tokens=attempt.input_uncached_tokens or 0,
        cache_read_tokens=attempt.cache_read_tokens or 0,
        cache_write_tokens=attempt.cache_write_tokens or 0,
        output_tokens=attempt.output_tokens or 0,
    )
