"""What stands between accept and HTTP: connection faults, and TLS with a certificate that may be wrong on purpose."""

import asyncio
import ssl
from typing import TYPE_CHECKING

from llmops.chaos.proxy.server import ClientConnection

if TYPE_CHECKING:
    from llmops.chaos.proxy.provider import Provider


class Gate:
    """Makes the protocol of each new connection."""

    def __init__(self, provider: "Provider", *, tls: bool) -> None:
        self._provider = provider
        self.tls = tls
        self.authority_file: str | None = None

    def protocol(self) -> asyncio.Protocol:
        return ClientConnection(self._provider)

    def close(self) -> None:
        """Remove what was made for the run."""


__all__ = ["Gate", "ssl"]
