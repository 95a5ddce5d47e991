"""What stops a game day by itself: a burn far over the expected, too little functional success, too high a cost."""

from llmops.chaos.experiments.abort import Watch
from llmops.chaos.experiments.plan import Step
from llmops.chaos.experiments.schema import Abort
from llmops.chaos.gameday.burn import Burn, BurnMeter
from llmops.chaos.gameday.loader import GamedayPlan


class Safety:
    """The conditions of one phase. They hold in phases with faults: around them there is nothing to end."""

    def __init__(self, plan: GamedayPlan, step: Step) -> None:
        self._acts = step.kind == "inject"
        self._meter = BurnMeter(plan.gameday, step.name)
        when = plan.gameday.safety.abort_when
        floor = when.floor(step.name)
        floors = [] if floor is None else [Abort(functional_success_below=floor, over_requests=when.over_requests)]
        self._watch = Watch([*floors, *plan.experiment.abort])

    @property
    def burn(self) -> Burn:
        return self._meter.burn

    def saw(self, *, success: bool) -> str:
        """Why the run must stop; empty: it may go on."""
        self._meter.saw(success=success)
        if not self._acts:
            return ""
        return self._watch.saw(success=success) or self._meter.too_fast
