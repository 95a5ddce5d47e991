"""What became of a user request: exactly one outcome, and the facts behind it; docs/verdicts.md says both in words.

A check counts a fact, also where an earlier outcome hides it: a request that was laundered after a storm is both.
"""

from typing import Literal, get_args

from llmops.chaos.experiments.evidence import Attempt, Evidence, UserRequest
from llmops.chaos.experiments.selection import met_state
from llmops.chaos.proxy.text_hash import Compared, compared
from llmops.chaos.reliability.facts import finish_kinds
from llmops.chaos.reliability.validators.model import DATED

Outcome = Literal[
    "hang", "storm", "laundered", "masked_error", "wrong_model", "clean_error", "degraded_honest", "rescued", "ok"
]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

SUCCESS = range(200, 300)


def outcome_of(request: UserRequest, evidence: Evidence) -> Outcome:
    """The first that holds, in DESIGN's order."""
    holds: dict[Outcome, bool] = {
        "hang": is_hang(request),
        "storm": is_storm(request, evidence),
        "laundered": is_laundered(request),
        "masked_error": is_masked_error(request),
        "wrong_model": is_wrong_model(request, evidence),
        "clean_error": not claims_success(request),
        "degraded_honest": not is_whole(request),
        "rescued": len(request.attempts) > 1 or met_state(request, evidence.phases),
    }
    return next((outcome for outcome in OUTCOMES if holds.get(outcome)), "ok")


def is_good(request: UserRequest, evidence: Evidence) -> bool:
    """In time, whole, and from a model that may answer; one that nobody knows may not."""
    model = model_of(request)
    return not is_hang(request) and is_whole(request) and model is not None and allows(evidence, model)


def is_hang(request: UserRequest) -> bool:
    """Nothing ended it before its deadline."""
    if request.ended_at is None or request.transport_error == "timeout":
        return True
    return not request.ended_at - request.sent_at <= request.deadline_s  # so that NaN hangs too


def is_storm(request: UserRequest, evidence: Evidence) -> bool:
    """More attempts than the budget, over all providers."""
    return len(request.attempts) > evidence.attempts_budget


def claims_success(request: UserRequest) -> bool:
    """A 2xx that ended as its framing promised, without an error event or the dialect's word for failure."""
    return (
        request.status in SUCCESS
        and not request.transport_error
        and not request.error_event
        and _finish_kind(request) != "broken"
    )


def is_whole(request: UserRequest) -> bool:
    """A claimed success that holds the whole answer: equal to the truth, or, without one, whole by every mark.

    Without a truth a watched provider must have given the answer, in these words: else it was made up, old, or somebody
    else's.
    """
    if request.truth is not None or not looks_whole(request):
        return looks_whole(request)
    return answering(request) is not None and compared_with_wire(request) in {"same", ""}


def looks_whole(request: UserRequest) -> bool:
    """The same as far as the caller can see it: while a run lasts, nobody knows the attempts yet."""
    if not claims_success(request) or request.error_type is not None:
        return False
    if request.truth is not None:
        return _equals_truth(request, request.truth)
    is_answer = bool(request.text.strip() or request.tool_arguments) and not request.refusal.strip()
    return is_answer and not request.unreadable and _says_whole(request) and not _wire_had_more(request)


def is_reduced_honestly(request: UserRequest) -> bool:
    """A claimed success that is not whole, and says so: by a finish reason of its dialect, or by a refusal."""
    said = _finish_kind(request) in {"cut", "withheld"} or bool(request.refusal.strip())
    return claims_success(request) and said and not is_whole(request)


def is_laundered(request: UserRequest) -> bool:
    """A claimed success that is empty, or of which a part is missing, without saying so."""
    if not claims_success(request) or is_reduced_honestly(request) or is_whole(request):
        return False
    return not _is_an_error(request) and (not _has_content(request) or _misses_a_part(request))


def is_masked_error(request: UserRequest) -> bool:
    """A claimed success that is no answer: an error object, a foreign page, broken JSON, or another text than the true
    one.
    """
    is_answer = is_whole(request) or is_reduced_honestly(request) or is_laundered(request)
    return claims_success(request) and not is_answer


def is_wrong_model(request: UserRequest, evidence: Evidence) -> bool:
    """A claimed success from a model that may not answer, whether the caller can see it or not."""
    model = model_of(request)
    return claims_success(request) and model is not None and not allows(evidence, model)


