"""Answers of a run under the validators of `llmops chaos check`; a validator that sees nothing proves nothing."""

from collections.abc import Sequence

import orjson

from llmops.chaos.experiments.evidence import UserRequest
from llmops.chaos.reliability.exchange import Checked
from llmops.chaos.reliability.validators.base import Validator, validators
from llmops.chaos.wire.dialects import DIALECTS

CANARIES = (b"", b"<html><body>502 Bad Gateway</body></html>", b'{"error": {"message": "no", "type": "server_error"}}')
"""Answers that no validator may find valid: nothing, a page, an error."""
ASKED = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Who are you?"}]}


def require_validators(names: Sequence[str]) -> None:
    """UnknownName, with the nearest name as the hint, where there is no such validator."""
    for name in names:
        validators.get(name)


def is_valid(request: UserRequest, names: Sequence[str]) -> bool:
    """Whether all find the answer valid; undecided is not."""
    if not names:
        return True
    dialect = DIALECTS.get(request.dialect)
    if request.answer_body is None or dialect is None:
        return False
    checked = Checked(orjson.loads(request.body), request.answer_body, dialect, request.path)
    return all(_made(name).judge(checked).outcome == "valid" for name in names)


def blind_validators(names: Sequence[str]) -> list[str]:
    """Those that find an answer valid which is none."""
    canaries = [Checked(ASKED, answer, DIALECTS["openai_chat"], "/v1/chat/completions") for answer in CANARIES]
    return [name for name in names if any(_made(name).judge(canary).outcome == "valid" for canary in canaries)]


def _made(name: str) -> Validator:
    return validators.get(name)()
