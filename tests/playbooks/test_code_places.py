"""Where a template writes into code."""

import pytest

from llmops.playbooks.code_places import code_places


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("{{ a }} `b` {{ c }}", []),
        ("`x {{ a }} {{ b | upper }}`", [(1, ("a", "b"))]),
        ("x\n\n```sh\n{{ a.b }}\n```\n", [(3, ("a",))]),
        ("x\n\n    {{ a }}\n", [(3, ("a",))]),
        ("```\n{{ a ~ b[c] }}\n```", [(1, ("a", "b", "c"))]),
        ("```\n{% for x in y %}{{ x }}{% endfor %}\n```", [(1, ("x", "y"))]),
        ("`{% if a %}`", [(1, ("{% if a %}",))]),
        ('```json\n{"a": 1}\n```', [(1, ())]),
    ],
)
def test_the_names_that_are_read_there_are_found(body: str, expected: list[tuple[int, tuple[str, ...]]]) -> None:
    assert [(each.line, each.names) for each in code_places(body)] == expected
