"""The links and pictures of a page: files that are there, headings that they have."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from llmops.playbooks.head import headed
from llmops.playbooks.lint.problem import Problem
from llmops.playbooks.lint.there import is_there
from llmops.playbooks.markdown import tokens

ELSEWHERE = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:|//)")  # a scheme, or another host: nothing is fetched


def link_problems(body: str, first_line: int, file: Path) -> tuple[int, list[Problem]]:
    """How many relative links there are, and which lead nowhere."""
    found = [(target, first_line + at - 1) for target, at in _targets(body)]
    relative = [(target, line) for target, line in found if not ELSEWHERE.match(target)]
    problems = [Problem(line, why, "mend the link") for target, line in relative if (why := _wrong(target, body, file))]
    return len(relative), problems


def _targets(body: str) -> Iterator[tuple[str, int]]:
    for token, line in tokens(body):
        target = token.attrGet("href") if token.type == "link_open" else token.attrGet("src")
        if token.type in {"link_open", "image"} and isinstance(target, str):
            yield target, line


def _wrong(target: str, body: str, file: Path) -> str:
    path, _, anchor = unquote(target).partition("#")
    path = path.partition("?")[0]
    there = file.parent / path if path else file
    if not is_there(there):
        return f"the link to {path} leads nowhere"
    if not anchor or there.suffix.lower() != ".md":
        return ""
    headings = anchors(body if not path else _body(there))
    return "" if anchor in headings else f"{path or 'the page'} has no heading #{anchor}"


def _body(file: Path) -> str:
    return headed(file.read_text(encoding="utf-8", errors="replace"), str(file)).body


def anchors(body: str) -> set[str]:
    """The names of its headings, as GitHub makes them."""
    names: Counter[str] = Counter()
    found = set()
    inside = False
    for token, _ in tokens(body):
        if token.type == "inline" and inside:
            words = "".join(each.content for each in token.children or () if each.type in {"text", "code_inline"})
            slug = re.sub(r"[^\w\- ]", "", words.strip().lower()).replace(" ", "-")
            found.add(f"{slug}-{names[slug]}" if names[slug] else slug)
            names[slug] += 1
        inside = token.type == "heading_open" or (inside and token.type != "heading_close")
    return found
