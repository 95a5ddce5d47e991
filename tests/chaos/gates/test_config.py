"""The section `gates:` of llmops.yaml."""

from datetime import timedelta

import pytest

from llmops.chaos.gates.config import GatesSection
from llmops.config import validated
from llmops.errors import BadInput


def test_a_file_and_an_age_are_read() -> None:
    found = validated(GatesSection, {"file": "g.yaml", "max_age": "7 d"}, "gates")
    assert (found.file, found.max_age) == ("g.yaml", timedelta(days=7))
    assert validated(GatesSection, {}, "gates") == GatesSection(file=None, max_age=None)


@pytest.mark.parametrize("section", [{"max_age": 7}, {"file": ""}, {"fiel": "x"}, {"max_age": "soon"}])
def test_what_cannot_be_is_refused(section: dict[str, object]) -> None:
    with pytest.raises(BadInput, match="gates"):
        validated(GatesSection, section, "gates")
