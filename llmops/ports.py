"""What crosses the rooms: callables that a `cli/` file builds in one room and hands to another."""

from datetime import datetime
from decimal import Decimal
from typing import Protocol


class PriceOf(Protocol):
    """What one call costs in USD at catalogue prices; None where no price is known, which is never zero."""

    def __call__(  # noqa: PLR0913 - each is given by name
        self,
        *,
        provider: str,
        model: str,
        at: datetime,
        input_uncached_tokens: int,
        cache_read_tokens: int,
        cache_write_tokens: int,
        output_tokens: int,
    ) -> Decimal | None: ...
