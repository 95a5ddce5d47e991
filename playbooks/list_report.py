"""The templates that there are, as the one report."""

from collections.abc import Sequence
from datetime import datetime

from llmops.playbooks.inputs import EXERCISES
from llmops.playbooks.schema import InputForm
from llmops.playbooks.shelf import Template, is_ours
from llmops.playbooks.values import NOT_MEASURED, NOT_STATED
from llmops.report import Cell, Column, Report, Table, report_id

KIND = "playbook-list"
COLUMNS = (
    Column("name", "Template"),
    Column("kind", "Kind"),
    Column("needs", "Needs"),
    Column("of", "Of"),
    Column("what", "For", "detail"),
)
INPUTS = (Column("input", "Input"), Column("from", "From"), Column("else", "Else"), Column("what", "What", "detail"))


def report_of(templates: Sequence[Template], named: Sequence[Template], *, at: datetime, tool_version: str) -> Report:
    """All templates; of those that are named, the inputs too."""
    return Report(
        kind=KIND,
        id=report_id(KIND, at),
        started_at=at,
        finished_at=at,
        tool_version=tool_version,
        title="Playbooks",
        summary=[
            f"{len(templates)} templates; llmops playbook render NAME writes the page.",
            "llmops playbook list NAME tells what it takes.",
        ],
        tables=[
            *([] if named else [Table("templates", "Templates", COLUMNS, [_row(each) for each in templates])]),
            *(Table(each.name, each.form.title, INPUTS, _input_rows(each), note=each.form.what) for each in named),
        ],
    )


def _row(template: Template) -> Sequence[Cell]:
    inputs = template.form.inputs.items()
    needs = [_told(name, asked) for name, asked in inputs if not asked.optional and asked.default is None]
    owner = [] if template.form.owner else ["--set owner"]
    of = "ours" if is_ours(template) else template.file
    return (template.name, template.form.kind, ", ".join([*owner, *needs]), of, template.form.what)


def _input_rows(template: Template) -> list[Sequence[Cell]]:
    return [
        ("owner", "--set, or playbooks.owner", template.form.owner or "needed", "who answers for the page"),
        ("last_exercised", _exercise_of(template), "never", "day of the last exercise"),
        *((name, _told(name, asked), _else(asked), asked.what) for name, asked in template.form.inputs.items()),
    ]


def _exercise_of(template: Template) -> str:
    return f"--set, or a result of {' or '.join(template.form.exercised_by or EXERCISES)}"


def _else(asked: InputForm) -> str:
    missing = NOT_STATED if asked.from_ in {"set", "file"} else NOT_MEASURED
    return asked.default or (missing if asked.optional else "needed")


def _told(name: str, asked: InputForm) -> str:
    """Where it is found."""
    if asked.from_ in {"set", "file"}:
        return f"--set {name}{'=FILE' if asked.from_ == 'file' else ''}"
    named = {"metric": asked.metric, "table": asked.table}.get(asked.from_) or name
    what = f"the {asked.from_} {named}" if asked.from_ in {"metric", "table"} else asked.from_
    return f"{what} of {' or '.join(asked.kinds) or 'a result'}"
