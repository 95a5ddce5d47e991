from llmops.costmodel.tco.assumptions import assumptions


def test_each_published_figure_has_a_source_and_a_date() -> None:
    for assumption in assumptions().values():
        assert assumption.source.what, assumption.name
        assert assumption.source.dated, assumption.name


def test_each_published_figure_says_where_it_applies() -> None:
    assert {assumption.applies_to for assumption in assumptions().values()} <= {"rented", "owned", "both"}
    assert "electricity" not in assumptions()  # of a rented GPU it is in the price; of owned ones only the user knows


def test_the_high_end_of_people_is_one_and_a_half_engineers() -> None:
    assert assumptions()["people"].value.high == 250_000 * 1.5 / 12
