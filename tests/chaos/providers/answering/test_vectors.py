"""Embeddings of a simulated model."""

import math

import pytest

from llmops.chaos.providers.answering.vectors import embedding


def similarity(left: list[float], right: list[float]) -> float:
    return sum(a * b for a, b in zip(left, right, strict=True))


def test_a_vector_has_length_one_and_is_the_same_each_time() -> None:
    vector = embedding("a red fox", "m", 64, 0)
    assert math.hypot(*vector) == pytest.approx(1)
    assert vector == embedding("A red  fox", "m", 64, 0)


def test_texts_with_the_same_words_are_near_and_others_are_not() -> None:
    fox, dog, law = (embedding(text, "m", 512, 0) for text in ("a red fox", "a red dog", "tax law"))
    assert similarity(fox, dog) > 0.5 > abs(similarity(fox, law)) * 2


def test_another_model_has_another_space() -> None:
    assert abs(similarity(embedding("a red fox", "m", 512, 0), embedding("a red fox", "n", 512, 0))) < 0.25


def test_fewer_dimensions_are_the_first_ones_brought_to_length_one() -> None:
    long, short = embedding("fox", "m", 64, 0), embedding("fox", "m", 16, 0)
    length = math.hypot(*long[:16])
    assert short == pytest.approx([value / length for value in long[:16]])


def test_an_empty_text_has_a_vector_too() -> None:
    assert math.hypot(*embedding("", "m", 8, 0)) == pytest.approx(1)
