"""`llmops chaos check`: judge recorded answers."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from llmops.chaos.cli.breaker_options import AllowModelOption
from llmops.cli_options import FormatOption, OutOption, check_format, finish, refuse_overwriting
from llmops.errors import BadInput, NoData

if TYPE_CHECKING:
    from llmops.chaos.reliability.validators.base import Validator
    from llmops.chaos.wire.dialect import Dialect


def check(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help="JSON lines: a journal with bodies, or {request, response}; - reads standard input."
        ),
    ],
    validator: Annotated[
        list[str] | None, typer.Option("--validator", help="Only this validator; repeat for more. Else all.")
    ] = None,
    allow_model: AllowModelOption = None,
    finish_optional: Annotated[
        bool, typer.Option("--finish-optional", help="This provider may leave the finish reason out.")
    ] = False,
    max_invalid: Annotated[
        float,
        typer.Option("--max-invalid", metavar="PERCENT", help="Fail when more of the judged answers are invalid."),
    ] = 0.0,
    max_rejected: Annotated[
        float, typer.Option("--max-rejected", metavar="PERCENT", help="Give no verdict when more lines cannot be read.")
    ] = 1.0,
    dialect: Annotated[
        str | None, typer.Option("--dialect", help="Of plain lines that do not say theirs; else by their shape.")
    ] = None,
    examples: Annotated[int, typer.Option("--examples", min=0, help="Lines to name for each reason.")] = 3,
    output_format: FormatOption = "text",
    out: OutOption = None,
) -> None:
    """Judge recorded answers by validators: complete, of the right schema, language and model, no refusal, no leak.

    Exit code 1 when more answers are invalid than may be, 3 when none could be judged.

    Example: llmops chaos check proxy.jsonl --allow-model "gpt-4o*" --max-invalid 1
    """
    from llmops.chaos.reliability.check import Checks, chosen_validators, numbered
    from llmops.chaos.reliability.check_report import Limits, check_report
    from llmops.chaos.reliability.lines import read_line
    from llmops.chaos.reliability.recorded import lines_of
    from llmops.chaos.reliability.validators.completeness import Completeness
    from llmops.chaos.reliability.validators.model import Model
    from llmops.live import waiting

    started_at = datetime.now(UTC)
    check_format(output_format)
    refuse_overwriting(out, [file])
    for option, percent in (("--max-invalid", max_invalid), ("--max-rejected", max_rejected)):
        if not 0 <= percent <= 100:  # noqa: PLR2004 - percent
            raise BadInput(f"{option} {percent:g} is no percentage", hint="give 0 to 100")
    settings: dict[str, Validator] = {
        "model": Model(tuple(allow_model or ())),
        "completeness": Completeness(finish_reason_required=not finish_optional),
    }
    checks = Checks(chosen_validators(validator or (), **settings), examples)
    spoken = None if dialect is None else _dialect(dialect)
    number = 0
    with waiting("checking"):
        for number, line in numbered(lines_of(file)):
            checks.add(number, read_line(line, dialect=spoken))
    if not number:
        raise NoData(f"{file} is empty", hint="record traffic with llmops chaos proxy --journal FILE --record-bodies")
    system = {"file": file, "validators": " ".join(checks.validators)}
    report = check_report(
        checks, Limits(max_invalid, max_rejected), system=system, started_at=started_at, finished_at=datetime.now(UTC)
    )
    finish(report, output_format, out)


def _dialect(name: str) -> "Dialect":
    from llmops.chaos.wire.dialects import DIALECTS
    from llmops.errors import UnknownName, nearest_hint

    if name not in DIALECTS:
        raise UnknownName(f"no dialect is named {name!r}", hint=nearest_hint(name, DIALECTS))
    return DIALECTS[name]
