from llmops.costmodel.usage import reasons


def test_reasons_are_words_and_each_is_another() -> None:
    words = [value for name, value in vars(reasons).items() if name.isupper()]
    assert len(set(words)) == len(words)
    assert all(" " in word or word == "duplicate" for word in words)
