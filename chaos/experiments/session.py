"""Several experiments at once, each with processes, ports and a folder of its own."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from llmops.chaos.experiments.driver import LEASE_S
from llmops.chaos.experiments.placeholders import filled
from llmops.chaos.experiments.plan import Plan
from llmops.chaos.experiments.processes import is_free, program
from llmops.chaos.experiments.runner import Runner
from llmops.chaos.experiments.stepping import Left
from llmops.errors import BadInput, OutsideFailed


@dataclass(frozen=True)
class Session:
    """How a number of experiments are run."""

    folder: Path  # one experiment writes here, several each into a folder of their name
    token: str  # makes its requests unlike those of any other session, so that no cache knows them
    parallel: int = 1
    lease_s: float = LEASE_S
    show: Callable[[str], None] = lambda _: None

    async def run(self, plans: Sequence[Plan]) -> list[Left]:
        """What each left, in their order. When one breaks off by an error of ours, all end, and their faults too.

        OutsideFailed where a program is missing, or a port that an experiment names is taken; BadInput where the folder
        holds another run.
        """
        _require_programs(plans)
        _require_ports(plans)
        self._require_room(plans)
        slots = asyncio.Semaphore(self.parallel)
        lines: dict[str, str] = {}

        async def one(plan: Plan) -> Left:
            name = plan.experiment.name

            def progress(text: str) -> None:
                lines[name] = f"{name}: {text}"
                self.show(" · ".join(lines.values()))

            async with slots:
                runner = Runner(
                    plan, self.folder_of(plan, plans), token=self.token, progress=progress, lease_s=self.lease_s
                )
                left = await runner.run()
            lines.pop(name, None)
            return left

        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(one(plan)) for plan in plans]
        except BaseExceptionGroup as failed:
            raise failed.exceptions[0] from failed  # the first: the others ended because of it
        return [task.result() for task in tasks]

    def _require_room(self, plans: Sequence[Plan]) -> None:
        """Journals are appended to: two runs in one folder would be judged as one."""
        for folder in {self.folder, *(self.folder_of(plan, plans) for plan in plans)}:
            if any((folder / name).exists() for name in ("journal.jsonl", "proxy.jsonl", "result.json")):
                raise BadInput(f"{folder} holds a run already", hint="name another --out, or leave it out")

    def folder_of(self, plan: Plan, plans: Sequence[Plan]) -> Path:
        return self.folder if len(plans) == 1 else self.folder / plan.experiment.name


def _require_programs(plans: Sequence[Plan]) -> None:
    """Of each system that is to be started; one that it writes into its own folder is not there yet."""
    for plan in plans:
        command = plan.experiment.system.command
        if command is None:
            continue
        folder = {"folder": str(Path(plan.source.file).resolve().parent)}
        if "{" in (name := filled(command[0], folder)):
            continue
        try:
            program([name])
        except OutsideFailed as error:
            raise OutsideFailed(f"{plan.source.at('system', 'command')}: {error}", hint=error.hint) from error


def _require_ports(plans: Sequence[Plan]) -> None:
    taken: dict[int, str] = {}
    for plan in plans:
        for provider in plan.experiment.providers.values():
            port, name = provider.port, plan.experiment.name
            if port is None:
                continue
            if taken.setdefault(port, name) != name:
                message = f"{taken[port]} and {name} both want port {port}"
                raise BadInput(message, hint="run them one after the other, or give them other ports")
            if not is_free(port):
                raise OutsideFailed(f"port {port} of {name} is in use", hint="end what listens there, or change `port`")
