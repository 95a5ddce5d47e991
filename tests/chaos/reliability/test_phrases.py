from llmops.chaos.reliability.phrases import is_in, normal


def test_case_curly_signs_and_runs_of_space_do_not_count() -> None:
    assert normal("  I\u2019M\n\tSorry \u201cnow\u201d ") == 'i\'m sorry "now"'


def test_a_phrase_is_looked_for_in_every_text() -> None:
    assert is_in("i can't", ["No.", "And I  can\u2019t."])
    assert not is_in("i can't", ["I can."])
