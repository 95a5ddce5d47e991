"""Whether a fault below HTTP holds now, by a connection of our own to the provider's proxy."""

import asyncio
import contextlib
import ssl
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from llmops.chaos.experiments.evidence import Injection, StateProbe

PATIENCE_S = 0.5
PROBE_EVERY_S = 0.25
NO_REQUEST = b"LLMOPS\r\n\r\n"
"""No HTTP: a proxy that serves refuses it itself, with 400, and asks no upstream."""

SHOWS = {
    "refused": ("refused", "reset"),
    "accept_then_silence": ("silence", "closed"),
    "handshake_stall": ("handshake stalled", "closed"),
    "expired_certificate": ("certificate refused",),
    "unknown_authority": ("certificate refused",),
    "wrong_host": ("certificate refused",),
}
"""What a connection sees of each fault while it holds."""


@asynccontextmanager
async def watched(
    injections: Iterable[Injection], proxies: Mapping[str, str], keep: Callable[[StateProbe], None]
) -> AsyncIterator[None]:
    """Look again and again, while the body runs, whether these faults below HTTP hold.

    Those that hit only some connections are left alone: a look would use up a turn of theirs.
    """
    looked_at = [each for each in injections if each.below_http and each.schedule.is_always]

    async def watch() -> None:
        while looked_at:
            for each in looked_at:
                keep(await probed(each, proxies[each.provider], proxies.get("authority")))
            await asyncio.sleep(PROBE_EVERY_S)

    watching = asyncio.create_task(watch())
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.wait([watching])


async def probed(injection: Injection, base_url: str, authority: str | None) -> StateProbe:
    """What a new connection sees, and whether that is the fault."""
    saw = await seen(base_url, authority)
    held = saw.partition(":")[0] in SHOWS.get(injection.fault, ())
    return StateProbe(injection.provider, injection.name, time.time(), held, saw)


async def seen(base_url: str, authority: str | None) -> str:
    """`served`, or how a connection fails."""
    parts = urlsplit(base_url)
    tls = ssl.create_default_context(cafile=authority) if parts.scheme == "https" else None
    writer = None
    try:
        async with asyncio.timeout(PATIENCE_S):
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port, ssl=tls)
            writer.write(NO_REQUEST)
            return "served" if await reader.read(1) else "closed"
    except TimeoutError:
        return "silence" if writer is not None or tls is None else "handshake stalled"
    except ssl.SSLCertVerificationError as error:
        return f"certificate refused: {error.verify_message}"
    except ConnectionRefusedError:
        return "refused"
    except ConnectionResetError:
        return "reset"
    except OSError as error:
        return f"failed: {error.strerror or error}"
    finally:
        if writer is not None:
            writer.transport.abort()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
