"""The file llmops.yaml."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict

from llmops.config import SECTIONS, load_config, load_yaml, validated
from llmops.errors import BadInput

Write = Callable[[str | bytes], Path]


class Line(BaseModel):
    model_config = ConfigDict(extra="forbid")
    low: float
    typical: float = 1


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid")
    gpus: int = 1
    lines: dict[str, Line] = {}
    more: list[Line] | None = None


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def to_file(text: str | bytes) -> Path:
        path = tmp_path / "llmops.yaml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return to_file


def refusal(path: Path) -> BadInput:
    with pytest.raises(BadInput) as caught:
        load_config(path)
    return caught.value


def test_sections_are_read(write: Write) -> None:
    assert load_config(write("tco:\n  gpus: 2\nprices: {}\n")) == {"tco": {"gpus": 2}, "prices": {}}


def test_an_empty_file_holds_nothing(write: Write) -> None:
    assert load_config(write("# only a comment\n")) == {}


def test_without_a_file_there_is_no_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_config(None) == {}


def test_the_file_in_the_current_folder_is_the_default(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(write("tco: {gpus: 3}").parent)
    assert load_config(None) == {"tco": {"gpus": 3}}


def test_no_folder_above_is_searched(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = write("tco: {gpus: 3}").parent / "inner"
    inner.mkdir()
    monkeypatch.chdir(inner)
    assert load_config(None) == {}


def test_an_unknown_section_is_answered_with_the_nearest(write: Write) -> None:
    error = refusal(write("tcoo: {}\n"))
    assert "unknown section 'tcoo'" in str(error)
    assert error.hint == "did you mean 'tco'?"


def test_a_section_that_is_like_no_other_lists_them_all(write: Write) -> None:
    assert refusal(write("7: {}\n")).hint == f"known: {', '.join(sorted(SECTIONS))}"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("tco: [1, 2", "is not valid YAML"),
        ("\ttco: 1", "is not valid YAML"),
        ("- tco\n- prices\n", "must hold a mapping"),
        ("just words", "must hold a mapping"),
        (b"tco: \xff\xfe\n", "is not UTF-8 text"),
        ("tco: !!python/object/apply:os.getcwd []", "is not valid YAML"),
        ("tco: \x00", "is not valid YAML"),
    ],
)
def test_what_is_no_configuration_is_one_sentence(write: Write, content: str | bytes, complaint: str) -> None:
    error = refusal(write(content))
    assert complaint in str(error)
    assert "\n" not in str(error)
    assert error.hint


def test_a_named_file_that_is_missing_is_an_error(tmp_path: Path) -> None:
    assert "No such file" in str(refusal(tmp_path / "nope.yaml"))


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert "Is a directory" in str(refusal(tmp_path))


def test_any_mapping_is_read_without_a_list_of_sections(write: Write) -> None:
    assert load_yaml(write("anything: 1")) == {"anything": 1}


def test_a_valid_section_becomes_its_model() -> None:
    assert validated(Section, {"gpus": 2, "lines": {"people": {"low": 3}}}, "tco").lines["people"].low == 3


@pytest.mark.parametrize(
    ("data", "where", "hint"),
    [
        ({"gpu": 2}, "'tco.gpu'", "did you mean 'gpus'?"),
        ({"lines": {"people": {"low": 1, "typicl": 2}}}, "'tco.lines.people.typicl'", "did you mean 'typical'?"),
        ({"more": [{"low": 1}, {"low": 1, "lo": 2}]}, "'tco.more.1.lo'", "did you mean 'low'?"),
    ],
)
def test_an_unknown_key_is_named_with_its_path_and_the_nearest_key(data: dict[str, Any], where: str, hint: str) -> None:
    with pytest.raises(BadInput) as caught:
        validated(Section, data, "tco")
    assert str(caught.value) == f"unknown key {where}"
    assert caught.value.hint == hint


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        ({"gpus": "many"}, "tco.gpus: "),
        ({"lines": {"people": {}}}, "tco.lines.people.low: "),
        ({"lines": 3}, "tco.lines: "),
    ],
)
def test_a_wrong_value_is_named_with_its_path(data: dict[str, Any], complaint: str) -> None:
    with pytest.raises(BadInput) as caught:
        validated(Section, data, "tco")
    assert str(caught.value).startswith(complaint)
    assert caught.value.hint
    assert "pydantic" not in str(caught.value)


@pytest.mark.parametrize("data", [3, "words", ["gpus"]])
def test_a_section_that_is_no_mapping_is_an_error(data: Any) -> None:
    with pytest.raises(BadInput, match="tco"):
        validated(Section, data, "tco")


def test_what_a_validator_of_ours_says_is_said_without_pydantics_prefix() -> None:
    class Even(BaseModel):
        count: Annotated[int, AfterValidator(_even)]

    assert validated(Even, {"count": 2}, "it").count == 2
    with pytest.raises(BadInput) as caught:
        validated(Even, {"count": 3}, "it")
    assert (str(caught.value), caught.value.hint) == ("it.count: give an even number", "found: 3")


def _even(value: int) -> int:
    if value % 2:
        raise ValueError("give an even number")
    return value


def test_a_date_that_cannot_be_is_told_with_its_line(write: Write) -> None:
    told = str(refusal(write("tco:\n  from: 2026-02-30\n")))
    assert "'2026-02-30' cannot be" in told
    assert "line 2" in told
