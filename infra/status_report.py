"""The state of a fallback as a report."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from llmops import __version__
from llmops.infra.awake import Group
from llmops.infra.spent import spent_usd
from llmops.money import shown_usd
from llmops.report import Column, Finding, Metric, Report, Table, report_id


def status_report(group: Group, system: Mapping[str, str], *, started_at: datetime, now: datetime) -> Report:
    spent, unpriced = spent_usd(group.instances, now)
    return Report(
        kind="infra-status",
        id=report_id("infra-status", started_at),
        started_at=started_at,
        finished_at=now,
        tool_version=__version__,
        title=f"Fallback {group.name}: {word(group)}",
        system=system,
        summary=[
            (
                f"{group.desired} wanted of at most {group.max_size}; "
                f"{group.healthy} of {group.registered} targets healthy."
            ),
            f"Since their launch the running instances have cost {shown_usd(spent)} USD on demand"
            + (f", without {len(unpriced)} whose price is unknown." if unpriced else "."),
        ],
        metrics=[Metric("fallback_spent_usd", None if unpriced else spent)],
        findings=list(_findings(group, unpriced)),
        tables=[_instances(group, now)],
        not_covered=["Load balancer, NAT gateways, storage and traffic: see `llmops infra plan`."],
    )


def word(group: Group) -> str:
    if group.desired > group.resting_size:
        return "awake" if group.healthy >= group.desired else "waking"
    if not group.resting_size:
        return "asleep"
    return "hot" if group.desired and group.healthy else "not serving"


def _findings(group: Group, unpriced: list[str]) -> Iterator[Finding]:
    if word(group) == "not serving":
        text = f"It is hot and nothing serves: {group.desired} wanted, {group.healthy} healthy."
        yield Finding("warn", text, "llmops infra wake; see the log group of the fallback")
    elif word(group) == "hot" and group.healthy < group.resting_size:
        yield Finding("warn", f"{group.healthy} of {group.resting_size} that stand by are healthy.")
    if group.desired > group.resting_size:
        if group.lease_until is None:
            yield Finding(
                "warn", "It is awake without a lease: nothing puts it to sleep.", "llmops infra wake --for 4h"
            )
        else:
            yield Finding("info", f"It sleeps at {group.lease_until:%Y-%m-%d %H:%M %Z}.", "wake again to renew")
    if group.registered > group.desired:
        yield Finding("info", f"{group.registered - group.desired} targets are being drained.")
    if unpriced:
        yield Finding("warn", f"Price unknown: {', '.join(unpriced)}.")


def _instances(group: Group, now: datetime) -> Table:
    rows = [
        [it.id, it.type, it.zone, it.state, None if it.launched_at is None else (now - it.launched_at).total_seconds()]
        for it in group.instances
    ]
    columns = [Column(name, name) for name in ("instance", "type", "zone", "state")]
    return Table("instances", "Instances", [*columns, Column("age", "age, s", "s")], rows)
