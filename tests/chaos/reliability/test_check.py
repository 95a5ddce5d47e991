from collections.abc import Callable

import pytest

from llmops.chaos.reliability.check import Checks, chosen_validators, judged, numbered
from llmops.chaos.reliability.exchange import Checked
from llmops.chaos.reliability.lines import Rejected, SetAside
from llmops.chaos.reliability.validators.model import Model
from llmops.errors import UnknownName

LEAK = "All done. <|im_end|>"


def test_lines_are_counted_by_what_is_known_of_them(said: Callable[..., Checked]) -> None:
    checks = Checks(chosen_validators())
    checks.add(1, said("I am an assistant, and what I say is true."))
    checks.add(2, said(LEAK))
    checks.add(3, said("I", finish="length", max_tokens=1))  # cut as it was asked to be: neither good nor bad
    checks.add(4, Rejected("no JSON object"))
    checks.add(5, SetAside("a note"))
    assert checks.lines == {"valid": 1, "invalid": 1, "undecided": 1}
    assert checks.decided == 2
    assert (checks.rejected, checks.set_aside) == ({"no JSON object": 1}, {"a note": 1})
    assert checks.by_validator["leak"] == {"valid": 2, "invalid": 1}


def test_examples_name_their_line_and_are_no_more_than_asked(said: Callable[..., Checked]) -> None:
    checks = Checks(chosen_validators(["leak"]), examples_each=2)
    for number in range(10, 15):
        checks.add(number, said(LEAK))
    assert [(one.line, one.validator, one.evidence) for one in checks.examples] == [
        (10, "leak", "chatml: <|im_end|>"),
        (11, "leak", "chatml: <|im_end|>"),
    ]
    assert checks.reasons["leak"] == {("invalid", "a control token in the text"): 5}


def test_evidence_never_quotes_what_was_said(said: Callable[..., Checked]) -> None:
    private = "Ann Example, born 1 April 1970"
    exchange = said(f"I'm sorry, but I can't help with {private}. <|im_end|> {private}", f"Is it {private}?")
    for judgement in judged(exchange, chosen_validators()).values():
        assert private not in judgement.evidence + judgement.reason


def test_a_validator_may_be_set_and_chosen(said: Callable[..., Checked]) -> None:
    chosen = chosen_validators(["model"], model=Model(("claude*",)))
    assert list(chosen) == ["model"]
    assert judged(said("yes"), chosen)["model"].outcome == "invalid"
    with pytest.raises(UnknownName):
        chosen_validators(["modell"])


def test_lines_keep_their_numbers_when_blank_ones_are_left_out() -> None:
    assert list(numbered([b"a", b"", b"  ", b"b"])) == [(1, b"a"), (4, b"b")]
