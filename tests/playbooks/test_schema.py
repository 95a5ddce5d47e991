"""The head of a template: what is not known or cannot be is refused at its line."""

import pytest

from llmops.config import parsed_yaml
from llmops.errors import BadInput
from llmops.playbooks.schema import TemplateForm, form_of


def form(text: str) -> TemplateForm:
    return form_of(parsed_yaml(text, "x"), lambda *keys: "/".join(keys))


def refusal(text: str) -> tuple[str, str]:
    with pytest.raises(BadInput) as caught:
        form(text)
    return str(caught.value), caught.value.hint


def with_input(text: str) -> str:
    return f"title: a\nwhat: b\ninputs:\n  {text}\n"


def test_what_is_left_out_has_its_default() -> None:
    found = form("title: a\nwhat: b\n")
    assert (found.kind, found.owner, found.last_exercised, found.inputs) == ("runbook", None, None, {})


def test_an_input_says_where_it_comes_from() -> None:
    found = form(with_input("a: {from: metric, metric: ttft_p95_s, kinds: [load], what: x}")).inputs["a"]
    assert (found.from_, found.metric, found.kinds, found.optional) == ("metric", "ttft_p95_s", ("load",), False)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("what: b", "title: 'title' is missing"),
        ("title: a\nwhat: b\ntilte: c", "tilte: unknown key 'tilte'"),
        ("title: a\nwhat: b\nkind: poem", "kind: kind: Input should be"),
        ("title: a\nwhat: b\nlast_exercised: soon", "last_exercised: last_exercised: Input should be a valid date"),
        (with_input("a: {from: metric, what: x}"), "inputs/a: no metric is named 'a'"),
        (
            with_input("ttft_p95_s: {from: moon, what: x}"),
            "inputs/ttft_p95_s/from: inputs.ttft_p95_s.from: Input should",
        ),
        (with_input("a: {from: set}"), "inputs/a/what: 'inputs.a.what' is missing"),
        (with_input("a: {from: set, what: x, wat: y}"), "inputs/a/wat: unknown key 'inputs.a.wat'"),
        (with_input("a: {from: verdict, what: x, default: y}"), "inputs/a: inputs.a: `type` and `default` are of"),
        (with_input("a: {from: set, what: x, kinds: [load]}"), "inputs/a: inputs.a: `kinds` are of"),
        (with_input("a-b: {from: set, what: x}"), "inputs/a-b: no input can be named 'a-b': a name is letters"),
        (with_input("owner: {from: set, what: x}"), "inputs/owner: no input can be named 'owner': every page has it"),
    ],
)
def test_what_cannot_be_is_refused_at_its_key(text: str, message: str) -> None:
    assert refusal(text)[0].startswith(message)


def test_the_nearest_name_is_the_hint() -> None:
    assert refusal("title: a\nwhat: b\ntilte: c")[1] == "did you mean 'title'?"
    assert refusal(with_input("ttft_p95: {from: metric, what: x}"))[1] == "did you mean 'ttft_p95_s'?"
