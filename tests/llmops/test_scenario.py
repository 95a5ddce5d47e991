"""What a report carries of a scenario."""

from llmops.scenario import Scenario, ScenarioReceipts


def test_what_was_not_measured_is_none_and_not_zero() -> None:
    bare = Scenario("name", "Title", "INVALID", "no request was sent")
    assert bare.usd is None
    assert bare.timeline is None
    assert bare.receipts == ScenarioReceipts(None, 0, 0)
    assert bare.times.first_receipt is None
