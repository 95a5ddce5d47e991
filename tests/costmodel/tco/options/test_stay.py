from llmops.costmodel.tco.lines import Range
from llmops.costmodel.tco.options.stay import Stay
from llmops.report import Source


def test_staying_is_one_line_of_the_api_bill() -> None:
    (line,) = Stay(Range.exactly(15_000), "stated", Source("api", "test"), "as stated").lines()
    assert (line.name, line.usd_per_month, line.basis) == ("api", Range.exactly(15_000), "stated")
