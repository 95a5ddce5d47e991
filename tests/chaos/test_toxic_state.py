"""What a Toxiproxy tells, against what was asked; what a real one says is in test_toxiproxy.py."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from llmops.chaos.toxic_state import ProxyState, ToxicState
from llmops.errors import BadInput, OutsideFailed

SERVER = "http://127.0.0.1:8474"
FROM, TO = datetime(2026, 11, 25, 10, tzinfo=UTC), datetime(2026, 11, 25, 10, 0, 1, tzinfo=UTC)
ASKED = ToxicState(SERVER, "p", "slow", "latency", "downstream", 0.1, {"latency": 5}, FROM)
TOLD: dict[str, Any] = {
    "name": "slow", "type": "latency", "stream": "downstream", "toxicity": 0.1,
    "attributes": {"latency": 5, "jitter": 0},
}  # fmt: skip


def test_what_the_server_tells_besides_is_kept() -> None:
    told = ASKED.told(TOLD)
    told.check_is(ASKED)
    assert told.attributes == {"latency": 5, "jitter": 0}


def test_a_toxicity_may_come_back_as_a_float_of_32_bits() -> None:
    ASKED.told({**TOLD, "toxicity": 0.10000000149011612}).check_is(ASKED)


@pytest.mark.parametrize(
    ("other", "error", "message"),
    [
        (
            {"attributes": {"jitter": 0}},
            BadInput,
            "the toxic p/slow of the Toxiproxy at .*:8474 has no attribute 'latency'",
        ),
        ({"attributes": {"latency": 4}}, OutsideFailed, "has latency 4; 5 was asked for"),
        ({"type": "noop"}, OutsideFailed, "has type 'noop'; 'latency' was asked for"),
        ({"stream": "upstream"}, OutsideFailed, "has stream 'upstream'; 'downstream' was asked for"),
        ({"toxicity": 0.101}, OutsideFailed, "has a toxicity of 0.101; 0.1 was asked for"),
        ({"toxicity": 0}, OutsideFailed, "has a toxicity of 0; 0.1 was asked for"),
    ],
)
def test_what_was_not_taken_is_an_error(other: dict[str, Any], error: type[Exception], message: str) -> None:
    told = ASKED.told({**TOLD, **other})
    with pytest.raises(error, match=message):
        told.check_is(ASKED)


@pytest.mark.parametrize("told", [None, [], "x", {**TOLD, "toxicity": "1"}, {**TOLD, "attributes": []}, {"error": "x"}])
def test_what_is_no_toxic_is_no_toxiproxy(told: object) -> None:
    with pytest.raises(OutsideFailed, match=f"what answers at {SERVER} is no Toxiproxy"):
        ASKED.told(told)


@pytest.mark.parametrize("told", [None, {}, {"name": "p", "listen": "x", "upstream": "y", "enabled": "yes"}])
def test_what_is_no_proxy_is_no_toxiproxy(told: object) -> None:
    with pytest.raises(OutsideFailed, match="is no Toxiproxy"):
        ProxyState.told(SERVER, told)


def test_a_receipt_has_the_words_of_the_journal() -> None:
    assert replace(ASKED, at_to=TO, why="gone").receipt("off") == {
        "provider": "p",
        "injection": "slow",
        "fault": "latency",
        "state": "off",
        "connections": "not observable",
        "server": SERVER,
        "at_from": "2026-11-25T10:00:00.000000Z",
        "at_to": "2026-11-25T10:00:01.000000Z",
        "stream": "downstream",
        "toxicity": 0.1,
        "attributes": {"latency": 5},
        "why": "gone",
    }
    assert not {"at_to", "why"} & ASKED.receipt("on").keys()
