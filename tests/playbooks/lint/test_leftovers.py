"""Nothing of a template is left in a page."""

import pytest

from llmops.playbooks.lint.leftovers import leftover_problems


@pytest.mark.parametrize("left", ["{{ owner }}", "{%- if x %}", "{# later #}"])
def test_what_is_left_is_told_with_its_line(left: str) -> None:
    (found,) = leftover_problems(f"a\nb {left} c\n")
    assert (found.line, found.text) == (2, f"{left.replace('if x %}', 'if x %}')} is left of the template")


@pytest.mark.parametrize("text", ["${{ secrets.KEY }}", '{"a": {"b": 1}}', "{ {x} }", "# A {#anchor}", "100 % {x}"])
def test_what_only_looks_like_it_is_left_alone(text: str) -> None:
    assert [*leftover_problems(text)] == []
