"""The numbers for Prometheus, to the line."""

from types import SimpleNamespace
from typing import Any

from llmops.chaos.proxy.metrics import metrics_text


class Injections:
    """Injections with counts."""

    def __init__(self, **hits: int) -> None:
        self._hits = hits

    def __iter__(self) -> Any:
        return iter([SimpleNamespace(name=name) for name in self._hits])

    def counts(self, name: str) -> tuple[int, int]:
        return 2 * self._hits[name], self._hits[name]


def text(*, hits: dict[str, int], tcp: dict[str, Any]) -> list[str]:
    provider = SimpleNamespace(name="openai", requests=7, injections=Injections(**hits))
    proxy: Any = SimpleNamespace(providers={"openai": provider})
    whole = metrics_text(proxy, tcp)
    assert whole.endswith("\n")
    return whole.splitlines()


def tcp_proxy(name: str, host: str = "127.0.0.1") -> Any:
    received, sent = {"upstream": 10, "downstream": 20}, {"upstream": 30, "downstream": 40}
    totals = SimpleNamespace(received=received, sent=sent)
    return SimpleNamespace(name=name, listen="127.0.0.1:1", upstream=(host, 2), totals=totals)


def test_requests_and_hits_of_each_provider_are_told() -> None:
    assert text(hits={"quiet": 3}, tcp={}) == [
        "# TYPE toxiproxy_proxy_received_bytes_total counter",
        "# TYPE toxiproxy_proxy_sent_bytes_total counter",
        "# TYPE llmops_proxy_requests_total counter",
        'llmops_proxy_requests_total{provider="openai"} 7',
        "# TYPE llmops_proxy_injection_hits gauge",
        'llmops_proxy_injection_hits{injection="quiet",provider="openai"} 3',
    ]


def test_bytes_of_tcp_proxies_have_toxiproxys_names_and_labels() -> None:
    lines = text(hits={}, tcp={"p": tcp_proxy("p")})
    labels = '{direction="%s",listener="127.0.0.1:1",proxy="p",upstream="127.0.0.1:2"}'
    assert f"toxiproxy_proxy_received_bytes_total{labels % 'upstream'} 10" in lines
    assert f"toxiproxy_proxy_received_bytes_total{labels % 'downstream'} 20" in lines
    assert f"toxiproxy_proxy_sent_bytes_total{labels % 'upstream'} 30" in lines
    assert f"toxiproxy_proxy_sent_bytes_total{labels % 'downstream'} 40" in lines


def test_an_upstream_of_ipv6_is_in_brackets() -> None:
    assert any('upstream="[::1]:2"' in line for line in text(hits={}, tcp={"p": tcp_proxy("p", "::1")}))


def test_labels_are_escaped_so_that_no_name_breaks_a_line() -> None:
    lines = text(hits={'a"b\\c\nd': 1}, tcp={})
    assert lines[-1] == 'llmops_proxy_injection_hits{injection="a\\"b\\\\c\\nd",provider="openai"} 1'
