"""How long a user waited, from when the request was due: free of coordinated omission. None is: it never came."""

from llmops.chaos.experiments.evidence import UserRequest
from llmops.chaos.experiments.outcomes import claims_success

LEAST_TOKENS = 2  # a time per further token needs a further token


def ttft_s(request: UserRequest) -> float | None:
    """To the first visible token."""
    return None if request.first_token_at is None else request.first_token_at - request.scheduled_at


def e2e_s(request: UserRequest) -> float | None:
    """To the end of an answer that claims to be one; an error is no answer, however fast."""
    if request.ended_at is None or not claims_success(request):
        return None
    return request.ended_at - request.scheduled_at


def tpot_s(request: UserRequest) -> float | None:
    """(E2E - TTFT) / (n - 1), of the output tokens; where they were not counted, of the visible pieces."""
    n = request.output_tokens or len(request.piece_times)
    if request.first_token_at is None or request.ended_at is None or n < LEAST_TOKENS or not claims_success(request):
        return None
    return (request.ended_at - request.first_token_at) / (n - 1)
