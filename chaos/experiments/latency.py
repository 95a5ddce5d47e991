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
    """(E2E - TTFT) / (n - 1), n the visible output tokens, as `llmops ttft` has it: TTFT is to the first visible one,
    so that those of reasoning came before. Where tokens were not counted n is that of the visible pieces.
    """
    n = len(request.piece_times)
    if request.output_tokens:
        n = request.output_tokens - (request.output_reasoning_tokens or 0)
    if request.first_token_at is None or request.ended_at is None or n < LEAST_TOKENS or not claims_success(request):
        return None
    return (request.ended_at - request.first_token_at) / (n - 1)
