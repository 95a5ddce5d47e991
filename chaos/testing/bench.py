"""All that one test has on: simulated providers, fault proxies and faults; it ends as a whole."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property, wraps
from typing import Any, ParamSpec, Self, TypeVar

from llmops.chaos.providers.base import providers
from llmops.chaos.providers.serving.server import Running, serve
from llmops.chaos.proxy.config import address_of
from llmops.chaos.proxy.proxy import ProviderPlan, ProxyPlan
from llmops.chaos.testing.fault_asked import FaultAsked, fault_asked
from llmops.chaos.testing.fault_proxy import FaultProxy, Injected
from llmops.chaos.testing.in_thread import InThread
from llmops.chaos.testing.provider_settings import provider_settings
from llmops.errors import BadInput, LlmopsError, UnknownName, nearest_hint

P = ParamSpec("P")
T = TypeVar("T")


def briefly(function: Callable[P, T]) -> Callable[P, T]:
    """An error that a test causes is shown at its own line, with the hint below, and without ours."""

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        __tracebackhide__ = True
        try:
            return function(*args, **kwargs)
        except LlmopsError as error:
            if error.hint:
                error.add_note(f"hint: {error.hint}")
            raise error.with_traceback(None) from None

    return call


class Bench:
    """Made with the faults that are asked for before there is a proxy; nothing runs until something is made."""

    def __init__(self, asked: Sequence[FaultAsked] = ()) -> None:
        self._asked = asked
        self._proxies: dict[str, FaultProxy] = {}
        self._never_on: list[str] = []
        self._contexts = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._contexts.close()

    @cached_property
    def _thread(self) -> InThread:
        return self._contexts.enter_context(InThread())

    # --- what tests call

    @briefly
    def provider(self, name: str = "openai", **settings: Any) -> Running:  # noqa: ANN401 - as provider_settings has them
        """A simulated provider, by the name and settings of `llmops chaos provider`. UnknownName, BadInput."""
        return self._thread.enter(serve(providers.get(name)(), provider_settings(**settings)))

    @briefly
    def proxy(  # noqa: PLR0913 - each is given by name
        self,
        base_url: str,
        *,
        name: str = "provider",
        tls: bool = False,
        ca_file: str | None = None,
        tenant_header: str | None = None,
        seed: int = 0,
    ) -> FaultProxy:
        """A fault proxy in front of any base URL, with the marked faults on. BadInput, OutsideFailed."""
        self._check_name(name)
        provider = ProviderPlan(name, address_of(base_url), tls=tls, ca_file=ca_file)
        plan = ProxyPlan((provider,), tenant_header=tenant_header, seed=seed)
        made = self._proxies[name] = FaultProxy(self._thread, plan)
        for asked in self._asked:
            if asked.proxy in {None, name}:
                with self._noting(asked.type_name):
                    made.inject(asked)
        return made

    @briefly
    def inject(self, fault: str, /, **words: Any) -> Injected:  # noqa: ANN401 - as fault_asked has them
        """A fault at a proxy, by the words of the marker `llmops_fault`. UnknownName, BadInput."""
        with self._noting(fault):
            asked = fault_asked(fault, **words)
            return self._proxy_of(asked).inject(asked)

    # --- what came of it

    @property
    def unfired(self) -> list[str]:
        """What proves nothing about the test, whatever its assertions say: each a sentence."""
        return [*self._never_on, *(each.told for each in self._injected() if not each.fired), *self._never_met()]

    @property
    def told(self) -> list[str]:
        """What became of each fault."""
        return [each.told for each in self._injected()]

    def _injected(self) -> Iterator[Injected]:
        if self._proxies:
            self._thread.call(lambda: None)  # done with the last answer, it has written why a fault did nothing to it
        for proxy in self._proxies.values():
            yield from proxy.injected

    def _never_met(self) -> Iterator[str]:
        for asked in self._asked:
            if asked.proxy is None and not self._proxies:
                yield f"{asked.type_name} never fired: the test made no proxy"
            elif asked.proxy is not None and asked.proxy not in self._proxies:
                yield f"{asked.type_name} never fired: the test made no proxy named {asked.proxy}"

    # --- one fault, one proxy

    def _proxy_of(self, asked: FaultAsked) -> FaultProxy:
        if asked.proxy is not None:
            if asked.proxy not in self._proxies:
                hint = nearest_hint(asked.proxy, self._proxies)
                raise UnknownName(f"the test has no proxy named {asked.proxy!r}", hint=hint)
            return self._proxies[asked.proxy]
        if len(self._proxies) != 1:
            count = len(self._proxies) or "no"
            hint = f"say which: proxy={next(iter(self._proxies))!r}" if self._proxies else "make one first"
            raise BadInput(f"the test has {count} proxies to inject {asked.type_name} at", hint=hint)
        return next(iter(self._proxies.values()))

    def _check_name(self, name: str) -> None:
        if name in self._proxies:
            raise BadInput(f"the test has a proxy named {name!r} already", hint='give each a name: name="fallback"')
        unnamed = [asked.type_name for asked in self._asked if asked.proxy is None]
        if unnamed and self._proxies:
            first = next(iter(self._proxies))
            raise BadInput(
                f"the marker of {unnamed[0]} names no proxy, and the test has several",
                hint=f'llmops_fault("{unnamed[0]}", proxy="{first}")',
            )

    @contextmanager
    def _noting(self, fault: str) -> Iterator[None]:
        """What is not on cannot fire, also where the test swallows the error, or is expected to fail."""
        try:
            yield
        except BaseException as error:
            self._never_on.append(f"{fault} was never on: {error}")
            raise
