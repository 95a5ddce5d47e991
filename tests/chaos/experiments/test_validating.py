from typing import Any

import pytest

from llmops.chaos.experiments.validating import blind_validators, is_valid, require_validators
from llmops.chaos.reliability.validators.base import validators
from llmops.errors import UnknownName

MESSAGE = b'{"role":"assistant","content":"Hi"}'
ANSWER = b'{"model":"gpt-4o","choices":[{"index":0,"message":%s,"finish_reason":"stop"}]}' % MESSAGE


def test_no_validator_of_ours_is_blind() -> None:
    assert blind_validators(validators.names()) == []


def test_all_must_find_it_valid(make: Any) -> None:
    request = make.request(answer_body=ANSWER)
    assert is_valid(request, ())
    assert is_valid(request, ("completeness", "empty"))
    assert not is_valid(make.request(answer_body=ANSWER.replace(b'"stop"', b'"length"')), ("completeness", "empty"))
    assert not is_valid(make.request(answer_body=ANSWER.replace(b'"Hi"', b'""')), ("completeness", "empty"))


def test_undecided_is_not_valid(make: Any) -> None:
    """No schema was asked for."""
    assert not is_valid(make.request(answer_body=ANSWER), ("completeness", "schema"))


def test_what_was_not_kept_is_not_valid(make: Any) -> None:
    assert not is_valid(make.request(answer_body=None), ("completeness",))
    assert not is_valid(make.request(answer_body=ANSWER, dialect="morse"), ("completeness",))


def test_a_name_that_nobody_has_is_refused() -> None:
    require_validators(("completeness",))
    with pytest.raises(UnknownName):
        require_validators(("honesty",))
