"""Plain data that crosses the rooms."""

from llmops.ports import TimedCalls


def test_as_many_calls_as_the_columns_have_rows() -> None:
    assert len(TimedCalls(["m"] * 2, ["r"] * 2, [None] * 2, [True, False], [0.1] * 2, [0.2] * 2, [3.0] * 2)) == 2
    assert len(TimedCalls((), (), (), (), (), (), ())) == 0
