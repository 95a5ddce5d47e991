"""What a page says, as the one report: its values with their sources and dates, and what was not measured."""

from collections.abc import Iterator
from datetime import datetime

from llmops.playbooks.inputs import Given, values_of
from llmops.playbooks.shelf import Template
from llmops.playbooks.values import Figure, Many, Missing, Origin, Played, Said, Tabled, Word
from llmops.report import Cell, Column, Report, Source, Table, report_id

KIND = "playbook"
COLUMNS = (
    Column("input", "Input"),
    Column("value", "Value"),
    Column("source", "Source"),
    Column("dated", "Date"),
)


def report_of(template: Template, given: Given, *, started_at: datetime, tool_version: str) -> Report:
    """The report of a rendering. BadInput as the page itself."""
    values = values_of(template, given)
    missing = [name for name, value in values.items() if isinstance(value, Missing)]
    rows = [row for name, value in values.items() for row in _rows(name, value)]
    return Report(
        kind=KIND,
        id=report_id(KIND, started_at),
        started_at=started_at,
        finished_at=started_at,
        tool_version=tool_version,
        title=template.form.title,
        system={"template": template.name, "owner": str(values["owner"]), "kind": template.form.kind},
        summary=[template.form.what],
        tables=[Table("values", "What the page says", COLUMNS, rows)],
        sources=[Source(each.file, f"a {each.kind}: {each.title}", each.dated) for each in given.results],
        not_covered=[f"{name}: {values[name]}: {template.form.inputs[name].what}" for name in missing],
    )


def _rows(name: str, value: object) -> Iterator[tuple[Cell, ...]]:
    if isinstance(value, Many):
        for each in value:
            yield from _rows(name, each)
    elif isinstance(value, Figure):
        told = f"{value.value} ({value.certainty})" if value.certainty else value.value
        yield (value.what, told, *_of(value.origin))
    elif isinstance(value, Played):
        yield (name, f"{value.name}: {value.verdict}. {value.scenario.reason}", *_of(value.origin))
    elif isinstance(value, Tabled):
        yield (name, f"{value.table.title}: {len(value.table.rows)} rows", *_of(value.origin))
    elif isinstance(value, Said):
        yield (name, value.text, *_of(value.origin))
    elif isinstance(value, Word):
        yield (name, str(value), "stated by --set", None)


def _of(origin: Origin | None) -> tuple[Cell, Cell]:
    return ("stated", None) if origin is None else (origin.what, origin.dated)
