"""The proxy from outside, by its control API: faults begin, are held by renewed leases, and end."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from llmops.errors import OutsideFailed

if TYPE_CHECKING:
    import aiohttp

LEASE_S = 10.0
"""How long a fault goes on when the runner is killed. Renewed three times in that time."""
CALL_TIMEOUT_S = 5.0


class ProxyFailed(OutsideFailed):
    """The proxy did not do what it was told."""

    gone = False  # there is no such fault on it


class Driver:
    """One proxy."""

    def __init__(self, http: "aiohttp.ClientSession", control_url: str, *, lease_s: float = LEASE_S) -> None:
        self._http, self._url, self.lease_s = http, control_url, lease_s

    async def inject(self, provider: str, toxic: Mapping[str, Any], *, lease_s: float | None = None) -> None:
        """Begin a fault. ProxyFailed when the proxy refuses it."""
        lease = {"lease_s": lease_s or self.lease_s}
        await self._call("POST", f"/proxies/{quote(provider)}/toxics", {**toxic, **lease})

    async def renew(self, provider: str, name: str) -> None:
        """ProxyFailed when its lease has lapsed."""
        await self._call("POST", f"/proxies/{quote(provider)}/toxics/{quote(name)}/lease", {"lease_s": self.lease_s})

    async def clear(self, provider: str, name: str) -> None:
        """End a fault; one that has ended already is no matter."""
        await self._call("DELETE", f"/proxies/{quote(provider)}/toxics/{quote(name)}", fine=(404,))

    async def sever(self, provider: str) -> None:
        """End the connections that are open: a fault on new ones would not touch them."""
        for enabled in (False, True):
            await self._call("PATCH", f"/proxies/{quote(provider)}", {"enabled": enabled, "lease_s": self.lease_s})

    async def listening(self) -> dict[str, str]:
        """HOST:PORT of the proxy of each provider."""
        return {name: each["listen"] for name, each in (await self._call("GET", "/proxies")).items()}

    async def active(self) -> list[tuple[str, str]]:
        """Provider and name of every fault that is on."""
        proxies = await self._call("GET", "/proxies")
        return [(provider, toxic["name"]) for provider, each in proxies.items() for toxic in each["toxics"]]

    async def _call(self, method: str, path: str, body: object = None, *, fine: Sequence[int] = ()) -> Any:  # noqa: ANN401 - any JSON
        import aiohttp

        try:
            limit = aiohttp.ClientTimeout(total=CALL_TIMEOUT_S)
            async with self._http.request(method, self._url + path, json=body, timeout=limit) as answer:
                told = await answer.json(content_type=None) if answer.status != 204 else {}  # noqa: PLR2004 - no content
                if answer.status >= 400 and answer.status not in fine:  # noqa: PLR2004 - errors begin there
                    failed = ProxyFailed(f"the proxy refused {method} {path}: {told.get('error', answer.status)}")
                    failed.gone = answer.status == 404  # noqa: PLR2004 - not found
                    raise failed
                return told
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise ProxyFailed(f"the proxy did not answer {method} {path}: {error or type(error).__name__}") from error


@dataclass
class Held:
    """Whether the faults were seen to be off."""

    off: bool = False


@asynccontextmanager
async def held(driver: Driver, toxics: Sequence[tuple[str, Mapping[str, Any]]]) -> AsyncIterator[Held]:
    """These faults are on while the body runs, and off after it, however it ends. ProxyFailed when one is lost."""
    state = Held()
    names = [(provider, toxic["name"]) for provider, toxic in toxics]
    try:
        for provider, toxic in toxics:
            await driver.inject(provider, toxic)
        async with _renewed(driver, names):
            yield state
    except BaseException:
        with contextlib.suppress(ProxyFailed):  # how the body ended goes before; the leases end what is on
            await _cleared(driver, names)
            state.off = True
        raise
    await _cleared(driver, names)
    state.off = True


async def _cleared(driver: Driver, names: Sequence[tuple[str, str]]) -> None:
    """End them all, also when one of them cannot be. ProxyFailed when one is still on."""
    failed: list[ProxyFailed] = []
    for provider, name in names:
        try:
            await driver.clear(provider, name)
        except ProxyFailed as error:
            failed.append(error)
    if failed:
        raise failed[0]
    still = set(names) & set(await driver.active()) if names else set()
    if still:
        raise ProxyFailed(f"still on after their end: {sorted(still)}")


@asynccontextmanager
async def _renewed(driver: Driver, names: Sequence[tuple[str, str]]) -> AsyncIterator[None]:
    """Renew the leases while the body runs; when that fails, the body is broken off with ProxyFailed."""
    body = asyncio.current_task()
    assert body is not None  # noqa: S101 - it runs
    failed: list[ProxyFailed] = []
    now = asyncio.get_running_loop().time
    granted = now()

    async def renew() -> None:
        renewed = granted
        try:
            while True:
                await asyncio.sleep(driver.lease_s / 3)
                since_s, renewed = now() - renewed, now()
                for provider, name in names:
                    lost = f"{name} on {provider}"
                    await driver.renew(provider, name)
        except ProxyFailed as error:
            failed.append(_lost(lost, since_s, driver.lease_s) if error.gone else error)
            body.cancel()

    renewing = asyncio.create_task(renew())
    try:
        yield
    except asyncio.CancelledError:
        if not failed:
            raise
        body.uncancel()
        raise failed[0] from None
    finally:
        renewing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await renewing


def _lost(fault: str, since_s: float, lease_s: float) -> ProxyFailed:
    """Why a fault is no longer on, which nobody here has ended."""
    if since_s > lease_s:
        why = f"this process stood still for {since_s:.3g} s (it was stopped, or the machine slept or was too busy)"
        return ProxyFailed(
            f"the lease of {fault} lapsed, and it ended by itself: {why}, and the lease was {lease_s:g} s"
        )
    return ProxyFailed(f"{fault} ended before its time: somebody else took it off the proxy")
