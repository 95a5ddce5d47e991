"""Markdown in its parts: the one reader for pages, templates and lint; HTML in it is text."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token


def reader() -> "MarkdownIt":
    """CommonMark with GitHub's tables."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable("table")


def tokens(text: str) -> Iterator[tuple["Token", int]]:
    """All tokens, those within lines too, each with the line of its block, counted from 1."""
    for block in reader().parse(text):
        line = block.map[0] + 1 if block.map else 1
        yield block, line
        for each in block.children or ():
            yield each, line
