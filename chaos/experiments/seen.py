"""What was wrong with a request, in words: what came and what was expected, without a word of what anybody said."""

from dataclasses import dataclass

from llmops.chaos.experiments.evidence import Evidence, UserRequest
from llmops.chaos.experiments.outcomes import (
    SUCCESS,
    Outcome,
    answering,
    compared_with_wire,
    is_with_a_hole,
    model_of,
    outcome_of,
)
from llmops.chaos.experiments.redaction import redactor

SHOWN_CHARACTERS = 120  # of a name that the system gave


@dataclass(frozen=True)
class Seen:
    """One request, its outcome, and why that is its outcome."""

    request: UserRequest
    outcome: Outcome
    came: str
    expected: str

    @property
    def sentence(self) -> str:
        return f"{self.outcome.replace('_', ' ')}: {self.came}"


def seen(request: UserRequest, evidence: Evidence) -> Seen:
    """What came of a request."""
    outcome = outcome_of(request, evidence)
    came, expected = _told(request, outcome, evidence)
    hide = redactor(())
    return Seen(request, outcome, hide(came)[:SHOWN_CHARACTERS], hide(expected)[:SHOWN_CHARACTERS])


def _told(request: UserRequest, outcome: Outcome, evidence: Evidence) -> tuple[str, str]:  # noqa: PLR0911 - one for each
    match outcome:
        case "hang":
            begun = "" if request.status is None else f" after a head of status {request.status}"
            return f"no end in {request.deadline_s:g} s{begun}", "an answer or an error"
        case "storm":
            return f"{len(request.attempts)} attempts", f"{evidence.attempts_budget} at most"
        case "laundered":
            return _missing(request), _whole(request)
        case "masked_error":
            return _mask(request), _whole(request)
        case "wrong_model":
            return f"model {model_of(request)} answered", f"one of {', '.join(sorted(evidence.allowed_models))}"
        case "clean_error":
            return _error(request), _whole(request)
        case "degraded_honest":
            said = "a refusal" if request.refusal.strip() else f"finish reason {request.finish_reason}"
            return f"{said}, {_length(request)}", _whole(request)
        case "rescued":
            return f"a whole answer after {len(request.attempts)} attempts", "one attempt"
    return "a whole answer", "the same"


def _whole(request: UserRequest) -> str:
    if request.truth is not None:
        return f"the true answer of {len(request.truth.strip())} characters"
    attempt = answering(request)
    if attempt is None or not attempt.text_characters:
        return "a whole answer"
    return f"what {attempt.provider} sent: {attempt.text_characters} characters"


def _length(request: UserRequest) -> str:
    return f"{len(_answer(request))} characters"


def _answer(request: UserRequest) -> str:
    return ("".join(request.tool_arguments) if request.tool_arguments else request.text).strip()


def _missing(request: UserRequest) -> str:  # noqa: PLR0911 - one for each cause
    answer = _answer(request)
    if not answer and not request.refusal.strip():
        return f"status {request.status} and an empty answer"
    if request.truth is not None:
        return f"{len(answer)} characters: a part is missing{_where(answer, request.truth)}"
    if compared_with_wire(request) == "cut":
        return f"{len(answer)} characters: the beginning of what was sent"
    if request.finish_reason is None:
        return f"{len(answer)} characters without a finish reason"
    if request.stream and not request.terminated:
        return f"{len(answer)} characters without the terminal mark"
    attempt = answering(request)
    if attempt is not None and not attempt.complete:
        return f"{len(answer)} characters of an answer that its provider broke off"
    return f"{len(answer)} characters, finish reason {request.finish_reason}"


def _mask(request: UserRequest) -> str:
    begin = f"status {request.status} and"
    if request.error_type is not None:
        return f"{begin} an error object, {request.error_type}"
    if request.unreadable:
        return f"{begin} a body that is no JSON of its protocol ({request.content_type or 'of no content type'})"
    answer = _answer(request)
    if request.truth is not None:
        return f"another text than the true one, of {len(answer)} characters{_where(answer, request.truth)}"
    if compared_with_wire(request) == "other":
        return f"another text than its provider sent, of {len(answer)} characters"
    if not any(attempt.status in SUCCESS for attempt in request.attempts):
        return f"a text of {len(answer)} characters that no watched provider gave"
    return f"another text, of {len(answer)} characters"


def _where(answer: str, truth: str) -> str:
    """From which character on it differs."""
    truth = truth.strip()
    same = next((at for at, (a, b) in enumerate(zip(answer, truth, strict=False)) if a != b), None)
    if same is None:
        return " at its end" if len(answer) < len(truth) else f", with more behind character {len(truth)}"
    return f" from character {same + 1} on" if not is_with_a_hole(answer, truth) else f" at character {same + 1}"


def _error(request: UserRequest) -> str:
    named = f", {request.error_type}" if request.error_type else ""
    if request.transport_error:
        head = "" if request.status is None else f" after a head of status {request.status}"
        return f"the connection failed: {request.transport_error}{head}"
    if request.status not in SUCCESS:
        return f"status {request.status}{named}"
    if request.error_event:
        return f"an error event{named}"
    return f"finish reason {request.finish_reason}{named}"
