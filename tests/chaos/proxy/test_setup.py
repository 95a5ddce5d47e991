"""From the configuration and the command line to a plan: what wins, and what is refused before anything listens."""

from pathlib import Path
from typing import Any

import pytest

from llmops.chaos.proxy.config import ChaosSection
from llmops.chaos.proxy.schedule import Schedule, Scope
from llmops.chaos.proxy.setup import Asked, injections_of, journal_file, plan_of, section_of
from llmops.config import validated
from llmops.errors import BadInput

OPENAI = "https://api.openai.com"


def section(**fields: Any) -> ChaosSection:
    return validated(ChaosSection, fields, "chaos")


def provider(**fields: Any) -> ChaosSection:
    return section(providers={"openai": {"upstream": OPENAI, **fields}})


def asked(**fields: Any) -> ChaosSection:
    return section_of(ChaosSection(), Asked(upstreams=[f"openai={OPENAI}"], **fields))


# --- the command line


def test_an_upstream_alone_is_enough() -> None:
    plan = plan_of(asked())
    (one,) = plan.providers
    assert (one.name, one.address.host, one.address.port, one.port, one.tls) == (
        "openai",
        "api.openai.com",
        443,
        0,
        False,
    )
    assert (plan.listen, plan.seed, plan.default_lease_s, plan.record_bodies) == ("127.0.0.1", 0, 600, False)


def test_the_command_line_goes_before_the_file_and_leaves_the_rest() -> None:
    before = section(
        listen="127.0.0.2", control="127.0.0.1:1", journal="a", seed=1, default_lease_s=5, allow_upstream=["a:1"],
        providers={"openai": {"upstream": "http://old:1", "models": ["m"], "injections": [{"fault": "refused"}]}},
    )  # fmt: skip
    untouched = section_of(before, Asked())
    assert untouched == before
    more = Asked(
        [f"openai={OPENAI}", "other=http://b"], None, "127.0.0.3", "127.0.0.1:2", Path("b"), record_bodies=True, tls=True,  # noqa: E501
        default_lease="none", seed=2, allow_upstream=["b:2"],
    )  # fmt: skip
    after = section_of(before, more)
    assert (after.listen, after.control, after.journal, after.seed) == ("127.0.0.3", "127.0.0.1:2", "b", 2)
    assert (after.record_bodies, after.default_lease_s, after.allow_upstream) == (True, "none", ["a:1", "b:2"])
    assert [(name, each.upstream, each.tls) for name, each in after.providers.items()] == [
        ("openai", OPENAI, True),
        ("other", "http://b", True),
    ]
    assert (after.providers["openai"].models, len(after.providers["openai"].injections)) == (["m"], 1)


def test_a_seed_of_zero_goes_before_the_file_too() -> None:
    assert section_of(section(seed=5, providers={"a": {"upstream": OPENAI}}), Asked(seed=0)).seed == 0


@pytest.mark.parametrize("text", ["https://api.openai.com", "=https://a", ""])
def test_an_upstream_without_a_name_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="is no NAME=URL"):
        section_of(ChaosSection(), Asked(upstreams=[text]))


def test_no_provider_at_all_is_refused_with_the_ways_to_name_one() -> None:
    with pytest.raises(BadInput, match="no provider to stand in front of") as caught:
        section_of(ChaosSection(), Asked())
    assert "--upstream" in caught.value.hint


@pytest.mark.parametrize("port", [0, 65535])
def test_a_port_may_be_at_its_bounds(port: int) -> None:
    assert asked(port=port).providers["openai"].port == port


@pytest.mark.parametrize("port", [-1, 65536, 70000])
def test_a_port_beyond_them_is_refused_and_never_wraps(port: int) -> None:
    with pytest.raises(BadInput, match=f"--port {port} is no port"):
        asked(port=port)


def test_one_port_for_two_providers_is_refused() -> None:
    with pytest.raises(BadInput, match="--port is for one provider, and there are 2"):
        section_of(ChaosSection(), Asked(upstreams=["a=http://a", "b=http://b"], port=9001))


def test_and_it_is_said_which_of_them_the_file_has_named() -> None:
    of_file = section(providers={"azure": {"upstream": OPENAI}, "eu": {"upstream": OPENAI}})
    with pytest.raises(BadInput) as caught:
        section_of(of_file, Asked(upstreams=["openai=http://a"], port=9001, file="llmops.yaml"))
    assert str(caught.value) == (
        "--port is for one provider, and there are 3: azure, eu, openai; azure, eu of llmops.yaml"
    )


def test_an_upstream_in_a_wrong_place_shows_no_key() -> None:
    with pytest.raises(BadInput, match="'http://REDACTED@host' is no NAME=URL"):
        section_of(ChaosSection(), Asked(upstreams=["http://user:sk-secret@host"]))


def test_a_journal_is_a_file_in_a_folder_that_exists(tmp_path: Path) -> None:
    assert journal_file("none") is None
    assert journal_file(None) == Path("proxy.jsonl")
    assert journal_file(str(tmp_path / "new.jsonl")) == tmp_path / "new.jsonl"
    for named, message in [
        ("", "the journal names no file"),
        (".", "the journal names no file"),
        (str(tmp_path), f"the journal names {tmp_path}, which is a folder"),
        (str(tmp_path / "no" / "x.jsonl"), f"cannot write the journal {tmp_path}/no/x.jsonl: no such folder"),
    ]:
        with pytest.raises(BadInput) as caught:
            journal_file(named)
        assert str(caught.value) == message
    assert not (tmp_path / "no").exists()


