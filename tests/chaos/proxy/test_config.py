"""The section `chaos:`: what it takes, and a sentence for each thing it does not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pytest

from llmops.chaos.proxy.config import (
    ChaosSection,
    InjectionSection,
    ScheduleSection,
    ScopeSection,
    address_of,
    check_fields,
    host_port,
    lease_of,
    schedule_of,
    scope_of,
)
from llmops.chaos.proxy.schedule import Schedule, Scope
from llmops.config import validated
from llmops.errors import BadInput

UPSTREAM = {"upstream": "https://api.openai.com"}


def section(**more: Any) -> ChaosSection:
    return validated(ChaosSection, {"providers": {"openai": UPSTREAM}, **more}, "chaos")


def with_injection(**fields: Any) -> ChaosSection:
    injection = {"fault": "empty_content", **fields}
    return section(providers={"openai": {**UPSTREAM, "injections": [injection]}})


def refused(data: Any) -> tuple[str, str]:
    with pytest.raises(BadInput) as caught:
        validated(ChaosSection, data, "chaos")
    return str(caught.value), caught.value.hint


# --- the section


def test_nothing_said_is_loopback_one_seed_and_ten_minutes() -> None:
    empty = ChaosSection()
    assert (empty.listen, empty.seed, empty.default_lease_s) == ("127.0.0.1", 0, 600)
    assert (empty.record_bodies, empty.providers, empty.allow_upstream) == (False, {}, [])


def test_an_injection_is_read_whole() -> None:
    made = with_injection(
        name="quiet",
        parameters={"usage": "left"},
        scope={"models": ["gpt-4o*"], "stream": False, "max_request_bytes": 0},
        schedule={"ramp": [[0, 0.008], [3600, 0.16]], "until_s": 7200, "sticky": "client"},
        lease_s="none",
    ).providers["openai"]
    injection = made.injections[0]
    assert (injection.name, injection.parameters, injection.lease_s) == ("quiet", {"usage": "left"}, "none")
    assert scope_of(injection.scope) == Scope(models=("gpt-4o*",), stream=False, max_request_bytes=0)
    assert schedule_of(injection.schedule) == Schedule(ramp=((0, 0.008), (3600, 0.16)), until_s=7200, sticky="client")


@pytest.mark.parametrize(
    ("data", "message", "hint"),
    [
        ({"providrs": {}}, "unknown key 'chaos.providrs'", "did you mean 'providers'?"),
        ({"tenant": "x"}, "unknown key 'chaos.tenant'", "did you mean 'tenant_header'?"),
        (
            {"providers": {"openai": {**UPSTREAM, "injection": []}}},
            "unknown key 'chaos.providers.openai.injection'",
            "did you mean 'injections'?",
        ),
        (
            {"providers": {"openai": {**UPSTREAM, "injections": [{"fault": "x", "schedule": {"frist": 1}}]}}},
            "unknown key 'chaos.providers.openai.injections.0.schedule.frist'",
            "did you mean 'first'?",
        ),
        (
            {"providers": {"openai": {**UPSTREAM, "injections": [{"fault": "x", "scope": {"model": ["a"]}}]}}},
            "unknown key 'chaos.providers.openai.injections.0.scope.model'",
            "did you mean 'models'?",
        ),
        ({"providers": {"openai": {}}}, "chaos.providers.openai.upstream: Field required", "found: {}"),
        (
            {"providers": {"openai": {**UPSTREAM, "injections": [{}]}}},
            "chaos.providers.openai.injections.0.fault: Field required",
            "found: {}",
        ),
    ],
)
def test_an_unknown_or_missing_key_is_a_sentence_with_the_nearest_name(data: Any, message: str, hint: str) -> None:
    assert refused(data) == (message, hint)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("listen", 1),
        ("control", 8474),
        ("journal", True),
        ("record_bodies", "yes"),
        ("record_bodies", 1),
        ("tenant_header", ["x"]),
        ("seed", 1.5),
        ("seed", True),
        ("default_lease_s", 0),
        ("default_lease_s", -1),
        ("default_lease_s", "60"),
        ("default_lease_s", True),
        ("default_lease_s", float("nan")),
        ("default_lease_s", float("inf")),
        ("allow_upstream", "127.0.0.1:1"),
        ("providers", []),
    ],
)
def test_a_value_of_another_kind_is_a_sentence_that_names_its_key(field: str, wrong: Any) -> None:
    message, hint = refused({field: wrong})
    assert message.startswith(f"chaos.{field}: ")
    assert hint == f"found: {wrong!r}"


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("port", -1),
        ("port", 65536),
        ("port", "9001"),
        ("port", True),
        ("tls", "yes"),
        ("ca_file", 1),
        ("models", "gpt-4o"),
        ("upstream", None),
    ],
)
def test_a_provider_takes_no_other_kind(field: str, wrong: Any) -> None:
    message, _ = refused({"providers": {"openai": {**UPSTREAM, field: wrong}}})
    assert message.startswith(f"chaos.providers.openai.{field}: ")


@pytest.mark.parametrize("port", [0, 65535])
def test_a_port_may_be_at_its_bounds(port: int) -> None:
    assert section(providers={"openai": {**UPSTREAM, "port": port}}).providers["openai"].port == port


@pytest.mark.parametrize(
    ("part", "wrong"),
    [
        ({"schedule": {"first": True}}, "schedule.first"),
        ({"schedule": {"every": 2.5}}, "schedule.every"),
        ({"schedule": {"probability": "0.5"}}, "schedule.probability"),
        ({"schedule": {"after_s": float("nan")}}, "schedule.after_s"),
        ({"schedule": {"until_s": float("inf")}}, "schedule.until_s"),
        (
            {"schedule": {"ramp": [0.8, 16]}},
            r"schedule.ramp.0: a ramp is a list of points \[seconds, probability\], such as \[\[0, 0.008\], \[3600, ",
        ),
        ({"schedule": {"ramp": [[0, 0.1], [5]]}}, "schedule.ramp.1"),
        ({"schedule": {"ramp": [[0, 0.1, 0.2]]}}, "schedule.ramp.0"),
        ({"schedule": {"ramp": [0, 0.1]}}, "schedule.ramp.0"),
        ({"scope": {"models": "gpt-4o"}}, "scope.models"),
        ({"scope": {"stream": 1}}, "scope.stream"),
        ({"scope": {"min_request_bytes": -1}}, "scope.min_request_bytes"),
        ({"scope": {"max_request_bytes": 2**64}}, "scope.max_request_bytes"),
        ({"schedule": {"first": 2**64}}, "schedule.first"),
        ({"schedule": {"every": 2**64}}, "schedule.every"),
        ({"lease_s": 0}, "lease_s"),
        ({"lease_s": "for ever"}, "lease_s"),
        ({"fault": 1}, "fault"),
    ],
)
def test_an_injection_takes_no_other_kind(part: dict[str, Any], wrong: str) -> None:
    with pytest.raises(BadInput, match=f"chaos.providers.openai.injections.0.{wrong}"):
        with_injection(**part)


def test_a_schedule_or_scope_that_holds_nothing_is_refused() -> None:
    with pytest.raises(BadInput, match="there is no time"):
        schedule_of(ScheduleSection(after_s=5, until_s=5))
    with pytest.raises(BadInput, match="is empty"):
        scope_of(ScopeSection(min_request_bytes=2, max_request_bytes=1))


# --- leases


@pytest.mark.parametrize(("said", "expected"), [(None, 600.0), ("none", None), (5, 5.0), (0.5, 0.5)])
def test_a_lease_is_seconds_for_ever_or_the_default(said: Any, expected: float | None) -> None:
    assert lease_of(InjectionSection(fault="x", lease_s=said).lease_s, 600.0) == expected


# --- addresses


@pytest.mark.parametrize(
    ("url", "host", "port", "tls", "path"),
    [
        ("https://api.openai.com", "api.openai.com", 443, True, ""),
        ("https://api.openai.com/", "api.openai.com", 443, True, ""),
        ("https://example.org:8443/openai/v1/", "example.org", 8443, True, "/openai/v1"),
        ("http://127.0.0.1:9001", "127.0.0.1", 9001, False, ""),
        ("http://localhost", "localhost", 80, False, ""),
        ("http://[::1]:8000", "::1", 8000, False, ""),
        ("HTTPS://API.OpenAI.com", "api.openai.com", 443, True, ""),
    ],
)
def test_a_url_is_an_address(url: str, host: str, port: int, tls: bool, path: str) -> None:
    address = address_of(url)
    assert (address.host, address.port, address.tls, address.path) == (host, port, tls, path)


SHOWN = {
    "https://key@api.openai.com": "https://REDACTED@api.openai.com",
    "https://:key@api.openai.com": "https://REDACTED@api.openai.com",
    "https://me:key/1:2@api.openai.com": "https://REDACTED@api.openai.com",
    "https://api.openai.com?key=x": "https://api.openai.com?REDACTED",
}


@pytest.mark.parametrize(
    "url",
    [
        "api.openai.com",
        "ftp://api.openai.com",
        "https://",
        "https:///v1",
        "https://api.openai.com:port",
        "https://api.openai.com:65536",
        "https://api.openai.com:0",
        "https://[::1",
        "https://key@api.openai.com",
        "https://:key@api.openai.com",
        "https://me:key/1:2@api.openai.com",
        "https://api.openai.com?key=x",
        "https://api.openai.com#x",
        "",
    ],
)
def test_what_is_no_address_is_refused_with_a_hint(url: str) -> None:
    with pytest.raises(BadInput) as caught:
        address_of(url)
    assert repr(SHOWN.get(url, url)) in str(caught.value)
    assert "key" not in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "expected"),
    [("127.0.0.1:8474", ("127.0.0.1", 8474)), ("[::1]:0", ("::1", 0)), ("a.example:65535", ("a.example", 65535))],
)
def test_host_and_port_in_two(text: str, expected: tuple[str, int]) -> None:
    assert host_port(text) == expected


@pytest.mark.parametrize("text", ["", "127.0.0.1", ":8474", "a:", "a:b", "a:-1", "a:65536", "a:²", "a:1.0"])
def test_what_is_no_host_and_port_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="is no --control") as caught:
        host_port(text, what="--control")
    assert caught.value.hint == "write HOST:PORT, such as 127.0.0.1:8474"


# --- the fields of a fault


@dataclass(frozen=True)
class Odd:
    """A field of each kind."""

    count: int | None = None
    ratio: float = 0.5
    name: str = "a"
    on: bool = False
    word: Literal["a", "b", 3] = "a"
    names: Sequence[str] = ()
    pair: tuple[float, float] = (0.0, 1.0)


@pytest.mark.parametrize(
    "values",
    [
        {"count": 3, "ratio": 1, "name": "", "on": True, "word": 3, "names": ["x"], "pair": [0, 1]},
        {"count": None, "ratio": 0.25, "names": ("x",), "pair": (0.0, 1.0)},
        {},
    ],
)
def test_values_of_the_declared_kinds_pass(values: dict[str, Any]) -> None:
    check_fields("odd", Odd, values)


@pytest.mark.parametrize(
    ("name", "wrong", "kind"),
    [
        ("count", True, "int | None"),
        ("count", "3", "int | None"),
        ("count", 3.0, "int | None"),
        ("ratio", "0.5", "float"),
        ("ratio", True, "float"),
        ("ratio", None, "float"),
        ("name", 5, "str"),
        ("on", 1, "bool"),
        ("on", "yes", "bool"),
        ("names", "x", "collections.abc.Sequence[str]"),
        ("names", [1], "collections.abc.Sequence[str]"),
        ("pair", [0], "tuple[float, float]"),
    ],
)
def test_a_value_of_another_kind_is_refused_by_name(name: str, wrong: Any, kind: str) -> None:
    with pytest.raises(BadInput) as caught:
        check_fields("odd", Odd, {name: wrong})
    assert str(caught.value).startswith(f"odd: {name} is {wrong!r}: ")
    assert caught.value.hint == f"its type is {kind}"


def test_a_word_that_is_no_choice_is_answered_with_all_of_them_once() -> None:
    check_fields("odd", Odd, {"word": 3})
    with pytest.raises(BadInput) as caught:
        check_fields("odd", Odd, {"word": "c"})
    assert (str(caught.value), caught.value.hint) == ("odd: word is 'c', and must be one of a, b, 3", "")
