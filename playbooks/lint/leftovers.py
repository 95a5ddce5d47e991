"""What a template would have filled in, and nobody did."""

import re
from collections.abc import Iterator

from llmops.playbooks.lint.problem import Problem

LEFT = re.compile(r"(?<!\$)\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}")  # `${{ … }}` is an expression of GitHub's


def leftover_problems(text: str) -> Iterator[Problem]:
    """Variables and marks of templates that are left in a page."""
    for number, line in enumerate(text.splitlines(), 1):
        for found in LEFT.finditer(line):
            yield Problem(number, f"{found[0]} is left of the template", "llmops playbook render fills it in")
