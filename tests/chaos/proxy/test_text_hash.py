import pytest

from llmops.chaos.proxy.text_hash import compared, head_hashes, text_hash

WHOLE = "abcdefghij" * 7  # 70 characters: its heads are of 16, 32 and 64


def against(text: str, whole: str = WHOLE) -> str:
    return compared(text, text_hash(whole), head_hashes(whole), len(whole))


def test_heads_are_of_16_characters_and_then_twice_as_many_each() -> None:
    assert [len(head_hashes("x" * count)) for count in (0, 16, 17, 33, 65, 1000)] == [0, 0, 1, 2, 3, 6]


def test_a_hash_of_a_text_is_16_hexadecimal_digits_and_that_without_white_space_around_it() -> None:
    assert text_hash(f" {WHOLE}\n") == text_hash(WHOLE)
    assert len(text_hash(WHOLE)) == 16
    assert text_hash("a b") != text_hash("ab")
    assert text_hash("\ud83d")  # half a character is one too


@pytest.mark.parametrize("count", [1, 16, 17, 32, 33, 65, 69])
def test_a_beginning_is_cut(count: int) -> None:
    assert against(WHOLE[:count]) == "cut"


@pytest.mark.parametrize(
    "text", [WHOLE + "!", WHOLE + WHOLE, WHOLE.upper(), "x" + WHOLE[1:40], WHOLE[1:], WHOLE[:40] + "x" * 30]
)
def test_any_other_is_another(text: str) -> None:
    assert against(text) == "other"


def test_a_difference_behind_the_last_head_of_a_shorter_text_is_not_seen() -> None:
    assert against(WHOLE[:40] + "x" * 5) == "cut"
