"""Call a function of an importable module; one that is `async def` is awaited."""

import asyncio
import contextlib
import importlib
import inspect
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from types import ModuleType
from typing import Any

from llmops.chaos.experiments.chaostoolkit.providers.base import ActivityFailed
from llmops.chaos.experiments.chaostoolkit.values import Values
from llmops.errors import NoData

FROM_OUTSIDE = ("configuration", "secrets")  # what a function is given besides its arguments, where it asks for it


class Interrupt(ActivityFailed):
    """The function wants the experiment to stop: it raised Chaos Toolkit's InterruptExecution."""


@dataclass(frozen=True)
class Python:
    """`module.func(**arguments)`."""

    module: str
    func: str
    arguments: dict[str, Any] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)

    def refusal(self) -> str:
        try:
            function = getattr(importlib.import_module(self.module), self.func, None)
        except Exception as error:  # noqa: BLE001 - whatever a module raises at its import
            return f"the module {self.module!r} cannot be imported: {type(error).__name__}: {error}"
        if not callable(function):
            return f"the module {self.module!r} has no function {self.func!r}"
        try:
            signature = inspect.signature(function)
            asked = {name: None for name in FROM_OUTSIDE if name in signature.parameters}
            signature.bind(**self.arguments, **{name: None for name in asked if name not in self.arguments})
        except (TypeError, ValueError) as error:
            return f"{self.func} cannot be called so: {error}"
        return ""

    def problem(self, output: object) -> str:  # noqa: ARG002 - a function raises
        return ""

    async def call(self, values: Values) -> object:
        module: ModuleType = importlib.import_module(self.module)
        function = getattr(module, self.func)
        try:
            call = partial(function, **self._arguments(function, values))
            output = await call() if inspect.iscoroutinefunction(function) else await _in_thread(call)
            return await output if inspect.isawaitable(output) else output
        except NoData:
            raise
        except Exception as error:
            kind = Interrupt if _interrupts(error) else ActivityFailed
            raise kind(f"{type(error).__name__}: {error}") from error

    def _arguments(self, function: Callable[..., object], values: Values) -> dict[str, Any]:
        asked = inspect.signature(function).parameters
        arguments: dict[str, Any] = values.filled(self.arguments)
        if "secrets" in asked and self.secrets:
            arguments["secrets"] = values.of_targets(self.secrets)
        if "configuration" in asked:
            arguments["configuration"] = dict(values.configuration)
        return arguments


def _interrupts(error: Exception) -> bool:
    kinds = {f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__}
    return "chaoslib.exceptions.InterruptExecution" in kinds  # by name: it need not be installed


async def _in_thread(call: Callable[[], object]) -> object:
    """In a daemon thread: one that never returns is left behind, and ends with the process."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[object] = loop.create_future()

    def tell(output: object, error: BaseException | None) -> None:
        if done.done():  # it was given up
            return
        if error is None:
            done.set_result(output)
        else:
            done.set_exception(error)

    def work() -> None:
        output: object = None
        failed: BaseException | None = None
        try:
            output = call()
        except Exception as error:  # noqa: BLE001 - it is told in the other thread
            failed = error
        except BaseException as error:  # noqa: BLE001 - sys.exit() in a function ends no run
            failed = ActivityFailed(f"{type(error).__name__}: {error}")
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(tell, output, failed)

    threading.Thread(target=work, daemon=True).start()
    return await done
