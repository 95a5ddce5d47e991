from collections.abc import Callable

from llmops.chaos.faults.content_filter_finish import ContentFilterFinish

WORDS = {
    "openai_chat": "content_filter",
    "openai_responses": ("incomplete", {"reason": "content_filter"}),
    "anthropic_messages": "refusal",
    "gemini": "SAFETY",
}


def test_the_text_and_its_finish(text_and_finish: Callable[..., None]) -> None:
    text_and_finish(ContentFilterFinish(), lambda _: "", WORDS, "withheld by a filter")
