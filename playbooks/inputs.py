"""What a template asked for, found in results and in what was given; or the sentence that says what is missing."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from llmops.errors import BadInput, UnknownName, nearest_hint
from llmops.playbooks.results.schema import Result
from llmops.playbooks.schema import OF_EVERY_PAGE, InputForm
from llmops.playbooks.shelf import Template
from llmops.playbooks.values import (
    NOT_MEASURED,
    NOT_STATED,
    Figure,
    Many,
    Missing,
    Origin,
    Played,
    Said,
    Tabled,
    Word,
    origin_of,
)

WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+=,-]*")
NUMBER = re.compile(r"-?\d[\d,_]*(?:\.\d+)?")
EXERCISES = ("chaos-run", "gameday", "infra-drill")  # kinds of results in which a page is put to use
DECIDED = ("PASS", "FAIL")  # an INVALID run exercised nothing
NEVER = "never"


@dataclass(frozen=True)
class Given:
    """What whoever renders the page brings."""

    results: Sequence[Result] = ()
    settings: Mapping[str, str] = field(default_factory=dict)  # by --set
    owner: str | None = None  # of the configuration
    today: date = date.min


def values_of(template: Template, given: Given) -> dict[str, object]:
    """A value for every input. BadInput with the line of the first that is missing; nothing is made up."""
    _refuse_unknown(template, given)
    found = {name: _value(template, name, asked, given) for name, asked in template.form.inputs.items()}
    return {**found, "owner": _owner(template, given), "last_exercised": _last_exercised(template, given)}


def _refuse_unknown(template: Template, given: Given) -> None:
    inputs = template.form.inputs
    known = [*OF_EVERY_PAGE, *(name for name, asked in inputs.items() if asked.from_ in {"set", "file"})]
    for name in given.settings:
        if name not in known:
            raise UnknownName(f"{template.name} takes no --set {name}", hint=nearest_hint(name, known))


def _value(template: Template, name: str, asked: InputForm, given: Given) -> object:
    if asked.from_ == "set":
        return _set(template, name, asked, given)
    if asked.from_ == "file":
        return _file(template, name, asked, given)
    results = [each for each in given.results if not asked.kinds or each.kind in asked.kinds]
    items = [item for each in results for item in _items(name, asked, each)]
    return Many(items) if items else _missing(template, name, asked, given)


def _set(template: Template, name: str, asked: InputForm, given: Given) -> object:
    text = given.settings.get(name, asked.default)
    if text is None or not text.strip():
        return _missing(template, name, asked, given)
    if asked.type == "word" and not WORD.fullmatch(text):
        raise BadInput(f"--set {name}: {text!r} is more than a word, and it stands in commands", hint=f"{asked.what}")
    if asked.type == "number" and not NUMBER.fullmatch(text):
        raise BadInput(f"--set {name}: {text!r} is no number", hint=asked.what)
    if asked.type == "date":
        return Said(str(_date(name, text)))
    if asked.type == "word":
        return Word(text)
    stated = Origin("stated by --set" if name in given.settings else f"default of {template.name}", given.today)
    return Said(text, stated if any(sign.isdigit() for sign in text) else None)


def _file(template: Template, name: str, asked: InputForm, given: Given) -> object:
    if name not in given.settings:
        return _missing(template, name, asked, given)
    path = Path(given.settings[name])
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise BadInput(f"--set {name}: cannot read {path}: {error.strerror}", hint=asked.what) from error
    except UnicodeDecodeError as error:
        raise BadInput(f"--set {name}: {path} is not UTF-8 text", hint="save it as UTF-8") from error
    return Many([Said(line, None) for line in lines if line.strip()])


def _items(name: str, asked: InputForm, result: Result) -> list[object]:
    origin = origin_of(result)
    if asked.from_ == "metric":
        return [*_figures(asked.metric or name, result)]
    if asked.from_ == "verdict":
        told = result.verdict
        return [] if told is None else [Said(f"{told.word}: {told.because}", origin)]
    if asked.from_ == "scenarios":
        return [Played(each, origin) for each in result.scenarios]
    if asked.from_ == "table":
        named = asked.table or name
        return [Tabled(each, origin) for each in result.tables if each.name == named and each.rows]
    if asked.from_ == "findings":
        texts = [f"{each.level}: {each.text}" + (f" → {each.hint}" if each.hint else "") for each in result.findings]
    else:
        texts = [*(result.summary if asked.from_ == "summary" else result.not_covered)]
    return [Said(text, origin) for text in texts]


def _figures(name: str, result: Result) -> list[Figure]:
    """That of the whole; where a result tells only its parts, each of them."""
    found = [Figure(each, origin_of(result)) for each in result.metrics if each.name == name]
    return [each for each in found if not each.metric.scope] or found


def _missing(template: Template, name: str, asked: InputForm, given: Given) -> Missing:
    if asked.optional:
        return Missing(NOT_STATED if asked.from_ in {"set", "file"} else NOT_MEASURED)
    at = template.at("inputs", name)
    if asked.from_ in {"set", "file"}:
        kind = "=FILE" if asked.from_ == "file" else "=…"
        raise BadInput(f"{at}: {template.name} needs {name}: {asked.what}", hint=asked.hint or f"--set {name}{kind}")
    named = {"metric": asked.metric, "table": asked.table}.get(asked.from_) or name
    what = f"the {asked.from_} {named}" if asked.from_ in {"metric", "table"} else name
    where = "no --result is given" if not given.results else f"none of the {len(given.results)} results has it"
    of = f" of kind {' or '.join(asked.kinds)}" if asked.kinds else ""
    raise BadInput(f"{at}: {template.name} asks for {what}{of}, and {where}", hint=asked.hint or f"--result FILE{of}")


def _owner(template: Template, given: Given) -> Said:
    for owner in (given.settings.get("owner"), given.owner, template.form.owner):
        if owner and owner.strip():
            return Said(owner)
    raise BadInput(
        f"{template.at('title')}: {template.name} has no owner",
        hint="--set owner=NAME, or playbooks.owner in llmops.yaml",
    )


def _last_exercised(template: Template, given: Given) -> Said:
    """As stated; else the day of the youngest exercise among the results; else the template's; else never."""
    if text := given.settings.get("last_exercised"):
        day = _date("last_exercised", text)
        if day > given.today:
            raise BadInput(f"--set last_exercised: {day} is in the future", hint="the day of the last exercise")
        return Said(str(day))
    asked = template.form.exercised_by or EXERCISES
    days = [each.dated for each in given.results if _is_exercise(each, asked)]
    last = max(days, default=template.form.last_exercised)
    return Said(NEVER if last is None else str(last))


def _is_exercise(result: Result, asked: Sequence[str]) -> bool:
    """A result of a kind, or with a scenario, that puts the page to use, and that decided something."""
    if result.kind not in EXERCISES:
        return False
    if result.kind in asked:
        return result.verdict is not None and result.verdict.word in DECIDED
    return any(each.name in asked and each.verdict in DECIDED for each in result.scenarios)


def _date(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(f"--set {name}: {text!r} is no date", hint="write it as 2026-11-25") from error
