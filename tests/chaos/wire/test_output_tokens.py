from llmops.chaos.wire.dialects import DIALECTS
from llmops.chaos.wire.output_tokens import scale_output


def test_reasoning_is_not_scaled() -> None:
    usage = {"completion_tokens": 40, "total_tokens": 60, "completion_tokens_details": {"reasoning_tokens": 10}}
    shape = DIALECTS["openai_chat"].shape
    payload = {"usage": usage}
    assert scale_output(list(shape.slots(payload)), shape, 0.55)
    assert (usage["completion_tokens"], usage["total_tokens"]) == (27, 47)  # 10 + ceil(30 * 0.55 = 16.5)


def test_gemini_counts_thoughts_apart() -> None:
    usage = {"candidatesTokenCount": 30, "thoughtsTokenCount": 10, "totalTokenCount": 60}
    shape = DIALECTS["gemini"].shape
    assert scale_output(list(shape.slots({"usageMetadata": usage})), shape, 0.5)
    assert (usage["candidatesTokenCount"], usage["totalTokenCount"]) == (15, 45)


def test_what_counts_nothing_is_left_alone() -> None:
    shape = DIALECTS["openai_chat"].shape
    usage = {"prompt_tokens": 9}
    assert not scale_output(list(shape.slots({"usage": usage})), shape, 0.5)
    assert usage == {"prompt_tokens": 9}
