"""The folder of a game day's run: its files, whether a process holds it now, and which run is the newest."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from llmops.errors import BadInput

KIND = "gameday"  # of its report; names of run folders begin with it
HELD_HINT = "let it end, or abort it: llmops gameday abort"


@dataclass(frozen=True)
class About:
    """What a run was started with, and a later process needs to take it up."""

    plan: str  # the file as it was named; a copy stands in the folder
    token: str  # makes its requests unlike those of any other run
    started_at: str  # ISO, UTC
    speed: float = 1.0
    blind: bool = False
    lease_s: float = 10.0

    @property
    def started(self) -> datetime:
        return datetime.fromisoformat(self.started_at)


@dataclass(frozen=True)
class RunFolder:
    """One run."""

    path: Path

    @property
    def journal(self) -> Path:
        return self.path / "journal.jsonl"

    @property
    def proxy(self) -> Path:
        return self.path / "proxy.jsonl"

    @property
    def requests(self) -> Path:
        """Every request of the load as its sender saw it, with what it asked and got."""
        return self.path / "requests.jsonl"

    @property
    def operator(self) -> Path:
        """What people said at a second terminal."""
        return self.path / "operator.jsonl"

    @property
    def is_run(self) -> bool:
        return self._about.exists()

    @property
    def _about(self) -> Path:
        return self.path / "gameday.json"

    @property
    def _lock(self) -> Path:
        return self.path / "running.lock"

    def begin(self, about: About, plan_text: str) -> None:
        """Make it, with a copy of the plan. BadInput where it holds a run."""
        if any((self.path / name).exists() for name in ("gameday.json", "journal.jsonl", "result.json")):
            raise BadInput(f"{self.path} holds a run already", hint="name another --out, or leave it out")
        self.path.mkdir(parents=True, exist_ok=True)
        self.plan_copy(about).write_text(plan_text, encoding="utf-8")
        self._about.write_text(json.dumps(asdict(about), indent=1) + "\n", encoding="utf-8")

    def about(self) -> About:
        """BadInput where it holds no run."""
        try:
            return About(**json.loads(self._about.read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise BadInput(f"{self.path} holds no game day", hint="name the folder of one, such as runs/ID") from None
        except (OSError, ValueError, TypeError) as error:
            raise BadInput(
                f"{self._about} cannot be read: {error}", hint="it was written when the run began"
            ) from error

    def plan_copy(self, about: About) -> Path:
        return self.path / Path(about.plan).name

    @property
    def is_running(self) -> bool:
        """Whether a process holds it; one that was killed does not."""
        try:
            file = os.open(self._lock, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(file)
        return False

    @property
    def has_ended(self) -> bool:
        """Whether its last process came to an end of its own; one that was killed may be taken up."""
        told = [line["what"] for line in whole_lines(self.journal) if line.get("what") in {"began", "ended"}]
        return told[-1:] == ["ended"]

    @contextmanager
    def held(self) -> Iterator[None]:
        """This process alone runs it while the body runs. BadInput where another does."""
        file = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BadInput(f"{self.path} is running", hint=HELD_HINT) from None
            yield
        finally:
            os.close(file)


def whole_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The lines that have their end; none where there is no file."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                yield orjson.loads(line)


def without_half_line(path: Path) -> None:
    """Cut off what a killed process left of its last line: the next one must not be written behind it."""
    if not path.exists():
        return
    data = path.read_bytes()
    if data and not data.endswith(b"\n"):
        os.truncate(path, data.rfind(b"\n") + 1)


def find_run(runs: Path, name: str | None) -> RunFolder:
    """The run of this name or path; without one the newest that runs, else the newest. BadInput where there is none."""
    if name is not None:
        return _named(runs, name)
    found = [RunFolder(path) for path in sorted(runs.glob(f"{KIND}-*"), reverse=True)]
    found = [each for each in found if each.is_run]
    if not found:
        raise BadInput(f"there is no game day in {runs}", hint="name its folder, or the one around it with --runs-dir")
    return next((each for each in found if each.is_running), found[0])


def _named(runs: Path, name: str) -> RunFolder:
    for path in (Path(name), runs / name):
        if RunFolder(path).is_run:
            return RunFolder(path)
    raise BadInput(f"{name} holds no game day", hint="name the folder of one, such as runs/ID")
