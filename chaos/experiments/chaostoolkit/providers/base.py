"""What a provider is: a frozen dataclass whose fields are those of the file, that can be called."""

from dataclasses import MISSING, fields
from typing import Protocol

from llmops.chaos.experiments.chaostoolkit.part import Part
from llmops.chaos.experiments.chaostoolkit.values import Values
from llmops.chaos.proxy.config import check_fields
from llmops.errors import BadInput
from llmops.registry import Registry


class ActivityFailed(Exception):
    """An activity could not be carried out, and says why."""


class Provider(Protocol):
    """One way to carry out an activity."""

    def refusal(self) -> str:
        """Why it can never be carried out here; empty: it can be tried."""
        ...

    def problem(self, output: object) -> str:
        """Why an action that gave this did nothing; empty: it did."""
        ...

    async def call(self, values: Values) -> object:
        """What it gives. ActivityFailed, or NoData where it says so itself. May be cancelled."""
        ...


providers: Registry[Provider] = Registry("kind of provider", "llmops.chaos.experiments.chaostoolkit.providers")


def make_provider(part: Part, values: Values) -> Provider:
    """The provider that a mapping describes. BadInput, with the line."""
    kind_name = part.text("type")
    try:
        kind = providers.get(kind_name)
    except BadInput as error:
        raise part.refusal(str(error), "type", hint=error.hint) from error
    known = fields(kind)  # type: ignore[arg-type] # every provider is a dataclass
    given = {name: value for name, value in part.data.items() if name != "type"}
    part.only(["type", *(each.name for each in known)], {})
    for each in known:
        if each.default is MISSING and each.default_factory is MISSING:
            part.text(each.name)
    for name, value in given.items():
        try:
            check_fields(kind_name, kind, {name: value})
        except BadInput as error:  # whose message shows the value, which may be a secret
            raise part.refusal(f"{part.dotted(name)} is of another kind", name, hint=error.hint) from error
    provider = kind(**given)
    refusal = provider.refusal()
    if refusal:
        raise part.refusal(f"{part.dotted()}: {refusal}")
    _check_names(part, values)
    return provider


def _check_names(part: Part, values: Values) -> None:
    for target in part.data.get("secrets") or ():
        if target not in values.secrets:
            raise part.refusal(f"{part.dotted('secrets')} names {target!r}, and there is no such target", "secrets")
    name = values.unknown_in(part.data)
    if name is not None:
        hint = f"add it there; $${{{name}}} stands for the text itself"
        raise part.refusal(f"{part.dotted()} names ${{{name}}}: neither configuration nor secrets have it", hint=hint)
