"""What a person sees while waiting."""

import sys
from io import StringIO

import pytest

from llmops.live import Row, Screen, drawn, progress, screen, waiting


def test_nothing_is_written_where_stderr_is_no_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    with waiting("reading"):
        pass
    assert capfd.readouterr() == ("", "")


def test_work_that_ends_within_the_second_shows_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with waiting("reading"):
        pass
    assert "reading" not in "".join(capsys.readouterr())


def test_work_that_takes_longer_is_named(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr("llmops.live.PATIENCE_S", 0.0)
    monkeypatch.setenv("TERM", "xterm")
    seen = ""
    with waiting("reading"):
        while "reading" not in seen:  # the spinner starts in its own thread; the time limit of the test ends a hang
            seen += capsys.readouterr().err
    assert "reading" in seen


@pytest.mark.parametrize("terminal", [True, False])
def test_an_error_passes_through(terminal: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    with pytest.raises(ValueError, match="inside"), waiting("reading"):
        raise ValueError("inside")


def test_progress_is_shown_nowhere_but_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with progress() as show:
        show("cut 3/40")
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    seen = ""
    with progress() as show:
        show("cut [4/40]")
        while "cut [4/40]" not in seen:  # drawn by its own thread; the time limit of the test ends a hang
            seen += capsys.readouterr().err
    assert "cut [4/40]" in seen


SHOWN = Screen(
    "game day", [Row("phase", "broken, " + "with many words " * 9, "bold"), Row("cost", "[red]0.12 USD")],
    shares=[("whole", 97, "green"), ("error", 3, "red"), ("hang", 0, "magenta")], lines=["a line " * 30],
)  # fmt: skip


def test_a_screen_stands_in_its_frame_and_its_texts_are_never_obeyed() -> None:
    from rich.console import Console

    console = Console(width=80, record=True, file=StringIO())
    console.print(drawn(SHOWN))
    lines = console.export_text().splitlines()
    assert {len(line) for line in lines} == {80}
    assert "[red]0.12 USD" in "".join(lines)
    assert sum(line.count("█") for line in lines) in {72, 73}  # one more where a few of many would else be nothing
    assert sum("a line" in line for line in lines) == 1  # cut, and not folded


def test_there_is_no_screen_where_stderr_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False)
    with screen() as draw:
        assert draw is None


def test_a_screen_is_drawn_where_stderr_is_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    with screen() as draw:
        assert draw is not None
        draw(SHOWN)
    assert "game day" in capsys.readouterr().err
