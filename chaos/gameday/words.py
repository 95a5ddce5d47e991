"""What people say at a second terminal while a game day runs: a line each, in a file that the run follows."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import orjson

from llmops.chaos.gameday.run_folder import RunFolder, whole_lines
from llmops.errors import BadInput

SCHEMA_VERSION = 1
KIND = "operator"
What = Literal["note", "mark", "pause", "go_on", "skip", "abort"]
WHATS: tuple[What, ...] = get_args(What)
Mark = Literal["detected", "mitigated", "resolved"]
MARKS: tuple[Mark, ...] = get_args(Mark)
NEED_A_RUN = ("pause", "go_on", "skip", "abort")  # to a run that has ended they say nothing
LONGEST_CHARACTERS = 2000  # of a note: a line is one write, which no other writer can cut in two


@dataclass(frozen=True)
class Word:
    """One thing that somebody said."""

    at: float  # epoch seconds, when it was said
    what: What
    text: str = ""  # of a note, of a mark which, of the others why

    @property
    def is_action(self) -> bool:
        """Whether it is a note of something to be done."""
        return self.what == "note" and self.text.lower().startswith(("action:", "todo:"))


def say(folder: RunFolder, what: What, text: str = "", *, now: Callable[[], float] = time.time) -> Word:
    """Append it. BadInput where nobody would hear it, or it is too long."""
    if what in NEED_A_RUN and not folder.is_running:
        raise BadInput(f"{folder.path} is not running", hint="notes are taken; `llmops gameday resume` goes on")
    if len(text) > LONGEST_CHARACTERS:
        raise BadInput(f"a note of {len(text)} characters", hint=f"{LONGEST_CHARACTERS} are the most: write two")
    if what == "mark" and text not in MARKS:
        raise BadInput(f"{text!r} is no mark", hint=", ".join(MARKS))
    if what == "mark" and folder.has_ended:
        hint = "what was known during it was not marked; a note is taken"
        raise BadInput(f"the run has ended: {folder.path}", hint=hint)
    if what == "pause" and _is_paused(folder):
        raise BadInput(f"{folder.path} is paused already", hint="`llmops gameday resume` lets it go on")
    word = Word(now(), what, text)
    line = {"schema_version": SCHEMA_VERSION, "kind": KIND, "at": word.at, "what": what, "text": text}
    file = os.open(folder.operator, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.write(file, orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
    finally:
        os.close(file)
    return word


def _is_paused(folder: RunFolder) -> bool:
    """Whether it stands, and nobody has said that it go on: no pause that may be needed is refused."""
    said = [word.what for word in heard(folder.operator) if word.what in {"pause", "go_on", "skip"}]
    steps = {"began", "paused", "clock stood", "phase ended", "ended"}
    done = [line["what"] for line in whole_lines(folder.journal) if line.get("what") in steps]
    return said[-1:] == ["pause"] and done[-1:] == ["paused"]


def heard(path: Path) -> Iterator[Word]:
    """All that was said so far."""
    if path.exists():
        with path.open("rb") as file:
            yield from filter(None, map(word_of, file))


def word_of(raw: bytes) -> Word | None:
    """None for a line that no command has written: somebody's editor must not end a run, nor keep it from ending."""
    try:
        line = orjson.loads(raw)
        word = Word(float(line["at"]), line["what"], str(line.get("text") or ""))
    except (ValueError, KeyError, TypeError):
        return None
    return word if word.what in WHATS else None
