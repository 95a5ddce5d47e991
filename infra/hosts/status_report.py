"""The state of the machines as a report."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from llmops import __version__
from llmops.infra.hosts.awake import Seen, count
from llmops.infra.hosts.config import HostsFile
from llmops.infra.hosts.deployed import deployed
from llmops.infra.hosts.script import version
from llmops.report import Cell, Column, Finding, Report, Table, report_id


def hosts_report(hosts: HostsFile, seen: Sequence[Seen], *, started_at: datetime, now: datetime) -> Report:
    serving = count(seen, "serving")
    rows: list[list[Cell]] = [
        [it.host.name, it.word, None if it.lease_until is None else f"{it.lease_until:%Y-%m-%d %H:%M} UTC"]
        for it in seen
    ]
    columns = [Column("machine", "machine"), Column("state", "state"), Column("lease", "sleeps at")]
    return Report(
        kind="infra-status",
        id=report_id("infra-status", started_at),
        started_at=started_at,
        finished_at=now,
        tool_version=__version__,
        title=f"Fallback {hosts.name}: {serving} of {len(seen)} machines serve",
        system=deployed(hosts, seen),
        findings=list(_findings(hosts, seen)),
        tables=[Table("machines", "Machines", columns, rows)],
        not_covered=["What the machines cost: they are yours."],
    )


def _findings(hosts: HostsFile, seen: Sequence[Seen]) -> Iterator[Finding]:
    for it in seen:
        if it.version not in {"", version(hosts)}:
            yield Finding("warn", f"{it.host.name} has not what the file says.", "llmops infra up --hosts")
        if it.trouble:
            yield Finding("warn", it.trouble, "whether it is awake is not known")
        elif it.word == "failed":
            yield Finding("warn", f"{it.host.name}: vLLM has failed.", "journalctl --unit llmops-vllm on the machine")
        elif it.word in {"serving", "waking"} and it.lease_until is None:
            yield Finding(
                "warn",
                f"{it.host.name} is awake without a lease: nothing puts it to sleep.",
                "llmops infra wake --for 4h",
            )
