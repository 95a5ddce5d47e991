"""Whether a fault below HTTP holds now, by a connection of our own to the provider's proxy."""

import asyncio
import contextlib
import ssl
import time
from urllib.parse import urlsplit

from llmops.chaos.experiments.evidence import Injection, StateProbe

PATIENCE_S = 0.5
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
