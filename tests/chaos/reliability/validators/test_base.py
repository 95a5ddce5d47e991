import dataclasses

import pytest

from llmops.chaos.reliability.validators.base import VALID, Judgement, invalid, together, undecided, validators
from llmops.errors import UnknownName


def test_every_validator_is_found_by_name_and_says_what_it_asks() -> None:
    names = ["completeness", "empty", "error_text", "language", "leak", "model", "refusal", "repetition", "schema"]
    assert validators.names() == names
    assert all(validators.help(name).startswith("Whether ") for name in names)


@pytest.mark.parametrize("name", validators.names())
def test_a_validator_is_a_small_frozen_dataclass(name: str) -> None:
    kind = validators.get(name)
    assert dataclasses.is_dataclass(kind)
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(kind(), next((field.name for field in dataclasses.fields(kind)), "x"), 1)


def test_a_typo_is_answered_with_the_nearest_name() -> None:
    with pytest.raises(UnknownName) as caught:
        validators.get("refusals")
    assert caught.value.hint == "did you mean 'refusal'?"


@pytest.mark.parametrize(
    ("judgements", "outcome"),
    [
        ({"completeness": VALID, "empty": VALID}, "valid"),
        ({"completeness": VALID, "empty": VALID, "schema": undecided("none")}, "valid"),
        ({"completeness": VALID, "empty": VALID, "leak": invalid("a token")}, "invalid"),
        ({"completeness": undecided("unknown"), "empty": VALID, "leak": VALID}, "undecided"),
        ({"language": VALID}, "valid"),  # only what was asked for must be proven
        ({"language": undecided("too short")}, "undecided"),
        ({}, "undecided"),
    ],
)
def test_an_answer_is_good_only_when_that_is_proven(judgements: dict[str, Judgement], outcome: str) -> None:
    assert together(judgements) == outcome
