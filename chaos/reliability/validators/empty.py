"""Whether the answer says anything: visible text, a tool call, or a refusal by the protocol's own means."""

from dataclasses import dataclass

from llmops.chaos.reliability.exchange import Checked
from llmops.chaos.reliability.validators.base import VALID, Judgement, invalid, undecided
from llmops.chaos.reliability.validators.completeness import is_probe

CALLING = {"tool_calls", "function_call", "tool_use", "pause_turn"}  # finish reasons; a server's tools are not shown


@dataclass(frozen=True)
class Empty:
    """White space is nothing."""

    def judge(self, checked: Checked) -> Judgement:
        answer = checked.answer
        if answer.text.strip() or answer.tools or answer.refusals:
            return VALID
        if is_probe(checked) and answer.finishes:
            return undecided("the request hardly lets the answer say anything")
        if CALLING & set(answer.finishes.values()):
            return undecided("it says that a tool is called, and shows no call that is known")
        return _nothing(checked)


def _nothing(checked: Checked) -> Judgement:
    answer = checked.answer
    if answer.is_error or (answer.damage and not answer.is_json):
        return undecided("an error or damage, which completeness tells of")
    if not answer.is_json:
        return invalid("no answer at all", "only a terminal mark" if answer.streamed else "an empty body")
    if not answer.choices:
        return invalid("no choice, block or part in it")
    return invalid("white space only" if answer.text else "an empty text")
