"""Lines of a shell in their simple commands, and the files that they write by `>`."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

OPERATORS = set(";|&()<>")
BEFORE = {
    *("sudo", "time", "exec", "nohup", "command", "env"),
    *("if", "then", "elif", "else", "while", "until", "do", "!", "{", "$"),
}
ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=.*", re.DOTALL)


@dataclass(frozen=True)
class Simple:
    """The words of one command, without assignments before it, and where its output goes."""

    words: tuple[str, ...]
    writes: tuple[str, ...] = ()


def simple_commands(line: str) -> Iterator[Simple]:
    """Those of a line, joined where it was continued. ValueError where a quotation has no end."""
    words: list[str] = []
    for token in [*_tokens(without_comment(line)), ";"]:
        if set(token) <= OPERATORS and not _is_redirection(token):
            if words:
                yield _simple(words)
            words = []
        else:
            words.append(token)


def without_comment(line: str) -> str:
    """What stands before a `#` that opens a word and is in no quotation."""
    for found in re.finditer(r"(?:^|(?<=\s))#", line):
        before = line[: found.start()]
        if is_whole(before):
            return before
    return line


def _is_redirection(token: str) -> bool:
    """`>`, `2>&`, `<<`; not `<(`, which opens a command."""
    return set(token) <= set("<>&") and bool(set(token) & set("<>"))


def is_whole(text: str) -> bool:
    try:
        shlex.split(text)
    except ValueError:
        return False
    return True


def _tokens(line: str) -> list[str]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    lexer.commenters = ""
    return list(lexer)


def _simple(words: list[str]) -> Simple:
    kept: list[str] = []
    writes: list[str] = []
    rest = iter(words)
    for word in rest:
        if _is_redirection(word):
            target = next(rest, "")
            if ">" in word:
                writes.append(target)
            if kept and kept[-1] in {"1", "2"}:  # of a file descriptor
                kept.pop()
        else:
            kept.append(word)
    while kept and (kept[0] in BEFORE or ASSIGNMENT.fullmatch(kept[0])):
        kept.pop(0)
    return Simple(tuple(kept), tuple(writes))
