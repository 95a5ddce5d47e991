import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmops.chaos.wire.dialects import DIALECTS
from llmops.chaos.wire.laid_text import Texts, next_word, opened, spread
from llmops.chaos.wire.parts import Event
from llmops.chaos.wire.stages import CannotEditError


@given(text=st.text(), lengths=st.lists(st.integers(0, 20), min_size=1))
def test_a_spread_text_is_whole(text: str, lengths: list[int]) -> None:
    pieces = spread(text, lengths)
    assert ("".join(pieces), len(pieces)) == (text, len(lengths))


def test_a_text_is_spread_in_proportion() -> None:
    assert spread("abcdefgh", [1, 2, 1]) == ["ab", "cdef", "gh"]
    assert spread("abc", [0, 0]) == ["", "abc"]


@pytest.mark.parametrize(
    ("text", "first", "rest"),
    [("one two three", "one ", "two three"), ("one", "one", ""), ("", "", ""), (" one two", " one ", "two")],
)
def test_the_next_word_takes_its_space_along(text: str, first: str, rest: str) -> None:
    assert next_word(text) == (first, rest)


def test_texts_are_read_renewed_and_laid_by_key() -> None:
    shape = DIALECTS["openai_chat"].shape
    raws = [b'data: {"choices":[{"index":%d,"delta":{"content":"%s"}}]}\n\n' % it for it in
            ((0, b"ab"), (1, b"x"), (0, b"cd"))]  # fmt: skip
    events, texts = [opened(Event(raw), shape) for raw in raws], Texts("text")
    texts.read(events)
    assert sorted(texts.old.values()) == ["abcd", "x"]
    texts.renew(lambda old: old.upper() * 2)
    assert texts.ratio == 2
    texts.lay(events)
    assert [one.of("text")[0].value for one in events] == ["ABCD", "XX", "ABCD"]
    assert all(one.touched for one in events)


def test_an_event_whose_piece_stays_the_same_is_not_touched() -> None:
    shape = DIALECTS["openai_chat"].shape
    one = opened(Event(b'data: {"choices":[{"index":0,"delta":{"content":"AB"}}]}\n\n'), shape)
    texts = Texts("text")
    texts.read([one])
    texts.renew(str.upper)
    texts.lay([one])
    assert not one.touched


def test_arguments_that_are_an_object_stay_one_or_the_edit_is_refused() -> None:
    shape = DIALECTS["anthropic_messages"].shape
    raw = b'data: {"type":"message","content":[{"type":"tool_use","name":"f","input":{"a":1}}]}\n\n'
    one = opened(Event(raw), shape)
    texts = Texts("tool_arguments")
    texts.read([one])
    assert list(texts.old.values()) == ['{"a":1}']
    with pytest.raises(CannotEditError, match="the arguments are an object"):
        texts.renew(lambda _: '{"a":')
    texts.renew(lambda old: old.replace("1", "2"))
    texts.lay([one])
    assert one.of("tool_arguments")[0].value == {"a": 2}


def test_without_text_the_ratio_is_one() -> None:
    assert Texts("text").ratio == 1


def test_an_event_that_is_no_object_has_nothing_in_it() -> None:
    one = opened(Event(b"data: [DONE]\n\n"), DIALECTS["openai_chat"].shape)
    assert (one.payload, one.slots) == (None, [])
