"""A template and its values as a page of Markdown; jinja2 in its sandbox, and nothing from outside is obeyed."""

from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

from llmops.errors import BadInput, nearest_hint
from llmops.playbooks.escaping import escaped, quoted_yaml
from llmops.playbooks.inputs import Given, values_of
from llmops.playbooks.markdown import tokens
from llmops.playbooks.places import CODE, Place, code_places, link_places
from llmops.playbooks.schema import OF_EVERY_PAGE
from llmops.playbooks.shelf import Template
from llmops.playbooks.tables import Page, figures, moments, table
from llmops.playbooks.values import Word

if TYPE_CHECKING:
    from jinja2 import nodes
    from jinja2.sandbox import SandboxedEnvironment

FUNCTIONS = {"figures": figures, "moments": moments, "table": table}
MARK = "\ue000"  # before each value while a page is made; no value has one, for it is not printable
FILE = "<template>"  # what jinja2 calls a template that came as a text


def rendered(template: Template, given: Given) -> str:
    """The page. BadInput with file and line: of what nobody gave, and of what is wrong in the template."""
    check(template)
    values = values_of(template, given)
    try:
        body = _environment().from_string(template.parts.body).render(values)
    except Exception as error:  # a template is a program of the user's: whatever it raises is told with its line
        line = _line_in(error.__traceback__)
        raise BadInput(f"{template.in_body(line)}: {error}", hint="mend the template") from error
    _refuse_values_in_code(template, body)
    return "\n".join([*_head(template, values, given), body.replace(MARK, "").strip("\n"), ""])


def check(template: Template) -> None:
    """BadInput for a template that cannot be parsed, that names what it does not declare, or obeys a value in code."""
    from jinja2 import TemplateSyntaxError, meta

    environment = _environment()
    try:
        tree = environment.parse(template.parts.body)
    except TemplateSyntaxError as error:
        raise BadInput(f"{template.in_body(error.lineno)}: {error.message}", hint="mend the template") from error
    known = [*template.form.inputs, *OF_EVERY_PAGE]
    for name in sorted(meta.find_undeclared_variables(tree) - set(FUNCTIONS)):
        if name not in known:
            at = template.in_body(_line_of(tree, name))
            raise BadInput(f"{at}: {name!r} is no input of the template", hint=nearest_hint(name, known))
    for place in (*code_places(template.parts.body), *link_places(tree)):
        _refuse_but_words(template, place)


def _refuse_but_words(template: Template, place: Place) -> None:
    """What stands in code is run, and what stands in a link is followed: only words that whoever renders gives."""
    for name in place.names:
        asked = template.form.inputs.get(name)
        if asked is None or asked.from_ != "set" or asked.type != "word":
            raise BadInput(
                f"{template.in_body(place.line)}: {name!r} stands in {place.of}, where only inputs of type word may",
                hint="see docs/playbooks.md",
            )


def _refuse_values_in_code(template: Template, body: str) -> None:
    """The same of the page as it came out: a loop may have made code of what was none in the template."""
    for token, line in tokens(body):
        if token.type in CODE and MARK in token.content:
            raise BadInput(
                f"{template.file}: line {line} of the page would be code with a value in it that is no word",
                hint="see docs/playbooks.md",
            )


def _environment() -> "SandboxedEnvironment":
    from jinja2 import StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    environment = SandboxedEnvironment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_written, keep_trailing_newline=True
    )
    environment.globals = dict(FUNCTIONS)
    return environment


def _written(value: Any) -> str:  # noqa: ANN401 - whatever a template prints
    return value if isinstance(value, Page | Word) else MARK + escaped(str(value))


def _line_of(tree: "nodes.Template", name: str) -> int | None:
    from jinja2 import nodes

    return next((each.lineno for each in tree.find_all(nodes.Name) if each.name == name), None)


def _line_in(trace: TracebackType | None) -> int | None:
    line = None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == FILE:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _head(template: Template, values: Mapping[str, object], given: Given) -> Iterator[str]:
    yield "---"
    yield f"title: {quoted_yaml(template.form.title)}"
    yield f"kind: {template.form.kind}"
    yield f"template: {quoted_yaml(template.name)}"
    yield f"owner: {quoted_yaml(str(values['owner']))}"
    yield f"last_exercised: {values['last_exercised']}"
    yield f"rendered: {given.today}"
    yield "---"
