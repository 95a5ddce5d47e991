"""The form of the head of a template: what it is, and what it asks for."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from llmops.errors import BadInput, nearest_hint
from llmops.metrics import METRICS

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Place = Literal["set", "file", "metric", "verdict", "summary", "findings", "not_covered", "scenarios", "table"]
OF_EVERY_PAGE = ("owner", "last_exercised")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class InputForm(_Strict):
    """One thing that a template asks for, and where it comes from."""

    from_: Place = Field(alias="from")
    what: Words
    optional: bool = False  # where it is missing, the page says "not measured"
    type: Literal["text", "word", "number", "date"] = "text"  # of what is given by --set
    default: Words | None = None
    metric: Words | None = None  # its name, unless the input bears it
    table: Words | None = None  # its name, unless the input bears it
    kinds: tuple[Words, ...] = ()  # of results to look in; none: all
    hint: str = ""  # what to do where it is missing

    @model_validator(mode="after")
    def _fits_its_place(self) -> "InputForm":
        if self.from_ != "set" and (self.type != "text" or self.default is not None):
            raise ValueError("`type` and `default` are of what is given by --set")
        if (self.metric and self.from_ != "metric") or (self.table and self.from_ != "table"):
            raise ValueError("`metric` and `table` name what comes from there")
        if self.from_ in {"set", "file"} and self.kinds:
            raise ValueError("`kinds` are of what is in a result")
        return self


class TemplateForm(_Strict):
    """The head of a template."""

    title: Words
    what: Words
    kind: Literal["runbook", "post-mortem", "brief"] = "runbook"
    owner: Words | None = None
    last_exercised: date | None = None
    exercised_by: tuple[Words, ...] = ()  # kinds of results and names of scenarios; none: any run, game day or drill
    inputs: dict[Words, InputForm] = {}


def form_of(data: Mapping[str, Any], at: Callable[..., str]) -> TemplateForm:
    """The form that a head has. BadInput that names the key; `at("inputs", "model")` says in which file and line."""
    try:
        form = TemplateForm.model_validate(dict(data))
    except ValidationError as error:
        raise _refusal(error, at) from error
    for name, asked in form.inputs.items():
        _refuse_name(name, asked, at("inputs", name))
    return form


def _refuse_name(name: str, asked: InputForm, where: str) -> None:
    if not name.isidentifier() or name in OF_EVERY_PAGE:
        why = "every page has it" if name in OF_EVERY_PAGE else "a name is letters, digits and _"
        raise BadInput(f"{where}: no input can be named {name!r}: {why}", hint="name it otherwise")
    metric = asked.metric or name
    if asked.from_ == "metric" and metric not in METRICS:
        raise BadInput(f"{where}: no metric is named {metric!r}", hint=nearest_hint(metric, METRICS))


def _refusal(error: ValidationError, at: Callable[..., str]) -> BadInput:
    first = error.errors(include_url=False, include_context=False)[0]
    path, where = ".".join(str(part) for part in first["loc"]), at(*map(str, first["loc"]))
    if first["type"] == "extra_forbidden":
        known = InputForm.model_fields if len(first["loc"]) > 1 else TemplateForm.model_fields
        names = [field.alias or name for name, field in known.items()]
        return BadInput(f"{where}: unknown key {path!r}", hint=nearest_hint(str(first["loc"][-1]), names))
    if first["type"] == "missing":
        return BadInput(f"{where}: {path!r} is missing", hint="it is required in the head of a template")
    return BadInput(f"{where}: {path}: {first['msg'].removeprefix('Value error, ')}", hint=f"found: {first['input']!r}")
