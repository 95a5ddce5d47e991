"""The known text: a cut one shows, and the same conversation has the same one."""

from llmops.chaos.providers.answering.ask import Turn
from llmops.chaos.providers.answering.tokens import tokens
from llmops.chaos.providers.answering.truth import conversation_seed, is_whole, mark, report

HELLO = (Turn("user", "hello"),)


def test_every_cut_of_the_text_shows_and_the_whole_does_not() -> None:
    text = report(7)
    pieces = tokens(text)
    assert is_whole(text)
    assert not any(is_whole("".join(pieces[:kept])) for kept in range(len(pieces)))
    assert not any(is_whole("".join(pieces[dropped:])) for dropped in range(1, len(pieces)))


def test_the_end_of_another_report_is_no_end() -> None:
    head, tail = report(1), report(2)
    assert not is_whole(head[:40] + tail[40:])


def test_what_the_user_and_the_tools_said_decides_and_nothing_else() -> None:
    base = conversation_seed(HELLO, 0)
    assert conversation_seed((Turn("system", "be brief"), *HELLO, Turn("assistant", "Report")), 0) == base
    others = [
        conversation_seed((Turn("user", "hello!"),), 0),
        conversation_seed((*HELLO, Turn("tool", "sunny")), 0),
        conversation_seed(HELLO, 1),
        conversation_seed(HELLO, 0, choice=1),
    ]
    assert len({base, *others}) == 5


def test_the_mark_is_eight_digits() -> None:
    assert mark(0xABC) == "00000abc"
    assert f"Report {mark(9)}: " in report(9)


def test_most_texts_have_a_character_of_several_bytes_in_them() -> None:
    """Else a fault that cuts one (`utf8_split`) could not be shown. Of 10 nouns and 10 adjectives, a tenth each."""
    many = sum(not report(seed).isascii() for seed in range(1000)) / 1000
    assert abs(many - (1 - 0.9**20)) < 0.05