def allows(evidence: Evidence, model: str) -> bool:
    """Whether this model may answer, by its own name or a dated one."""
    return any(model == allowed or is_dated_name(model, allowed) for allowed in evidence.allowed_models)


def is_dated_name(model: str, alias: str) -> bool:
    """Whether `model` is `alias` with a date or a version behind it."""
    return model.startswith(alias) and DATED.fullmatch(model, len(alias)) is not None


def model_of(request: UserRequest) -> str | None:
    """Which model really answered: what the provider told the system, before what the system tells the caller."""
    attempt = answering(request)
    told = None if attempt is None else attempt.model_answered
    return told or request.model_answered


def answering(request: UserRequest) -> Attempt | None:
    """The attempt whose answer the caller got: the last to end of those with a 2xx."""
    good = [attempt for attempt in request.attempts if attempt.status in SUCCESS]
    return max(good, key=lambda attempt: attempt.ended_at, default=None)


def _has_content(request: UserRequest) -> bool:
    return bool(request.text.strip() or request.tool_arguments or request.refusal.strip())


def _is_an_error(request: UserRequest) -> bool:
    """The body is an error object, or something that is not of this protocol at all: a page."""
    kind = (request.content_type or "").lower()
    is_foreign = "json" not in kind and "event-stream" not in kind
    return request.error_type is not None or (request.unreadable and request.answer_bytes > 0 and is_foreign)


def _equals_truth(request: UserRequest, truth: str) -> bool:
    if request.tool_arguments:
        return len(request.tool_arguments) == 1 and _same_json(request.tool_arguments[0], truth)
    return request.text.strip() == truth.strip()


def _same_json(one: str, other: str) -> bool:
    import orjson

    try:
        return bool(orjson.loads(one) == orjson.loads(other))
    except orjson.JSONDecodeError:
        return one == other


def _misses_a_part(request: UserRequest) -> bool:
    """With a truth: it is the truth with a hole, at either end or inside. Without: a mark is missing, or text is."""
    if request.truth is None:
        if request.unreadable or compared_with_wire(request) == "other":
            return False
        return not _says_whole(request) or _wire_had_more(request) or compared_with_wire(request) == "cut"
    answer = "".join(request.tool_arguments) if request.tool_arguments else request.text
    return is_with_a_hole(answer.strip(), request.truth.strip())


def is_with_a_hole(part: str, whole: str) -> bool:
    """Whether `part` is `whole` with one stretch of it taken out."""
    if len(part) >= len(whole):
        return False
    same = next((at for at, (a, b) in enumerate(zip(part, whole, strict=False)) if a != b), len(part))
    backwards = zip(reversed(part), reversed(whole), strict=False)
    same_at_end = next((at for at, (a, b) in enumerate(backwards) if a != b), len(part))
    return same + same_at_end >= len(part)


def compared_with_wire(request: UserRequest) -> Compared | Literal[""]:
    """The caller's text against those that the providers sent for it; empty where that says nothing.

    A stream may have begun with one attempt and gone on with the next: then only equality says something.
    """
    answers = [each for each in request.attempts if each.status in SUCCESS and each.upstream_status in SUCCESS]
    if not request.text.strip() or request.tool_arguments:
        return ""
    found = {_against(request.text, each) for each in answers}
    if "same" in found:
        return "same"
    if not found or "" in found or (request.stream and len(answers) > 1):
        return ""
    return "cut" if "cut" in found else "other"


def _against(text: str, attempt: Attempt) -> Compared | Literal[""]:
    if attempt.text_hash is None or attempt.text_characters is None:
        return ""
    return compared(text, attempt.text_hash, attempt.text_head_hashes, attempt.text_characters)


def _says_whole(request: UserRequest) -> bool:
    """Its finish reason is one that says so; a stream has its terminal mark too."""
    return _finish_kind(request) == "whole" and (request.terminated or not request.stream)


def _finish_kind(request: UserRequest) -> str:
    """What its finish reason says: whole, cut, withheld or broken; empty where it says none of these."""
    return finish_kinds(request.dialect).get(request.finish_reason or "", "")


def _wire_had_more(request: UserRequest) -> bool:
    """The provider's own answer was longer than what the caller got, or was itself cut."""
    attempt = answering(request)
    if attempt is None or request.tool_arguments or attempt.text_characters is None:
        return False
    if compared_with_wire(request) == "same":
        return not attempt.complete
    got = len(request.text) + len(request.refusal)
    return got < attempt.text_characters or (not attempt.complete and got <= attempt.text_characters)
