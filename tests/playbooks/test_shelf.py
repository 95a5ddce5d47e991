"""Templates by name: a folder of the user's goes before ours."""

from collections.abc import Callable
from pathlib import Path

import pytest

from llmops.errors import BadInput, UnknownName
from llmops.playbooks.shelf import is_ours, template, templates

Write = Callable[[str, str], Path]
OURS = {
    *("activate-the-self-hosted-fallback", "bad-but-200", "cost-spike", "game-day-brief", "post-mortem"),
    *("provider-outage", "rate-limit-storm", "return-to-the-provider"),
}
OWN = "---\ntitle: Mine\nwhat: a test\n---\nbody\n"


def test_these_are_shipped() -> None:
    assert {each.name for each in templates(None)} == OURS


def test_own_ones_go_before_ours_by_name_and_others_are_added(write: Write, tmp_path: Path) -> None:
    write("t/cost-spike.md.j2", OWN)
    write("t/mine.md.j2", OWN)
    write("t/readme.md", "no template")
    folder = tmp_path / "t"
    assert {each.name for each in templates(folder)} == OURS | {"mine"}
    assert template("cost-spike", folder).form.title == "Mine"
    assert not is_ours(template("cost-spike", folder))
    assert is_ours(template("post-mortem", folder))


def test_a_name_that_is_not_there_gets_the_nearest() -> None:
    with pytest.raises(UnknownName, match="no template is named 'provider-outtage'") as caught:
        template("provider-outtage", None)
    assert caught.value.hint == "did you mean 'provider-outage'?"


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is no folder of templates"):
        template("cost-spike", tmp_path / "gone")


@pytest.mark.parametrize(
    ("text", "why"), [("body\n", ":1: the template has no head"), ("---\ntitle: a\n---\n", "'what' is missing")]
)
def test_a_template_with_a_wrong_head_is_refused(text: str, why: str, write: Write, tmp_path: Path) -> None:
    write("mine.md.j2", text)
    with pytest.raises(BadInput, match=why):
        template("mine", tmp_path)


def test_lines_of_the_body_are_counted_in_the_file(write: Write, tmp_path: Path) -> None:
    write("mine.md.j2", OWN)
    assert template("mine", tmp_path).in_body(1).endswith("mine.md.j2:5")
    assert template("mine", tmp_path).at("what").endswith("mine.md.j2:3")
