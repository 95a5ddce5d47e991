"""The state of the machines as a report."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from llmops.infra.hosts.awake import Seen
from llmops.infra.hosts.config import load_hosts
from llmops.infra.hosts.script import version
from llmops.infra.hosts.status_report import hosts_report

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def test_each_machine_has_its_state_and_what_is_wrong_is_said(hosts_file: Callable[..., Path]) -> None:
    hosts = load_hosts(hosts_file(hosts=["a", "b", "c", "d", "e"]))
    states = [("serving", NOW, ""), ("serving", None, ""), ("failed", None, ""), ("asleep", None, "")]
    own = version(hosts)
    seen = [Seen(host, *state, own) for host, state in zip(hosts.hosts, states, strict=False)]  # type: ignore[arg-type]
    seen.append(Seen(hosts.hosts[4], "unreachable", trouble="e cannot be reached: x"))
    told = hosts_report(hosts, seen, started_at=NOW, now=NOW)
    assert told.title == "Fallback fb: 2 of 5 machines serve"
    assert [list(row) for row in told.tables[0].rows] == [
        ["a", "serving", "2026-11-26 12:00 UTC"],
        ["b", "serving", None],
        ["c", "failed", None],
        ["d", "asleep", None],
        ["e", "unreachable", None],
    ]
    assert [it.text for it in told.findings] == [
        "b is awake without a lease: nothing puts it to sleep.",
        "c: vLLM has failed.",
        "e cannot be reached: x",
    ]
    assert told.system["launch_template_version"] == "unknown: not every machine answers"


def test_a_machine_that_has_something_else_is_said(hosts_file: Callable[..., Path]) -> None:
    hosts = load_hosts(hosts_file(hosts=["a", "b"]))
    seen = [Seen(hosts.hosts[0], "asleep", version=version(hosts)), Seen(hosts.hosts[1], "asleep", version="other")]
    told = hosts_report(hosts, seen, started_at=NOW, now=NOW)
    assert [it.text for it in told.findings] == ["b has not what the file says."]
