"""The journal in Chaos Toolkit's shape: as theirs where both mean the same, and without any secret."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from llmops.chaos.experiments.chaostoolkit.journal import guarded, plain, run_item, without_secrets
from llmops.chaos.proxy.journal import utc_now

Play = Callable[..., Any]
SECRET = "hunter22-of-the-cluster"  # noqa: S105 - of this test


def test_it_has_what_theirs_has(ours: Play, theirs: Play, build: Any) -> None:
    data = build.experiment(build.action("give"), build.probe("boom"), rollbacks=[build.action("give", "undo")])
    mine, their = ours(data).journal, theirs(data)
    assert set(their) <= set(mine)
    assert set(mine) - set(their) == {"llmops"}
    for part in ("run", "rollbacks"):
        assert [set(each) for each in mine[part]] == [set(each) for each in their[part]]
        assert [each["activity"] for each in mine[part]] == [each["activity"] for each in their[part]]
        assert [each["output"] for each in mine[part]] == [each["output"] for each in their[part]]
        assert [each["status"] for each in mine[part]] == [each["status"] for each in their[part]]
    for when in ("before", "after"):
        assert mine["steady_states"][when]["steady_state_met"] is their["steady_states"][when]["steady_state_met"]
        assert set(mine["steady_states"][when]["probes"][0]) == set(their["steady_states"][when]["probes"][0])


def test_the_verdict_stands_in_it(ours: Play, build: Any) -> None:
    journal = ours(build.experiment(build.action("boom"))).journal
    assert journal["llmops"]["verdict"] == "INVALID"
    assert "RuntimeError" in journal["llmops"]["reason"]
    assert (journal["status"], journal["deviated"]) == ("failed", False)
    assert any("it does not work" in line for line in journal["run"][0]["exception"])


def test_no_secret_gets_in_whatever_gives_it_away(ours: Play, build: Any) -> None:
    data = build.experiment(
        build.action("give", value="${token}"),
        build.probe("give", name="headers", value={"Set-Cookie": "id=abcdef", "Server": "nginx", "max_tokens": 5}),
        build.probe("boom", name="fails", words="cannot log in with ${token}"),
        build.probe("give", name="looks", value="Authorization: Bearer abcdefgh"),
        secrets={"api": {"token": {"type": "env", "key": "TOKEN"}, "inline": "plain-as-day"}},
        configuration={"api_key": "k-1234567890"},
    )
    played = ours(data, {"TOKEN": SECRET})
    text = json.dumps(played.journal)
    for hidden in (SECRET, "id=abcdef", "abcdefgh", "plain-as-day", "k-1234567890"):
        assert hidden not in text, hidden
    assert "nginx" in text
    assert '"max_tokens": 5' in text
    assert played.journal["run"][0]["activity"]["provider"]["arguments"] == {"value": "${token}"}
    assert played.journal["experiment"]["secrets"]["api"]["token"] == {"type": "env", "key": "TOKEN"}


def test_what_a_file_holds_in_its_secrets_is_hidden_in_a_copy() -> None:
    data = {"secrets": {"a": {"b": "c", "d": {"type": "env", "key": "E"}}}, "title": "t"}
    assert without_secrets(data) == {
        "secrets": {"a": {"b": "[redacted]", "d": {"type": "env", "key": "E"}}},
        "title": "t",
    }
    assert data["secrets"]["a"]["b"] == "c"  # type: ignore[index]
    assert without_secrets({"title": "t"}) == {"title": "t"}


@pytest.mark.parametrize("value", [2**70, "\ud800", {"a": {1: b"x"}}, {"a": float("nan")}, object(), {1, 2}])
def test_any_output_becomes_json(value: object) -> None:
    json.dumps(plain({"output": value}), allow_nan=False)


def test_an_activity_that_failed_has_an_exception_and_one_without_a_tolerance_no_word_on_it() -> None:
    now = utc_now()
    assert run_item({}, now, now, failure="why")["exception"] == ["why"]
    assert "tolerance_met" not in run_item({}, now, now)
    assert run_item({}, now, now, met=False)["tolerance_met"] is False


def test_texts_are_redacted_everywhere() -> None:
    assert guarded({"a": ["x s x"]}, lambda text: text.replace("s", "*")) == {"a": ["x * x"]}
