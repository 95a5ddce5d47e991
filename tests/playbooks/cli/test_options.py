"""The section of the configuration, and the folder of own templates."""

from pathlib import Path

import pytest

from llmops.errors import BadInput
from llmops.playbooks.cli.options import folder_of, section_of


def test_the_option_goes_before_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("playbooks: {templates: a, owner: ann, max_age_weeks: 4}\n")
    section = section_of(tmp_path / "c.yaml")
    assert (section.owner, section.max_age_weeks) == ("ann", 4)
    assert (folder_of(None, section), folder_of(Path("b"), section)) == (Path("a"), Path("b"))


def test_without_a_section_there_are_defaults(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("tco: {}\n")
    section = section_of(tmp_path / "c.yaml")
    assert (section.owner, section.max_age_weeks, folder_of(None, section)) == (None, 12, None)


@pytest.mark.parametrize("key", ["max_age_weeks: 0", "owners: a", "owner: ''", "templates: 3"])
def test_what_cannot_be_is_refused(key: str, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(f"playbooks: {{{key}}}\n")
    with pytest.raises(BadInput, match="playbooks"):
        section_of(tmp_path / "c.yaml")
