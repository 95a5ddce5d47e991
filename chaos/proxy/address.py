"""Where a provider is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Address:
    """What the configuration names; nothing else is ever connected to."""

    host: str
    port: int
    tls: bool = False
    path: str = ""  # only for printing base URLs

    @property
    def host_header(self) -> bytes:
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = 443 if self.tls else 80
        return host.encode("idna" if not host.isascii() else "ascii") + (
            b"" if self.port == usual else b":%d" % self.port
        )
