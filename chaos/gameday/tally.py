"""What the proxy's journal tells while a run lasts: attempts, how often each fault hit, and what all of it cost."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from llmops.chaos.experiments.assembly import lives
from llmops.chaos.experiments.evidence import Attempt
from llmops.chaos.experiments.follow import follow
from llmops.chaos.experiments.spending import usd_of
from llmops.chaos.gameday.remaining import Key
from llmops.money import total_usd
from llmops.ports import PriceOf


@dataclass(frozen=True)
class Spent:
    """What attempts cost. Those that nobody could measure are counted apart: unknown is never zero."""

    known_usd: Decimal | None  # None: prices were not given
    measured: int = 0
    unmeasured: int = 0
    dearest_usd: Decimal = Decimal(0)

    @property
    def at_most_usd(self) -> Decimal | None:
        """Each that was not measured taken for as dear as the dearest that was; None where none was."""
        if self.known_usd is None or (self.unmeasured and not self.measured):
            return None
        return self.known_usd + self.unmeasured * self.dearest_usd

    def over(self, cap_usd: float) -> str:
        """Why the run must stop; empty: it may go on."""
        most = self.at_most_usd
        if most is None:
            return f"what the attempts cost cannot be told, and the run stops over {cap_usd:g} USD"
        if most <= Decimal(str(cap_usd)):
            return ""
        guessed = f", {self.unmeasured} attempts of unknown cost taken for the dearest" if self.unmeasured else ""
        return f"it has cost {most:.4f} USD{guessed}, and the run stops over {cap_usd:g} USD"


@dataclass
class Tally:
    """Lines of the journal in, figures out."""

    price_of: PriceOf | None
    _hits: dict[Key, list[float]] = field(default_factory=lambda: defaultdict(list))  # when each injection hit
    spent: Spent = field(init=False)
    _started: list[float] = field(default_factory=list)  # of the attempts since a phase began

    def __post_init__(self) -> None:
        self.spent = Spent(None if self.price_of is None else Decimal(0))

    def take(self, lines: Sequence[dict[str, Any]]) -> None:
        """Some more lines, each once."""
        followed = follow((), lives(lines))
        for receipt in followed.receipts:
            if receipt.applied and receipt.state != "off":
                self._hits[receipt.provider, receipt.injection].append(receipt.at)
        for attempt in followed.unattributed:
            self._started.append(attempt.started_at)
            self._spend(attempt)

    def hits_since(self, key: Key, at: float) -> int:
        """How often an injection has hit since then."""
        return sum(each >= at for each in self._hits.get(key, ()))

    def attempts_since(self, at: float) -> int:
        """Attempts that began since then and are over; earlier ones are forgotten."""
        self._started = [each for each in self._started if each >= at]
        return len(self._started)

    def _spend(self, attempt: Attempt) -> None:
        if self.spent.known_usd is None:
            return
        spent, usd = self.spent, usd_of([attempt], self.price_of)
        if usd is None:
            self.spent = Spent(spent.known_usd, spent.measured, spent.unmeasured + 1, spent.dearest_usd)
        else:
            known = total_usd([spent.known_usd or Decimal(0), usd])
            self.spent = Spent(known, spent.measured + 1, spent.unmeasured, max(spent.dearest_usd, usd))
