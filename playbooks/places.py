"""Where a template writes values into code, and into the targets of links and the tags of HTML."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmops.playbooks.markdown import tokens

if TYPE_CHECKING:
    from jinja2 import nodes

CODE = ("fence", "code_block", "code_inline")
OPEN_TARGET = re.compile(
    r"(?:\]\(\s*[^)\s]*|<(?:[A-Za-z/!?][^>]*)?|\]:\s*\S*)\Z"
)  # a link, a tag or an address, still open


@dataclass(frozen=True)
class Place:
    """One place where escaping is not enough, and what is written into it."""

    of: str
    line: int  # of the body, from 1
    names: tuple[str, ...]


def code_places(body: str) -> Iterator[Place]:
    """Code into which something is written; the names are all that the expressions there read."""
    for token, line in tokens(body):
        if token.type in CODE and "{" in token.content:
            yield Place("code", line, tuple(_names_in(token.content)))


def link_places(tree: "nodes.Template") -> Iterator[Place]:
    """Targets and tags into which something is written."""
    from jinja2 import nodes

    for output in tree.find_all(nodes.Output):
        before = ""
        for part in output.nodes:
            if isinstance(part, nodes.TemplateData):
                before += part.data
            elif OPEN_TARGET.search(before):
                yield Place("a link or a tag", part.lineno, tuple(_names(part)) or ("a value",))


def _names_in(code: str) -> Iterator[str]:
    from jinja2 import Environment, TemplateSyntaxError

    try:
        yield from _names(Environment(autoescape=True).parse(code))
    except TemplateSyntaxError:  # a loop that begins outside: what it writes cannot be known
        yield code.strip()


def _names(tree: "nodes.Node") -> list[str]:
    from jinja2 import nodes

    itself = [tree] if isinstance(tree, nodes.Name) else []
    return sorted({each.name for each in [*itself, *tree.find_all(nodes.Name)]})
