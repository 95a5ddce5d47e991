"""Where the proxies of the control API may listen and connect: loopback, and what was allowed at the start."""

import ipaddress
from collections.abc import Iterable

from llmops.chaos.proxy.config import host_port
from llmops.chaos.proxy.toxic_json import forbidden

HostPort = tuple[str, int]
ANY_PORT = ("127.0.0.1", 0)


class Allowed:
    """What a request cannot widen."""

    def __init__(self, upstreams: Iterable[str] = (), listen_hosts: Iterable[str] = ()) -> None:
        self._upstreams = {host_port(text, what="--allow-upstream") for text in upstreams}
        self._listen_hosts = set(listen_hosts)

    def listen(self, text: str) -> HostPort:
        """Where to listen: any port of loopback when nothing is said. BadInput, or ApiError 403."""
        host, port = host_port(text, what="listen") if text else ANY_PORT
        if not _is_loopback(host) and host not in self._listen_hosts:
            raise forbidden(f"listening on {host!r} is not allowed; start the proxy with --listen {host}")
        return host, port

    def upstream(self, text: str) -> HostPort:
        """Where to connect. BadInput, or ApiError 403."""
        host, port = host_port(text, what="upstream")
        if not _is_loopback(host) and (host, port) not in self._upstreams:
            raise forbidden(f"the upstream {text} is not allowed; start the proxy with --allow-upstream {text}")
        return host, port


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
