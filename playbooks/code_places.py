"""Where a template writes values into code: in fences, indented blocks and code spans."""

from collections.abc import Iterator
from dataclasses import dataclass

from llmops.playbooks.markdown import tokens

CODE = ("fence", "code_block", "code_inline")


@dataclass(frozen=True)
class CodePlace:
    """One piece of code, and what is written into it."""

    line: int  # of the body, from 1
    names: tuple[str, ...]


def code_places(body: str) -> Iterator[CodePlace]:
    """Those into which something is written; the names are all that the expressions there read."""
    for token, line in tokens(body):
        if token.type in CODE and "{" in token.content:
            yield CodePlace(line, tuple(_names(token.content)))


def _names(code: str) -> Iterator[str]:
    from jinja2 import Environment, TemplateSyntaxError, nodes

    try:
        tree = Environment(autoescape=True).parse(code)
    except TemplateSyntaxError:  # a loop that begins outside: what it writes cannot be known
        yield code.strip()
        return
    yield from sorted({each.name for each in tree.find_all(nodes.Name)})
