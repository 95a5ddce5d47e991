"""Where a template writes into code, links and tags."""

import pytest
from jinja2 import Environment

from llmops.playbooks.places import code_places, link_places


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


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("[a](b.md) {{ a }} [c] ({{ d }}) x < y\n{{ e }} <b>{{ f }}</b>", []),
        ("[a]({{ b }})", [(1, ("b",))]),
        ("x\n![a](b/{{ c }}.png)", [(2, ("c",))]),
        ('<a\nhref="{{ a }}">', [(2, ("a",))]),
        ('[a](b "{{ title }}")', []),
        ("<{{ a }}>", [(1, ("a",))]),
        ('<a href="{{ a }}">', [(1, ("a",))]),
        ("[a]: {{ b | upper }}", [(1, ("b",))]),
        ("[a]({{ 'b' }})", [(1, ("a value",))]),
        ("{{ x }}[a](b{{ c }}{{ d.e }})", [(1, ("c",)), (1, ("d",))]),
    ],
)
def test_targets_and_tags_are_found(body: str, expected: list[tuple[int, tuple[str, ...]]]) -> None:
    assert [(each.line, each.names) for each in link_places(Environment(autoescape=True).parse(body))] == expected
