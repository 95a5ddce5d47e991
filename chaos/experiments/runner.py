"""Runs one experiment: providers, proxy and system are started, then baseline → inject → recover; rollback always."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from llmops.chaos.experiments.driver import LEASE_S, Driver
from llmops.chaos.experiments.evidence import Evidence, UserRequest
from llmops.chaos.experiments.journal import RunJournal
from llmops.chaos.experiments.outcomes import looks_whole
from llmops.chaos.experiments.plan import Plan
from llmops.chaos.experiments.redaction import redactor
from llmops.chaos.experiments.running_proxy import joined
from llmops.chaos.experiments.seen import seen
from llmops.chaos.experiments.simulated import PROXY_LOG, fronted
from llmops.chaos.experiments.stepping import Act, Left, Stage, Stopped, run_step
from llmops.chaos.experiments.system import POLL_S, Places, Running, running, secrets_of
from llmops.chaos.experiments.validity import HEALTHY_RATIO
from llmops.errors import LlmopsError

if TYPE_CHECKING:
    from aiohttp import ClientSession

LAST_WORDS_S = 0.2  # after a step, for the end of a system that dies of its last request to be seen
SHOWN_CHARACTERS = 200  # of an answer that should have been another


class Runner:
    """One experiment, once. `run` starts everything, and has ended everything when it returns or raises."""

    def __init__(  # noqa: PLR0913 - each is given by name
        self,
        plan: Plan,
        folder: Path,
        *,
        token: str,
        progress: Callable[[str], None] = lambda _: None,
        lease_s: float = LEASE_S,
        act: Act = run_step,
    ) -> None:
        self.plan, self.folder, self._token = plan, folder, token
        self._progress, self._lease_s, self._act = progress, lease_s, act
        self._redact = redactor(secrets_of(plan.experiment.system))
        self.left = Left()

    async def run(self) -> Left:
        """What the run left. A run that cannot go on says why in `broke_off`; it is not an error of ours."""
        self.folder.mkdir(parents=True, exist_ok=True)
        experiment = self.plan.experiment
        self._journal = RunJournal(self.folder / "journal.jsonl", self._redact)
        self._journal.step("began", experiment=experiment.name, seed=experiment.seed, speed=self.plan.speed)
        try:
            await self._run()
        except Stopped as why:
            self.left.broke_off = self._redact(str(why))
        except LlmopsError as error:
            self.left.broke_off = self._redact(f"{error}: {error.hint}" if error.hint else str(error))
        except BaseException as error:
            self.left.broke_off = type(error).__name__
            raise
        finally:
            self._note_proxy_words()
            self._journal.step("ended", broke_off=self.left.broke_off)
            self._journal.close()
        return self.left

    async def _run(self) -> None:
        from aiohttp import ClientSession

        async with AsyncExitStack() as stack:
            work = self._working_folder(stack)
            http = await stack.enter_async_context(ClientSession())
            proxies = await stack.enter_async_context(self._proxy(http, work))
            self._journal.step("proxy ready", **proxies)
            driver = Driver(http, proxies.pop("control"), lease_s=self._lease_s)
            stage = Stage(self.plan, driver, proxies, self._journal, self.left, self._token, self._progress)
            for repetition in range(1, self.plan.experiment.repetitions + 1):
                await self._repetition(stage, repetition, http, work / f"system-{repetition}")

    def _note_proxy_words(self) -> None:
        log = self.folder / PROXY_LOG
        if log.exists():
            said = self._redact(log.read_text(encoding="utf-8")).splitlines()
            self.left.notes.append(f"the proxy said, at last: {said[-1]} ({PROXY_LOG} has all of it)")

    def _working_folder(self, stack: AsyncExitStack) -> Path:
        """Goes with the run; the proxy's minder takes it away when the runner cannot. Unused where none is started."""
        if self.plan.experiment.proxy is not None:
            return self.folder
        return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="llmops-", ignore_cleanup_errors=True)))

    @asynccontextmanager
    async def _proxy(self, http: "ClientSession", work: Path) -> AsyncIterator[dict[str, str]]:
        """Base URLs of the providers' proxies, and of the control API."""
        experiment, journal = self.plan.experiment, self.folder / "proxy.jsonl"
        if experiment.proxy is not None:
            async with joined(experiment.proxy, experiment, http, journal) as found:
                yield found
            return
        self._progress("starting providers and proxy")
        async with fronted(experiment, journal, work) as found:
            yield found

    async def _repetition(self, stage: Stage, repetition: int, http: "ClientSession", work: Path) -> None:
        """A fresh system, or one whose timers have run out: the baseline shows whether it has forgotten."""
        system = self.plan.experiment.system
        if repetition > 1 and system.url is not None:
            await asyncio.sleep(self.plan.longest_timer_s)
        self._progress("waiting for the system")
        if system.url is None:
            work.mkdir()  # noqa: ASYNC240 - a folder of this machine
        places = Places(work, Path(self.plan.source.file).resolve().parent)  # noqa: ASYNC240 - asks for a name only
        async with running(system, stage.proxies, http, places, self._redact) as runs:
            self._journal.step("system ready", repetition=repetition, base_url=runs.base_url)
            for step in self.plan.steps:
                try:
                    await self._act(stage, step, repetition, runs)
                finally:
                    await self._look_after(runs, step.name, repetition)
                if step.kind == "baseline":
                    self._require_health(repetition)

    async def _look_after(self, system: Running, step: str, repetition: int) -> None:
        """A system that has died goes on being judged; how it died is told."""
        child = system.child
        if child is None or self.left.system_ended:
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(child.process.wait()), LAST_WORDS_S)
            await asyncio.sleep(POLL_S)
        if child.running:
            return
        code, said = child.process.returncode, child.last_output
        where = step if self.plan.experiment.repetitions == 1 else f"{step} of repetition {repetition}"
        self.left.system_ended = f"with exit code {code} in {where}: {said or 'it said nothing'}"
        self._journal.note("system ended", phase=step, exit_code=code, last_output=said)

    def _require_health(self, repetition: int) -> None:
        """Nothing is broken where something is broken already. Stopped."""
        asked = [each for each in self.left.requests if (each.phase, each.repetition) == ("baseline", repetition)]
        whole = sum(map(looks_whole, asked))
        if whole < HEALTHY_RATIO * len(asked):
            told = self._first_failure(asked)
            if self.left.system_ended:
                told += f"; the system ended {self.left.system_ended}"
            raise Stopped(f"the baseline is not healthy: {whole} of {len(asked)} answers were whole; {told}")

    def _first_failure(self, requests: Sequence[UserRequest]) -> str:
        """What a person needs to mend it: the first answer that was not whole."""
        first = next(each for each in requests if not looks_whole(each))
        providers = self.plan.experiment.providers
        models = frozenset(model for provider in providers.values() for model in provider.models)
        told = seen(first, Evidence("", tuple(providers), models, (), (first,)))
        said = (first.answer_body or b"").decode("utf-8", "replace").strip()[:SHOWN_CHARACTERS]
        how = told.sentence if first.transport_error or f"status {first.status}" in told.came else ""
        how = how or f"{told.sentence}, status {first.status}"
        return f"the first other one: {how}" + (f": {said}" if said else "")
