import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from llmops.chaos import texts
from llmops.chaos.faults.wrong_language import WrongLanguage
from llmops.chaos.reliability.exchange import Checked
from llmops.chaos.reliability.validators.language import Language

TEXT_DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")
STREAMED = [(dialect, stream) for dialect in TEXT_DIALECTS for stream in (False, True)]
SENTENCES: dict[str, str] = tomllib.loads((Path(__file__).parents[1] / "sentences.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_a_healthy_answer_is_in_the_language_it_was_asked_in(
    healthy: Callable[..., Checked], dialect: str, stream: bool
) -> None:
    assert Language().judge(healthy(dialect, stream=stream)).outcome == "valid"


@pytest.mark.parametrize("what", ["structured", "tool"])
def test_structured_output_and_tools_have_no_language(healthy: Callable[..., Checked], what: str) -> None:
    assert Language().judge(healthy("openai_chat", what)).outcome == "undecided"


@pytest.mark.parametrize("language", texts.names("wrong_language"))
@pytest.mark.parametrize(("dialect", "stream"), STREAMED)
def test_another_language_is_seen(spoiled: Callable[..., Checked], language: str, dialect: str, stream: bool) -> None:
    judged = Language().judge(spoiled(WrongLanguage(language), dialect, stream=stream))
    assert (judged.outcome, judged.reason) == ("invalid", "another language than the request's")


@pytest.mark.parametrize("asked", SENTENCES)
def test_every_language_is_told_from_every_other(said: Callable[..., Checked], asked: str) -> None:
    outcomes = {one: Language().judge(said(SENTENCES[one], SENTENCES[asked])).outcome for one in SENTENCES}
    assert outcomes == {one: "valid" if one == asked else "invalid" for one in SENTENCES}


@pytest.mark.parametrize(
    "asked",
    [
        "Translate this for me, it is from the sign at the shop.",
        "What would you say to them in Thai if you were me?",
        "ok",  # of no language that could be told
        f"{SENTENCES['en']} But what is this, and what is it for?\n{SENTENCES['th'][:30]}",  # the request is in both
    ],
)
def test_where_the_request_may_have_asked_for_it_nothing_is_decided(said: Callable[..., Checked], asked: str) -> None:
    assert Language().judge(said(SENTENCES["th"], asked)).outcome == "undecided"


def test_a_system_prompt_in_the_language_of_the_answer_decides_nothing(said: Callable[..., Checked]) -> None:
    exchange = said(SENTENCES["de"], SENTENCES["en"])
    system = {
        "role": "system",
        "content": "Du bist der Assistent von einem Laden und antwortest nur auf das, was du weißt.",
    }
    request = {**exchange.request, "messages": [system, *exchange.request["messages"]]}
    assert Language().judge(Checked(request, exchange.response, exchange.dialect)).outcome == "undecided"
    assert Language().judge(exchange).outcome == "invalid"


QUESTION = "When do you open, and when is it closed?"


@pytest.mark.parametrize(("letters", "outcome"), [(0, "valid"), (24, "undecided"), (25, "invalid")])
def test_stray_letters_of_another_script(said: Callable[..., Checked], letters: int, outcome: str) -> None:
    """Anthropic, 25 August to 2 September 2025: Thai and Chinese tokens in English answers."""
    assert sum(map(str.isalpha, SENTENCES["en"])) == 99  # 24 of 123 are under a fifth, 25 of 124 over it
    assert Language().judge(said(f"{SENTENCES['en']} {'请' * letters}", QUESTION)).outcome == outcome


def test_a_single_letter_of_another_script_is_a_sign(said: Callable[..., Checked]) -> None:
    assert Language().judge(said(f"{SENTENCES['en']} It is 5 µm and β wide.", QUESTION)).outcome == "valid"
