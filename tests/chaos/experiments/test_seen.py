from dataclasses import replace
from typing import Any

import pytest

from llmops.chaos.experiments.seen import Seen, seen
from llmops.chaos.proxy.text_hash import head_hashes, text_hash


def told(make: Any, **more: Any) -> Seen:
    one = make.request(**{"attempts": (make.attempt(),), **more})
    return seen(one, make.evidence(requests=(one,)))


PAGE = {"unreadable": True, "content_type": "text/html", "text": "", "answer_bytes": 100}


@pytest.mark.parametrize(
    ("more", "outcome", "came", "expected"),
    [
        ({"took": 16.0}, "hang", "no end in 15 s after a head of status 200", "an answer or an error"),
        ({"text": ""}, "laundered", "status 200 and an empty answer", "the true answer of 81 characters"),
        ({"text": "Report 0badcafe:"}, "laundered", "16 characters: a part is missing at its end", "true answer of 81"),
        ({"text": "I cannot."}, "masked_error", "another text than the true one, of 9 characters from", "81"),
        ({"error_type": "server_error"}, "masked_error", "status 200 and an error object, server_error", "81"),
        (PAGE, "masked_error", "no JSON of its protocol (text/html)", "81"),
        ({"status": 502, "text": "", "error_type": "upstream"}, "clean_error", "status 502, upstream", "81"),
        ({"transport_error": "reset"}, "clean_error", "the connection failed: reset after a head of status 200", "81"),
        ({"text": "Report", "finish_reason": "length"}, "degraded_honest", "finish reason length, 6 characters", "81"),
    ],
)  # fmt: skip
def test_each_outcome_has_its_words(make: Any, more: dict[str, Any], outcome: str, came: str, expected: str) -> None:
    found = told(make, **more)
    assert found.outcome == outcome
    assert came in found.came
    assert expected in found.expected


def test_the_text_with_more_behind_it_says_where_it_should_end(make: Any) -> None:
    assert told(make, text=make.TRUTH + " Buy!").came.endswith(", of 86 characters, with more behind character 81")


def test_a_wrong_model_is_named_with_those_that_may_answer(make: Any) -> None:
    found = told(make, attempts=(make.attempt(model_answered="gpt-3.5"),))
    assert (found.came, found.expected) == ("model gpt-3.5 answered", "one of gpt-4o, gpt-4o-mini")


def test_of_a_real_provider_it_says_what_was_sent(make: Any) -> None:
    sent = "The river is long and goes to the sea."
    wire = make.attempt(text_characters=38, text_hash=text_hash(sent), text_head_hashes=tuple(head_hashes(sent)))
    found = told(make, truth=None, text="Another one of 29 characters.", attempts=(wire,))
    assert found.sentence == "masked error: another text than its provider sent, of 29 characters"
    assert found.expected == "what primary sent: 38 characters"
    assert (
        told(make, truth=None, text=sent[:20], attempts=(wire,)).came == "20 characters: the beginning of what was sent"
    )
    assert (
        told(make, truth=None, text="Made up.", attempts=()).came
        == "a text of 8 characters that no watched provider gave"
    )


def test_nobodys_words_are_in_it_and_no_keys(make: Any) -> None:
    key = "sk-abcdefgh12345678"
    found = told(make, text="My secret plan", error_type=f"bad key {key} " + "x" * 300)
    assert "plan" not in found.came
    assert key not in found.came
    assert len(found.came) == 120
    assert replace(found.request, error_type=None).text  # it was there to be told
