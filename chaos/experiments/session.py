"""Several experiments at once, each with processes, ports and a folder of its own."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from llmops.chaos.experiments.driver import LEASE_S
from llmops.chaos.experiments.plan import Plan
from llmops.chaos.experiments.runner import Left, Runner


@dataclass(frozen=True)
class Session:
    """How a number of experiments are run."""

    folder: Path  # one experiment writes here, several each into a folder of their name
    run_id: str
    parallel: int = 1
    lease_s: float = LEASE_S
    show: Callable[[str], None] = lambda _: None

    async def run(self, plans: Sequence[Plan]) -> list[Left]:
        """What each left, in their order. When one breaks off by an error of ours, all end, and their faults too."""
        slots = asyncio.Semaphore(self.parallel)
        lines: dict[str, str] = {}

        async def one(plan: Plan) -> Left:
            name = plan.experiment.name

            def progress(text: str) -> None:
                lines[name] = f"{name}: {text}"
                self.show(" · ".join(lines.values()))

            async with slots:
                runner = Runner(
                    plan, self.folder_of(plan, plans), run_id=self.run_id, progress=progress, lease_s=self.lease_s
                )
                left = await runner.run()
            lines.pop(name, None)
            return left

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(plan)) for plan in plans]
        return [task.result() for task in tasks]

    def folder_of(self, plan: Plan, plans: Sequence[Plan]) -> Path:
        return self.folder if len(plans) == 1 else self.folder / plan.experiment.name
