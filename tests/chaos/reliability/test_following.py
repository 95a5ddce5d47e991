import os
from pathlib import Path

from llmops.chaos.reliability.following import Follower


def append(path: Path, text: bytes) -> None:
    with path.open("ab") as file:
        file.write(text)


def test_a_line_is_given_once_and_only_when_it_has_its_end(tmp_path: Path) -> None:
    path = tmp_path / "j"
    append(path, b"one\ntw")
    follower = Follower(path)
    assert list(follower.lines()) == [b"one"]
    assert list(follower.lines()) == []
    append(path, b"o\nthree\n")
    assert list(follower.lines()) == [b"two", b"three"]
    follower.close()


def test_the_file_need_not_be_there_yet(tmp_path: Path) -> None:
    path = tmp_path / "j"
    follower = Follower(path)
    assert list(follower.lines()) == []
    append(path, b"one\n")
    assert list(follower.lines()) == [b"one"]
    follower.close()


def test_after_a_rotation_the_rest_of_the_old_file_comes_first(tmp_path: Path) -> None:
    path = tmp_path / "j"
    append(path, b"one\n")
    follower = Follower(path)
    assert list(follower.lines()) == [b"one"]
    append(path, b"two\ncut")
    path.rename(tmp_path / "j.1")
    append(tmp_path / "j.1", b" off\n")  # its writer has not heard yet
    append(path, b"three\n")
    assert list(follower.lines()) == [b"two", b"cut off", b"three"]
    assert follower.cut_lines == 0
    follower.close()


def test_a_line_that_never_got_its_end_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "j"
    append(path, b"one\nhalf")
    follower = Follower(path)
    list(follower.lines())
    path.rename(tmp_path / "j.1")
    append(path, b"two\n")
    assert list(follower.lines()) == [b"two"]
    assert follower.cut_lines == 1
    follower.close()


def test_while_it_is_moved_away_and_nothing_is_there_yet_its_writer_may_go_on(tmp_path: Path) -> None:
    path = tmp_path / "j"
    append(path, b"one\n")
    follower = Follower(path)
    list(follower.lines())
    path.rename(tmp_path / "j.1")
    append(tmp_path / "j.1", b"two\n")
    assert list(follower.lines()) == [b"two"]
    append(path, b"three\n")
    assert list(follower.lines()) == [b"three"]
    follower.close()


def test_a_file_that_was_emptied_is_read_from_its_start(tmp_path: Path) -> None:
    path = tmp_path / "j"
    append(path, b"one\ntwo\n")
    follower = Follower(path)
    list(follower.lines())
    os.truncate(path, 0)
    append(path, b"new\n")
    assert list(follower.lines()) == [b"new"]
    follower.close()


def test_it_may_pass_over_what_is_there_already(tmp_path: Path) -> None:
    path = tmp_path / "j"
    append(path, b"old\n")
    follower = Follower(path, from_end=True)
    assert list(follower.lines()) == []
    append(path, b"new\n")
    assert list(follower.lines()) == [b"new"]
    follower.close()


def test_a_file_that_came_later_is_all_new(tmp_path: Path) -> None:
    path = tmp_path / "j"
    follower = Follower(path, from_end=True)
    append(path, b"one\n")
    assert list(follower.lines()) == [b"one"]
    follower.close()


def test_a_line_longer_than_a_read_comes_whole(tmp_path: Path) -> None:
    path = tmp_path / "j"
    append(path, b"x" * (3 << 20) + b"\nend\n")
    follower = Follower(path)
    assert [len(line) for line in follower.lines()] == [3 << 20, 3]
    follower.close()
