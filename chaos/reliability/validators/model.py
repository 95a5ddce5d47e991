"""Whether a model answered that may: one of those allowed, else the one that was asked, under its dated name too."""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

from llmops.chaos.reliability.exchange import Checked
from llmops.chaos.reliability.validators.base import VALID, Judgement, invalid, undecided

# How providers date a model: gpt-4o-2024-08-06, claude-sonnet-4-5-20250929, gpt-4-0613, gemini-2.5-pro-05-06.
DATED = re.compile(r"[-@](?:\d{4}-\d{2}-\d{2}|\d{8}|\d{2}-\d{2}|\d{3,4}|latest)")
DATE_AT_END = re.compile(DATED.pattern + r"\Z")


@dataclass(frozen=True)
class Model:
    """`allowed` are names or patterns such as `gpt-4o*`. Without them the name asked for decides, where it is a model's
    own: one with a digit in it; `prod-chat` is an alias, which says nothing of what may answer.
    """

    allowed: tuple[str, ...] = ()

    def judge(self, checked: Checked) -> Judgement:
        names = [bare(name) for name in checked.answer.models]
        if not names:
            return undecided("the answer names no model")
        if len(set(names)) > 1:
            return invalid("the answer names more than one model", ", ".join(names)[:80])
        return self._listed(names[0]) if self.allowed else _as_asked(checked, names[0])

    def _listed(self, name: str) -> Judgement:
        if any(fnmatchcase(name, bare(pattern)) for pattern in self.allowed):
            return VALID
        return invalid("a model that may not answer", name[:80])


def _as_asked(checked: Checked, name: str) -> Judgement:
    asked = bare((checked.asked.model if checked.asked else None) or "")
    if not asked:
        return undecided("the request names no model, and no list says which may answer")
    same = undated(name) == undated(asked)
    if same and (name == asked or not DATE_AT_END.search(asked) or asked.endswith("latest")):
        return VALID
    if not any(sign.isdigit() for sign in asked) or (not same and asked.startswith(f"{undated(name)}-")):
        return undecided("the request names an alias, and no list says which models may answer")
    return invalid("another model than was asked", f"{name[:60]} for {asked[:60]}")


def bare(name: str) -> str:
    """A model's name without the provider or the path before it, in lower case."""
    return name.rpartition("/")[2].lower()


def undated(name: str) -> str:
    return DATE_AT_END.sub("", name)
