"""The `llmops …` commands of a page: in fences and code spans, each parsed by the real command line and never run."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from llmops.playbooks.lint.problem import ParseCommand, Problem
from llmops.playbooks.lint.shell import Simple, is_whole, simple_commands, without_comment
from llmops.playbooks.lint.there import is_there
from llmops.playbooks.markdown import tokens

PROMPT = re.compile(r"^\s*[$%]\s+")
UNPROMPTED = re.compile(r"llmops\s+[a-z-]")  # a command that lacks its prompt: what is printed does not begin so
STEP = re.compile(r"^\s*(?:-\s+)?(?:run:\s*)?(?=llmops\s)")  # of a pipeline's YAML
OURS = re.compile(r"(?<![\w.-])llmops\s")
BEGINS = re.compile(r"(?:^|[;|&(]|\b(?:do|then|sudo|time)\b|\w=\S*)\s*(?:\S*/)?llmops\s")
PLACEHOLDER = re.compile(r"[A-Z][A-Z0-9_]*(?:…|\.\.\.)?")  # as in --help: whoever reads fills it in
MOST_INNER = 3  # commands within commands


@dataclass(frozen=True)
class Line:
    """One line that a reader would type, or a command that is only named."""

    number: int
    text: str
    mention: bool = False

    @property
    def is_ours(self) -> bool:
        """Whether a command of ours begins in it; one in the middle of a sentence does not."""
        return BEGINS.search(f"{self.text} ") is not None


def command_problems(body: str, first_line: int, folder: Path, parse: ParseCommand) -> tuple[int, list[Problem]]:
    """How many commands there are, and what is wrong. Files are looked for in `folder` and in the current one."""
    count, problems = 0, []
    written: set[str] = set()
    for line in _lines(body, first_line):
        try:
            found = [*simple_commands(line.text)]
        except ValueError:
            if line.is_ours:
                problems.append(Problem(line.number, f"`{line.text}` has a quotation without an end", "close it"))
            continue
        for simple in found:
            written.update(simple.writes)
            if words := _of_ours(simple):
                count += 1
                problems.extend(_judged(words, line, written, folder, parse))
    return count, problems


def _lines(body: str, first_line: int) -> Iterator[Line]:
    for token, at in tokens(body):
        number = first_line + at - 1
        if token.type == "fence":
            yield from _typed(token.content, number + 1)
        elif token.type == "code_block":
            yield from _typed(token.content, number)
        elif token.type == "code_inline" and OURS.match(f"{token.content.strip()} "):
            yield Line(number, token.content.strip(), mention=True)


def _typed(code: str, first: int) -> Iterator[Line]:
    """What a reader would type: after a prompt where there are prompts, and ours without; continued lines are one."""
    lines = code.splitlines()
    prompted = any(PROMPT.match(line) for line in lines)
    at = 0
    while at < len(lines):
        start, (text, at) = at, _continued(lines, at)
        if not prompted or PROMPT.match(text) or UNPROMPTED.match(text):
            yield Line(first + start, STEP.sub("", PROMPT.sub("", text)).strip())


def _continued(lines: list[str], at: int) -> tuple[str, int]:
    """The line with those that continue it, by a backslash or an open quotation, and where the next one begins."""
    text, at = lines[at], at + 1
    while text.rstrip().endswith("\\") and at < len(lines):
        text, at = f"{text.rstrip()[:-1]} {lines[at].strip()}", at + 1
    if not is_whole(without_comment(text)) and OURS.search(f"{text} "):
        for end in range(at, len(lines)):
            longer = "\n".join([text, *lines[at : end + 1]])
            if is_whole(longer):
                return longer, end + 1
    return text, at


def _of_ours(simple: Simple) -> tuple[str, ...]:
    """The words after `llmops`; none for another program's command."""
    words = simple.words
    if words[1:3] == ("-m", "llmops") and words[0].startswith("python"):
        return words[3:] or ("--help",)
    if words and words[0].rpartition("/")[2] == "llmops":
        return words[1:] or ("--help",)
    return ()


def _judged(
    words: tuple[str, ...], line: Line, written: set[str], folder: Path, parse: ParseCommand
) -> Iterator[Problem]:
    shown = f"`llmops {' '.join(words)}`"
    for _ in range(MOST_INNER):
        parsed = parse(words, mention=line.mention)
        if parsed.problem:
            yield Problem(line.number, f"{shown}: {parsed.problem}", parsed.hint)
        for file in parsed.reads:
            if not _is_there(file, written, folder):
                yield Problem(line.number, f"{shown} reads {file}, which is not there", "write its path from this page")
        written.update(parsed.writes)
        words = _of_ours(Simple(tuple(parsed.inner)))
        if not words:
            return


def _is_there(file: str, written: set[str], folder: Path) -> bool:
    """A file of the page's folder or the current one, or one that a command before it writes, or is within."""
    if "$" in file or file == "-" or PLACEHOLDER.fullmatch(file) or is_there(folder / file) or is_there(Path(file)):
        return True
    return any(Path(file) == Path(each) or Path(each) in Path(file).parents for each in written)
