"""A template and its values as a page: nothing is made up, nothing is obeyed, errors name their line."""

from collections.abc import Callable
from typing import Any

import pytest
from markdown_it import MarkdownIt

from llmops.errors import BadInput, UnknownName
from llmops.playbooks.inputs import Given
from llmops.playbooks.rendering import check, rendered
from llmops.playbooks.results.schema import Result
from llmops.playbooks.shelf import Template

Make = Callable[[str, str], Template]
EVERYTHING = """\
inputs:
  verdict: {from: verdict, what: x}
  summary: {from: summary, what: x}
  findings: {from: findings, what: x}
  not_covered: {from: not_covered, what: x}
  scenarios: {from: scenarios, what: x}
  time_to_detect_s: {from: metric, what: x}
"""
ALL_OF_IT = """\
# {{ verdict }}

{{ summary }} and {{ time_to_detect_s }}

{% for each in findings %}
- {{ each }}
{% endfor %}

> {{ not_covered }}

{% for each in scenarios %}
{{ loop.index }}. {{ each }} {{ each.name }}
{% endfor %}

{{ moments(scenarios) }}

{{ figures(detected=time_to_detect_s) }}
"""
OF_THE_TEMPLATE = {
    *("heading_open", "heading_close", "paragraph_open", "paragraph_close", "inline", "text", "text_special"),
    *("bullet_list_open", "bullet_list_close", "ordered_list_open", "ordered_list_close", "list_item_open"),
    *("list_item_close", "blockquote_open", "blockquote_close", "table_open", "table_close", "thead_open"),
    *("thead_close", "tbody_open", "tbody_close", "tr_open", "tr_close", "th_open", "th_close", "td_open"),
    *("td_close", "softbreak"),
}


def refusal(template: Template, given: Given, kind: type[BadInput] = BadInput) -> tuple[str, str]:
    with pytest.raises(kind) as caught:
        rendered(template, given)
    return str(caught.value), caught.value.hint


def body(page: str) -> str:
    return page.split("---\n", 2)[2].strip()


def test_a_hostile_result_gives_no_link_no_html_and_no_command(
    make_template: Make, hostile_result: Result, given: Given
) -> None:
    page = rendered(make_template(EVERYTHING, ALL_OF_IT), Given([hostile_result], today=given.today))
    blocks = MarkdownIt("commonmark", {"html": True}).enable("table").parse(body(page))
    found = {token.type for block in blocks for token in (block, *(block.children or []))}
    assert found <= OF_THE_TEMPLATE
    assert [block.tag for block in blocks if block.type == "heading_open"] == ["h1"]


@pytest.mark.parametrize("code", ["`{}`", "```sh\nllmops load {}\n```", "text\n\n    {}\n", "- a `llmops x {}` b"])
@pytest.mark.parametrize(
    "value",
    ["{{ verdict }}", "{{ note }}", "{{ 'x' ~ summary }}", "{{ owner }}", "{% for x in findings %}{{ x }}{% endfor %}"],
)
def test_what_a_result_says_cannot_stand_in_code(make_template: Make, given: Given, code: str, value: str) -> None:
    template = make_template(f"{EVERYTHING}  note: {{from: set, what: x, default: a}}\n", code.replace("{}", value))
    message, hint = refusal(template, given)
    assert message.startswith(f"page.md.j2:{16 if code.startswith('text') else 14}: ")
    assert message.endswith(" stands in code, where only inputs of type word may")
    assert hint == "see docs/playbooks.md"


@pytest.mark.parametrize("place", ["[here]({})", "<{}>", '<a href="{}">x</a>', "[x]: {}"])
@pytest.mark.parametrize("value", ["verdict", "note", "owner"])
def test_what_a_result_says_cannot_be_a_link(make_template: Make, given: Given, place: str, value: str) -> None:
    template = make_template(
        f"{EVERYTHING}  note: {{from: set, what: x, default: a}}\n", place.replace("{}", f"{{{{ {value} }}}}")
    )
    message, _ = refusal(template, given)
    assert message == f"page.md.j2:14: {value!r} stands in a link or a tag, where only inputs of type word may"


def test_a_word_may_be_a_link(make_template: Make, given: Given) -> None:
    template = make_template("inputs:\n  url: {from: set, type: word, what: x}\n", "[here]({{ url }})")
    page = rendered(template, Given(settings={"url": "https://example.org/a"}, today=given.today))
    assert body(page) == "[here](https://example.org/a)"


def test_a_loop_makes_no_code_of_what_a_result_says(make_template: Make, given: Given) -> None:
    body_of_it = "text\n\n{% for x in summary %}\n    {{ x }}\n{% endfor %}\n"
    message, _ = refusal(make_template(EVERYTHING, body_of_it), given)
    assert message == "page.md.j2: line 3 of the page would be code with a value in it that is no word"


def test_a_word_stands_in_code_as_it_is(make_template: Make, given: Given) -> None:
    template = make_template("inputs:\n  url: {from: set, type: word, what: x}\n", "`llmops load {{ url }}`")
    page = rendered(template, Given(settings={"url": "http://127.0.0.1:4000/v1"}, today=given.today))
    assert body(page) == "`llmops load http://127.0.0.1:4000/v1`"