@pytest.mark.parametrize(("text", "expected"), [("none", "none"), ("60", 60.0), ("0.5", 0.5)])
def test_a_default_lease_is_seconds_or_none(text: str, expected: object) -> None:
    assert asked(default_lease=text).default_lease_s == expected


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "ten", ""])
def test_a_default_lease_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="--default-lease"):
        asked(default_lease=text)


# --- the plan


@pytest.mark.parametrize("name", ["openai", "azure-eu", "1", "gpt-4.1_eu"])
def test_a_provider_is_named_by_what_a_path_can_hold(name: str) -> None:
    assert plan_of(section_of(ChaosSection(), Asked(upstreams=[f"{name}={OPENAI}"]))).providers[0].name == name


@pytest.mark.parametrize("name", ["a/b", "", ".", "-a", "a b", "a\n", "ü", "a?b"])
def test_and_by_nothing_else(name: str) -> None:
    with pytest.raises(BadInput, match="cannot name a provider"):
        plan_of(section(providers={name: {"upstream": OPENAI}}))


def test_the_plan_has_what_the_section_says() -> None:
    plan = plan_of(
        section(
            listen="127.0.0.2", seed=3, tenant_header="x-tenant", record_bodies=True, default_lease_s="none",
            providers={"openai": {"upstream": "http://a:1/v1/", "port": 9001, "tls": True, "models": ["m"]}},
        )
    )  # fmt: skip
    (one,) = plan.providers
    assert (one.address.port, one.address.path, one.port, one.tls, one.models) == (1, "/v1", 9001, True, ("m",))
    assert (plan.listen, plan.seed, plan.tenant_header) == ("127.0.0.2", 3, "x-tenant")
    assert (plan.record_bodies, plan.default_lease_s) == (True, None)


def test_authorities_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    (tmp_path / "no.pem").write_text("no certificate")
    for name, reason in (("gone.pem", "No such file or directory"), ("no.pem", "NO_CERTIFICATE_OR_CRL_FOUND")):
        with pytest.raises(BadInput, match=f"chaos.providers.openai.ca_file: cannot read .*{name}: .*{reason}"):
            plan_of(provider(ca_file=str(tmp_path / name)))


@pytest.mark.parametrize(
    ("more", "message", "hint"),
    [
        ({"upstream": "ftp://a"}, "'ftp://a' is not an http or https URL", "such as https://api.openai.com"),
        ({"injections": [{"fault": "empty_contnet"}]}, "no fault is named", "did you mean 'empty_content'?"),
        ({"injections": [{"fault": "delayed_answer", "parameters": {"dely_s": 1}}]}, "delayed_answer has no", "did you"),  # noqa: E501
        ({"injections": [{"fault": "empty_content", "scope": {"routes": ["chat"]}}]}, "the scope of empty_content: no route", "known: "),  # noqa: E501
        ({"models": ["gpt-4o"], "injections": [{"fault": "empty_content", "scope": {"models": ["gpt-4p"]}}]}, "the scope of empty_content: its provider has no model 'gpt-4p'", "did you mean 'gpt-4o'?"),  # noqa: E501
        ({"injections": [{"fault": "empty_content", "scope": {"tenants": ["a"]}}]}, "the scope of empty_content names tenants", "set chaos.tenant_header"),  # noqa: E501
        ({"injections": [{"fault": "refused", "scope": {"stream": True}}]}, "refused acts on connections", "give it time"),  # noqa: E501
        ({"injections": [{"fault": "expired_certificate"}]}, "expired_certificate needs a TLS listener", "give its"),
        ({"injections": [{"fault": "refused", "schedule": {"probability": 5}}]}, "a probability of 5.0", "it is a ratio"),  # noqa: E501
        ({"injections": [{"fault": "refused"}, {"fault": "refused"}]}, "two injections of openai are named 'refused'", "give one a `name`"),  # noqa: E501
        ({"injections": [{"fault": "refused", "schedule": {"after_s": 600}}]}, "refused begins after 600 s, and its lease ends after 600 s", "give it a longer"),  # noqa: E501
        ({"injections": [{"fault": "refused", "schedule": {"after_s": 5}, "lease_s": 5}]}, "refused begins after 5 s, and", "give it a longer"),  # noqa: E501
        ({"injections": [{"fault": "refused", "name": "down"}]}, "no injection may be named down", "a listener"),
    ],
)  # fmt: skip
def test_what_can_never_work_is_refused_before_anything_listens(more: dict[str, Any], message: str, hint: str) -> None:
    with pytest.raises(BadInput) as caught:
        plan_of(provider(**more))
    assert str(caught.value).startswith(message)
    assert caught.value.hint.startswith(hint)


def test_what_begins_within_its_lease_may_begin() -> None:
    for lease_s in (601, "none"):
        plan_of(provider(injections=[{"fault": "refused", "schedule": {"after_s": 600}, "lease_s": lease_s}]))


def test_tenants_are_named_by_what_can_be_a_header() -> None:
    with pytest.raises(BadInput, match=r"chaos\.tenant_header is 'a b', and no header is named so"):
        plan_of(section(tenant_header="a b", providers={"openai": {"upstream": OPENAI}}))


# --- injections from the start


def test_injections_have_their_names_schedules_scopes_and_leases() -> None:
    made = provider(
        injections=[
            {"fault": "empty_content"},
            {"fault": "empty_content", "name": "quiet", "lease_s": 5, "scope": {"models": ["m*"]}},
            {"fault": "refused", "lease_s": "none", "schedule": {"first": 2}},
        ]
    )
    found = injections_of("openai", made.providers["openai"], 600.0)
    assert [(injection.name, lease_s) for injection, lease_s in found] == [
        ("empty_content", 600.0),
        ("quiet", 5.0),
        ("refused", None),
    ]
    assert found[1][0].scope == Scope(models=("m*",))
    assert found[2][0].schedule == Schedule(first=2)
