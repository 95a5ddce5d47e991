from typing import Any


def test_the_faults_of_an_attempt_are_those_of_its_receipts(make: Any) -> None:
    assert make.refused().faults == ("unavailable",)
    assert make.attempt().faults == ()


def test_what_was_said_is_not_printed(make: Any) -> None:
    shown = repr(make.request(text="a secret", body=b"another secret", answer_body=b"a third secret"))
    assert "secret" not in shown
    assert "Report 0badcafe" not in shown  # nor the truth
