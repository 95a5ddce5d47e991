"""The head of a page: the YAML between two lines of `---` at its beginning, and the lines of its keys."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from llmops.config import parsed_yaml

FENCE = "---"


@dataclass(frozen=True)
class Headed:
    """A page in two parts."""

    head: Mapping[str, Any] = field(default_factory=dict)
    body: str = ""
    head_lines: tuple[str, ...] = ()  # without the fences; line 2 of the file is the first
    body_line: int = 1  # of the file, at which the body begins

    def line_of(self, *keys: str) -> int:
        """Of the key, or of the nearest around it; 1 where it has none. A key stands alone at the start of its line."""
        at = 0
        for key in keys:
            pattern = re.compile(rf"\s*['\"]?{re.escape(key)}['\"]?\s*:")
            found = next((n for n in range(at, len(self.head_lines)) if pattern.match(self.head_lines[n])), None)
            if found is None:
                break
            at = found
        return at + 2 if self.head_lines else 1


def headed(text: str, file: str) -> Headed:
    """The parts of a page; one without a head is all body. BadInput where the head is no YAML."""
    lines = text.removeprefix("\ufeff").splitlines()
    if not lines or lines[0].rstrip() != FENCE:
        return Headed(body=text)
    end = next((at for at in range(1, len(lines)) if lines[at].rstrip() == FENCE), None)
    if end is None:
        return Headed(body=text)
    head = lines[1:end]
    return Headed(parsed_yaml("\n".join(head), file), "\n".join(lines[end + 1 :]) + "\n", tuple(head), end + 2)
