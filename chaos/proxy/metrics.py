"""Numbers for Prometheus: Toxiproxy's names for TCP proxies, ours for providers."""

from collections.abc import Iterator, Mapping

from llmops.chaos.proxy.listener import address_text
from llmops.chaos.proxy.proxy import Proxy
from llmops.chaos.proxy.tcp_proxy import DIRECTIONS, TcpProxy


def metrics_text(proxy: Proxy, tcp: Mapping[str, TcpProxy]) -> str:
    """The exposition format, version 0.0.4."""
    return "\n".join([*_tcp(tcp), *_providers(proxy)]) + "\n"


def _tcp(tcp: Mapping[str, TcpProxy]) -> Iterator[str]:
    for which in ("received", "sent"):
        name = f"toxiproxy_proxy_{which}_bytes_total"
        yield f"# TYPE {name} counter"
        for each in tcp.values():
            totals = each.totals.received if which == "received" else each.totals.sent
            upstream = address_text(*each.upstream)
            for direction in DIRECTIONS:
                labels = {"direction": direction, "listener": each.listen, "proxy": each.name, "upstream": upstream}
                yield f"{name}{_labels(labels)} {totals[direction]}"


def _providers(proxy: Proxy) -> Iterator[str]:
    yield "# TYPE llmops_proxy_requests_total counter"
    for provider in proxy.providers.values():
        yield f"llmops_proxy_requests_total{_labels({'provider': provider.name})} {provider.requests}"
    yield "# TYPE llmops_proxy_injection_hits gauge"
    for provider in proxy.providers.values():
        for injection in provider.injections:
            _, hit = provider.injections.counts(injection.name)
            labels = {"injection": injection.name, "provider": provider.name}
            yield f"llmops_proxy_injection_hits{_labels(labels)} {hit}"


def _labels(labels: Mapping[str, str]) -> str:
    escaped = {
        name: value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") for name, value in labels.items()
    }
    return "{" + ",".join(f'{name}="{value}"' for name, value in sorted(escaped.items())) + "}"
