"""A text from outside as it may stand in a page: shown as it is, and with nothing in it that Markdown or HTML obeys."""

import json
import re

from llmops.renderers.base import printable

ENTITIES = {sign: f"&#{ord(sign)};" for sign in '<>[]`*~|\\{}$"'}
LONE_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")  # within a word it is a letter
LINE_MARK = re.compile(r"^(?:[-+](?=\s|$)|-+(?=\s*$)|[#=>]|\d+[.)](?=\s|$))")  # where a value opens a line
JOINER = "\u2060"  # of no width: parts what sites make links of, without a sign that is seen
LINKED = re.compile(r"@(?=\w)|#(?=\d)|:(?=//)|(?<=www)(?=\.)", re.IGNORECASE)


def one_line(text: str) -> str:
    """On one line, its control characters shown as their codes."""
    return printable(" ".join(text.split())).replace("\n", " ")


def escaped(text: str) -> str:
    """For any place in Markdown, code included: entities are shown by text as their sign, and by code as they are.

    Addresses, mentions and numbers of issues become no links: not on GitHub either, which looks for them by itself.
    """
    line = LINKED.sub(lambda found: found[0] + JOINER, one_line(text)).replace("&", "&amp;")
    line = "".join(ENTITIES.get(sign, sign) for sign in line)
    line = LONE_UNDERSCORE.sub("&#95;", line)
    return LINE_MARK.sub(lambda found: f"{found[0][:-1]}&#{ord(found[0][-1])};", line)


def quoted_yaml(text: str) -> str:
    """As a YAML value on one line."""
    return json.dumps(one_line(text), ensure_ascii=False)
