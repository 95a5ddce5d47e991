"""One activity of a Chaos Toolkit file: a probe or an action, its provider, and when it waits."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from llmops.chaos.experiments.chaostoolkit.part import Part
from llmops.chaos.experiments.chaostoolkit.providers.base import Provider, make_provider
from llmops.chaos.experiments.chaostoolkit.tolerance import Tolerance, tolerance_of
from llmops.chaos.experiments.chaostoolkit.values import Values

LIMIT_S = 600.0
"""How long an activity may take unless its `timeout` says otherwise. Chaos Toolkit waits for ever."""
KNOWN = ("type", "name", "provider", "tolerance", "pauses", "background", "timeout")
NOT_BESIDE_REF = ("type", "name", "provider", "tolerance", "pauses", "timeout")
NOT_CARRIED = {
    "controls": "controls run code around activities, which this runner does not",
    "dry": "an activity that is left out proves nothing",
}


@dataclass(frozen=True)
class Activity:
    """What is done, or looked at."""

    data: Mapping[str, Any]  # as it stands in the file: the journal tells it so
    type: Literal["probe", "action"]
    name: str
    provider: Provider
    tolerance: Tolerance | None = None
    before_s: float = 0.0
    after_s: float = 0.0
    background: bool = False
    limit_s: float = LIMIT_S


class Activities:
    """Reads activities; one may stand for another by its name."""

    def __init__(self, whole: Part, values: Values) -> None:
        self._values = values
        named = [*whole.part("steady-state-hypothesis").parts("probes"), *whole.parts("method")]
        self._named = {
            str(part.data["name"]): part for part in named if part.data.get("name") and "ref" not in part.data
        }

    def of(self, part: Part) -> Activity:
        """BadInput, with the line."""
        if "ref" not in part.data:
            return self._activity(part)
        name = part.text("ref")
        part.only(("ref", "background"), dict.fromkeys(NOT_BESIDE_REF, f"beside `ref` it has no effect on {name!r}"))
        if name not in self._named:
            known = ", ".join(sorted(self._named)) or "there is none"
            raise part.refusal(f"{part.dotted('ref')}: no activity is named {name!r}", "ref", hint=f"known: {known}")
        return replace(self._activity(self._named[name]), background=part.truth("background"))

    def _activity(self, part: Part) -> Activity:
        part.only(KNOWN, NOT_CARRIED)
        kind, name = part.text("type"), part.text("name")
        if kind not in {"probe", "action"}:
            raise part.refusal(f"{part.dotted('type')} is {kind!r}, neither probe nor action", "type")
        if kind == "action" and "tolerance" in part.data:
            message = f"{part.dotted('tolerance')} cannot be carried over: an action has no output to tolerate"
            raise part.refusal(message, "tolerance", hint="make it a probe, or take the tolerance out")
        before_s, after_s = self._pauses(part)
        return Activity(
            data=part.data,
            type="probe" if kind == "probe" else "action",
            name=name,
            provider=make_provider(part.part("provider"), self._values),
            tolerance=tolerance_of(part, self._values),
            before_s=before_s,
            after_s=after_s,
            background=part.truth("background"),
            limit_s=_seconds(part, "timeout", part.data.get("timeout"), LIMIT_S),
        )

    def _pauses(self, part: Part) -> tuple[float, float]:
        pauses = part.part("pauses")
        pauses.only(("before", "after"), {})
        before, after = (self._values.filled(pauses.data.get(name)) for name in ("before", "after"))
        return _seconds(pauses, "before", before, 0.0), _seconds(pauses, "after", after, 0.0)


def _seconds(part: Part, name: str, value: object, default: float) -> float:
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise part.refusal(f"{part.dotted(name)} must be seconds, not {value!r}", name)
    return float(value)
