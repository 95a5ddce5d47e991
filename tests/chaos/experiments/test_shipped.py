from pathlib import Path

import pytest

from llmops.chaos.experiments import shipped
from llmops.errors import UnknownName


def test_a_word_is_a_file_where_it_looks_like_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plain").write_text("", encoding="utf-8")
    for word in ("x.yaml", "x.yml", "folder/x", "plain"):
        assert shipped.file_of(word) == Path(word)


def test_any_other_word_is_the_name_of_a_scenario(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)
    (tmp_path / "stream-cut.yaml").write_text("", encoding="utf-8")
    assert shipped.names() == ["stream-cut"]
    assert shipped.file_of("stream-cut") == tmp_path / "stream-cut.yaml"
    with pytest.raises(UnknownName, match="no scenario is named 'stream-cutt'") as caught:
        shipped.file_of("stream-cutt")
    assert "did you mean 'stream-cut'?" in caught.value.hint


def test_a_word_near_none_of_many_is_told_the_command_that_lists_them() -> None:
    with pytest.raises(UnknownName) as caught:
        shipped.file_of("zzzzqq")
    assert caught.value.hint == f"`llmops chaos scenarios` lists all {len(shipped.names())}; a file ends in .yaml"
