# ruff: noqa: RUF001 - other languages have other letters

from collections.abc import Callable

import pytest

from llmops.chaos.faults.content_filter_finish import ContentFilterFinish
from llmops.chaos.faults.refusal_field import RefusalField
from llmops.chaos.faults.soft_refusal import SoftRefusal
from llmops.chaos.reliability.exchange import Checked
from llmops.chaos.reliability.validators.refusal import Refusal

TEXT_DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")
STREAMED = [(dialect, stream) for dialect in TEXT_DIALECTS for stream in (False, True)]


@pytest.mark.parametrize("what", ["text", "structured"])
@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_a_healthy_answer_is_no_refusal(healthy: Callable[..., Checked], dialect: str, stream: bool, what: str) -> None:
    assert Refusal().judge(healthy(dialect, what, stream=stream)).outcome == "valid"


def test_an_answer_of_tools_has_no_text_to_refuse_in(healthy: Callable[..., Checked]) -> None:
    assert Refusal().judge(healthy("gemini", "tool")).outcome == "undecided"


@pytest.mark.parametrize("text", ["sorry", "assistant", "hedge"])
@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_a_polite_refusal_is_seen(spoiled: Callable[..., Checked], text: str, dialect: str, stream: bool) -> None:
    judged = Refusal().judge(spoiled(SoftRefusal(text), dialect, stream=stream))
    assert (judged.outcome, judged.reason) == ("invalid", "refused in plain words")


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("dialect", ["openai_chat", "openai_responses", "anthropic_messages"])
def test_a_refusal_by_the_protocol_is_seen(spoiled: Callable[..., Checked], dialect: str, stream: bool) -> None:
    assert Refusal().judge(spoiled(RefusalField(), dialect, stream=stream)).reason == "refused"


@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_an_answer_withheld_by_a_filter_is_refused(spoiled: Callable[..., Checked], dialect: str, stream: bool) -> None:
    assert Refusal().judge(spoiled(ContentFilterFinish(), dialect, stream=stream)).reason == "refused"


@pytest.mark.parametrize(
    "text",
    [
        "I\u2019m sorry, but I can\u2019t help with that.",  # curly, as models write it
        "Es tut mir leid, aber ich kann bei dieser Anfrage nicht helfen.",
        "Je suis désolé, mais je ne peux pas vous aider avec cette demande.",
        "Lo siento, pero no puedo ayudarte con eso.",
        "Mi dispiace, ma non posso aiutarti con questa richiesta.",
        "Desculpe, mas não posso ajudar com isso.",
        "Het spijt me, maar ik kan daar niet bij helpen.",
        "Przykro mi, ale nie mogę pomóc w tej prośbie.",
        "Tyvärr kan jag inte hjälpa till med det.",
        "Üzgünüm, bu konuda yardımcı olamam.",
        "Извините, но я не могу помочь с этим запросом.",
        "抱歉，我无法回答这个问题。",
        "申し訳ありませんが、その質問にはお答えできません。",
        "죄송하지만, 해당 요청을 처리할 수 없습니다.",
        "عذراً، لا يمكنني معالجة هذا الطلب.",
    ],
)
def test_refusals_of_several_languages_are_seen(said: Callable[..., Checked], text: str) -> None:
    assert Refusal().judge(said(text)).outcome == "invalid"


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry to hear that! Try turning it off and on again.",
        "I can't wait to tell you: the answer is 42.",
        "It depends: for small data use a list, else a deque.",
        "Sorry for the delay. The capital of Mongolia is Ulaanbaatar.",
        "Es tut mir leid, die Lieferung verzögert sich um zwei Tage.",
        "Unfortunately the museum is closed on Mondays.",
        "对不起，让你久等了。答案是四十二。",
    ],
)
def test_an_apology_alone_is_no_refusal(said: Callable[..., Checked], text: str) -> None:
    assert Refusal().judge(said(text)).outcome == "valid"


def test_words_that_the_request_has_too_decide_nothing(said: Callable[..., Checked]) -> None:
    refusal = "I'm sorry, but I can't help with that."
    assert Refusal().judge(said(refusal, f"Make this friendlier: {refusal}")).outcome == "undecided"


def test_a_refusal_that_goes_on_at_length_decides_nothing(said: Callable[..., Checked]) -> None:
    start = "I can't provide that number, but here is what is known. "
    assert Refusal().judge(said(start + "x" * (1200 - len(start)))).outcome == "invalid"  # 1,200 characters
    assert Refusal().judge(said(start + "x" * (1201 - len(start)))).outcome == "undecided"
