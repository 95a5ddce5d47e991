"""`llmops chaos run` with experiments of Chaos Toolkit: played here, judged, and told in their journal too."""

import asyncio
import json
import os
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import typer

from llmops.chaos.cli.ending import Sigterm
from llmops.cli_options import finish
from llmops.errors import BadInput
from llmops.live import progress
from llmops.renderers import renderers

if TYPE_CHECKING:
    from llmops.chaos.experiments.chaostoolkit.document import Document
    from llmops.chaos.experiments.chaostoolkit.engine import Engine, Item
    from llmops.chaos.experiments.chaostoolkit.result import Ran
    from llmops.chaos.experiments.plan import Plan
    from llmops.chaos.experiments.result import Ran as OurRan
    from llmops.report import Report

T = TypeVar("T")


def is_theirs(word: str) -> bool:
    """Whether a word on the command line is the file of a Chaos Toolkit experiment."""
    from llmops.chaos.experiments.chaostoolkit.document import is_chaos_toolkit, read

    path = Path(word)
    return path.is_file() and is_chaos_toolkit(read(path)[0])


def run_theirs(words: Sequence[str], options: Mapping[str, object], out: Path | None, output_format: str) -> NoReturn:
    """Play them, one after another. BadInput where another kind is among them, or an option is not for them."""
    from llmops.chaos.experiments.private_files import write_private
    from llmops.report import report_id

    _refuse(words, options)
    documents = {_name(word): _document(word) for word in words}
    if len(documents) < len(words):
        raise BadInput("two of these files have one name", hint="run them one after the other")
    started_at = datetime.now(UTC)
    folder = out or Path("runs") / report_id("chaos", started_at)
    runs = []
    with progress() as show:
        for name, document in documents.items():
            runs.append(_ran(name, document, folder if len(documents) == 1 else folder / name, show))
    report = _report(runs, documents, folder, started_at)
    for file, form in (("result.json", "json"), ("report.html", "html")):
        write_private(folder / file, renderers.get(form)().render(report))
    finish(report, output_format, None)


def write_their_journal(plan: "Plan", ran: "OurRan", folder: Path) -> None:
    """The journal of one of our own runs, in their shape, beside ours."""
    from llmops.chaos.experiments.chaostoolkit.run_journal import run_journal
    from llmops.chaos.experiments.redaction import redactor
    from llmops.chaos.experiments.system import secrets_of

    redact = redactor(secrets_of(plan.experiment.system))
    now = datetime.now(UTC)
    journal = run_journal(plan.experiment, ran.evidence, ran.verdict, speed=plan.speed, redact=redact, now=now)
    _write_json(journal, folder)


def _write_json(journal: Mapping[str, Any], folder: Path) -> None:
    from llmops.chaos.experiments.private_files import write_private

    write_private(folder / "journal.json", json.dumps(journal, indent=2) + "\n")


def _refuse(words: Sequence[str], options: Mapping[str, object]) -> None:
    ours = next((word for word in words if not is_theirs(word)), None)
    if ours is not None:
        raise BadInput(
            f"{ours} is no Chaos Toolkit experiment, and the others are", hint="run them one after the other"
        )
    given = next((name for name, value in options.items() if value), None)
    if given is not None:
        raise BadInput(
            f"{given} is not for Chaos Toolkit experiments", hint="they say themselves what they do, and to whom"
        )


def _name(word: str) -> str:
    return Path(word).stem


def _document(word: str) -> "Document":
    from llmops.chaos.experiments.chaostoolkit.document import document_of, read

    return document_of(*read(Path(word)), os.environ)


def _ran(name: str, document: "Document", folder: Path, show: Callable[[str], None]) -> "Ran":
    """Play one, and write its journals, also when it is interrupted: then the process ends here."""
    from llmops.chaos.experiments.chaostoolkit.engine import Engine
    from llmops.chaos.experiments.journal import RunJournal
    from llmops.chaos.experiments.redaction import redactor

    folder.mkdir(parents=True, exist_ok=True)
    redact = redactor(document.values.secret_texts)
    steps = RunJournal(folder / "journal.jsonl", redact)

    def tell(item: "Item") -> None:
        steps.step(item.activity.name, where=item.where, failure=item.failure, tolerance_met=item.met)
        show(f"{name}: {item.activity.name}")

    engine = Engine(document, tell=tell)
    steps.step("began", experiment=name)
    try:
        interrupted = until_signalled(engine.run())
    finally:
        still_on = _let_go()
        ran = _judged(name, document, engine, still_on, redact)
        _write_journal(folder, document, engine, ran, redact)
        steps.step("ended", broke_off=engine.played.broke_off, still_on=still_on)
        steps.close()
    if interrupted:
        typer.echo(f"interrupted: rollbacks were played; journals: {folder}", err=True)
        raise typer.Exit(interrupted)
    return ran


def _let_go() -> Sequence[str]:
    """End the faults that our own actions began and no rollback ended; which may still be on."""
    from llmops.chaos.experiments.chaostoolkit.drill import release_all

    return release_all()


def _judged(
    name: str, document: "Document", engine: "Engine", still_on: Sequence[str], redact: Callable[[str], str]
) -> "Ran":
    from dataclasses import replace

    from llmops.chaos.experiments.chaostoolkit.result import Ran
    from llmops.chaos.experiments.chaostoolkit.verdict import judge

    verdict = judge(engine.played, redact)
    if still_on:
        verdict = replace(verdict, word="INVALID", reason=f"a fault may still be on: {still_on[0]}")
    return Ran(name, document.title, verdict)


def _write_journal(
    folder: Path, document: "Document", engine: "Engine", ran: "Ran", redact: Callable[[str], str]
) -> None:
    from llmops.chaos.experiments.chaostoolkit.journal import journal_of

    _write_json(journal_of(document.data, engine.played, ran.verdict, redact=redact), folder)


def _report(runs: "Sequence[Ran]", documents: "Mapping[str, Document]", folder: Path, started_at: datetime) -> "Report":
    from llmops import __version__
    from llmops.chaos.experiments.chaostoolkit.result import report_of
    from llmops.chaos.experiments.redaction import redactor
    from llmops.chaos.experiments.result import About

    redact = redactor(text for document in documents.values() for text in document.values.secret_texts)
    about = About(started_at, datetime.now(UTC), __version__, system={"runs": str(folder)})
    return report_of(runs, about, redact)


def until_signalled(work: Coroutine[Any, Any, T]) -> int:
    """Run it to its end; 0, or the exit code of the signal that cancelled it."""
    sigterm = Sigterm()

    async def main() -> None:
        sigterm.cancels_this()
        await work

    try:
        asyncio.run(main())
    except (KeyboardInterrupt, asyncio.CancelledError):
        return sigterm.exit_code
    return 0
