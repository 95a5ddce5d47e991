"""Activities are read whole, may stand for one another, and what would be left out is refused."""

from typing import Any

import pytest

from llmops.chaos.experiments.chaostoolkit.activity import LIMIT_S, Activities, Activity
from llmops.chaos.experiments.chaostoolkit.part import Part
from llmops.chaos.experiments.chaostoolkit.values import Values
from llmops.chaos.experiments.loader import Source
from llmops.errors import BadInput

VALUES = Values({"wait": 3}, {})
TRUE = {"type": "process", "path": "true"}


def read(data: dict[str, Any], *named: dict[str, Any]) -> Activity:
    whole = {"method": [data, *named], "steady-state-hypothesis": {"probes": [probe(name="steady", tolerance=0)]}}
    part = Part(Source("a.yaml"), whole)
    return Activities(part, VALUES).of(part.parts("method")[0])


def probe(**more: Any) -> dict[str, Any]:
    return {"type": "probe", "name": "p", "provider": TRUE, **more}


def test_an_activity_is_read_whole() -> None:
    found = read(probe(pauses={"before": 1, "after": "${wait}"}, background=True, timeout=9, tolerance=0))
    assert (found.type, found.name, found.before_s, found.after_s) == ("probe", "p", 1.0, 3.0)
    assert (found.background, found.limit_s) == (True, 9.0)
    assert found.tolerance is not None


def test_one_that_says_nothing_of_time_waits_for_nothing_and_not_for_ever() -> None:
    found = read(probe())
    assert (found.before_s, found.after_s, found.background, found.limit_s) == (0, 0, False, LIMIT_S)


def test_a_reference_is_the_activity_of_that_name_also_of_the_hypothesis() -> None:
    assert read({"ref": "q"}, probe(name="q", pauses={"before": 2})).before_s == 2
    found = read({"ref": "steady", "background": True})
    assert (found.name, found.background) == ("steady", True)
    assert found.tolerance is not None


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (probe(type="check"), "method.0.type is 'check', neither probe nor action"),
        (probe(name=""), "method.0.name is empty"),
        (probe(provider=None), "method.0.provider has no 'type'"),
        (probe(controls=[{"name": "c"}]), "method.0.controls cannot be carried over"),
        (probe(dry=True), "method.0.dry cannot be carried over"),
        (probe(backgruond=True), "unknown key 'method.0.backgruond'"),
        (probe(type="action", tolerance=0), "method.0.tolerance cannot be carried over: an action has no output"),
        (probe(pauses={"before": "long"}), "method.0.pauses.before must be seconds, not 'long'"),
        (probe(pauses={"befor": 1}), "unknown key 'method.0.pauses.befor'"),
        (probe(timeout=-1), "method.0.timeout must be seconds, not -1"),
        (probe(background="yes"), "method.0.background must be true or false, not 'yes'"),
        ({"ref": "none"}, "method.0.ref: no activity is named 'none'"),
        (
            {"ref": "steady", "pauses": {"after": 1}},
            "method.0.pauses cannot be carried over: beside `ref` it has no effect",
        ),
    ],
)
def test_what_cannot_be_carried_over_is_refused_by_name(data: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput) as caught:
        read(data)
    assert words in str(caught.value)