@pytest.mark.parametrize(
    "value", ["a b", "a;b", "$(x)", "`x`", "--yes", "a\nb", "a|b", "a>b", "a'b", 'a"b', "~", "é", "a&b"]
)
def test_more_than_a_word_is_refused(make_template: Make, given: Given, value: str) -> None:
    template = make_template("inputs:\n  url: {from: set, type: word, what: a URL}\n", "{{ url }}")
    message, hint = refusal(template, Given(settings={"url": value}, today=given.today))
    assert "is more than a word, and it stands in commands" in message
    assert hint == "a URL"


def test_every_number_carries_its_source_and_date(make_template: Make, given: Given) -> None:
    head = "inputs:\n  functional_success_ratio: {from: metric, what: x}\n"
    assert body(rendered(make_template(head, "{{ functional_success_ratio }}"), given)) == (
        "scenario provider-down: 98.0 % (95 %: 93.0 % to 99.4 %; 100 samples; chaos-run in run.json, 2025-11-25)"
    )


def test_what_is_optional_and_missing_is_said_to_be_not_measured(make_template: Make, given: Given) -> None:
    head = "inputs:\n  ttft_p95_s: {from: metric, what: x, optional: true}\n"
    page = rendered(make_template(head, "It is {{ ttft_p95_s }}.\n\n{{ figures(ttft=ttft_p95_s) }}"), given)
    assert "It is not measured." in page
    assert "| ttft | not measured |  |  |  |" in page


def test_a_metric_that_was_not_measured_is_no_zero(make_template: Make, given: Given) -> None:
    head = "inputs:\n  scenario_cost_usd: {from: metric, what: x}\n"
    page = rendered(make_template(head, "{{ scenario_cost_usd }}"), given)
    assert "scenario provider-down: not measured (chaos-run in run.json, 2025-11-25)" in page


def test_what_no_result_has_is_refused_with_the_line_that_asks(make_template: Make, given: Given) -> None:
    head = "inputs:\n  verdict: {from: verdict, what: x}\n  ttft_p95_s: {from: metric, what: x}\n"
    message, hint = refusal(make_template(head, "{{ ttft_p95_s }}"), given)
    assert message == "page.md.j2:7: page asks for the metric ttft_p95_s, and none of the 1 results has it"
    assert hint == "--result FILE"


def test_an_undeclared_name_is_refused_with_its_line(make_template: Make, given: Given) -> None:
    template = make_template("inputs:\n  verdict: {from: verdict, what: x}\n", "one\n\n{{ verdikt }}\n")
    assert refusal(template, given) == (
        "page.md.j2:10: 'verdikt' is no input of the template",
        "did you mean 'verdict'?",
    )


def test_an_attribute_that_is_not_there_is_refused_with_its_line(make_template: Make, given: Given) -> None:
    template = make_template("inputs:\n  verdict: {from: verdict, what: x}\n", "one\n{{ verdict.nothing }}\n")
    message, _ = refusal(template, given)
    assert message.startswith("page.md.j2:9: ")


def test_a_template_that_cannot_be_parsed_is_refused_with_its_line(make_template: Make, given: Given) -> None:
    message, _ = refusal(make_template("", "one\n{% for x in %}\n"), given)
    assert message.startswith("page.md.j2:7: ")


def test_a_template_reaches_nothing_of_python(make_template: Make, given: Given) -> None:
    template = make_template("", "{{ owner.__class__.__mro__ }}")
    message, _ = refusal(template, given)
    assert "unsafe" in message


def test_a_setting_that_the_template_does_not_take_is_refused(make_template: Make, given: Given) -> None:
    template = make_template("inputs:\n  note: {from: set, what: x}\n", "{{ note }}")
    message, hint = refusal(template, Given(settings={"notte": "x"}, today=given.today), UnknownName)
    assert (message, hint) == ("page takes no --set notte", "did you mean 'note'?")


def test_the_page_has_a_head_that_lint_reads(make_template: Make, given: Given) -> None:
    page = rendered(make_template("", "words"), given)
    assert page == (
        '---\ntitle: "Page"\nkind: runbook\ntemplate: "page"\nowner: "ann"\nlast_exercised: 2025-11-25\n'
        "rendered: 2025-11-25\n---\nwords\n"
    )


def test_a_hostile_owner_stays_in_its_line(make_template: Make, hostile: str, given: Given) -> None:
    import yaml

    if not hostile.strip():
        pytest.skip("nobody")
    page = rendered(make_template("", "words"), Given(owner=hostile, settings={}, today=given.today))
    head: dict[str, Any] = yaml.safe_load(page.split("---\n", 2)[1])
    assert set(head) == {"title", "kind", "template", "owner", "last_exercised", "rendered"}
    assert head["last_exercised"] == "never"


def test_shipped_templates_are_whole() -> None:
    from llmops.playbooks.shelf import templates

    found = [*templates(None)]
    for each in found:
        check(each)
    assert len(found) == 8
