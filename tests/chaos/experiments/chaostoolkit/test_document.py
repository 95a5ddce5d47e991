"""A file of Chaos Toolkit's: told from ours, read from YAML or JSON, and never in part."""

import json
from pathlib import Path
from typing import Any

import pytest

from llmops.chaos.experiments.chaostoolkit.document import document_of, is_chaos_toolkit, read
from llmops.chaos.experiments.loader import Source
from llmops.errors import BadInput

TRUE = {"type": "process", "path": "true"}
PROBE = {"type": "probe", "name": "p", "tolerance": 0, "provider": TRUE}
WHOLE: dict[str, Any] = {
    "version": "1.0.0",
    "title": "A ${what}",
    "description": "d",
    "tags": ["a"],
    "contributions": {"reliability": "high"},
    "extensions": [{"name": "x"}],
    "configuration": {"what": "drill"},
    "secrets": {},
    "runtime": {"rollbacks": {"strategy": "always"}},
    "steady-state-hypothesis": {"title": "h", "probes": [PROBE]},
    "method": [{"type": "action", "name": "a", "provider": TRUE}, {"ref": "p"}],
    "rollbacks": [{"ref": "a"}],
}


def test_all_parts_are_read() -> None:
    found = document_of(WHOLE, Source("a.yaml"), {})
    assert found.title == "A drill"
    assert [each.name for each in found.hypothesis] == ["p"]
    assert [each.name for each in found.method] == ["a", "p"]
    assert [each.name for each in found.rollbacks] == ["a"]
    assert found.data is WHOLE


def test_a_hypothesis_may_be_absent_and_a_method_empty() -> None:
    found = document_of({"title": "t", "description": "d", "method": []}, Source("a.yaml"), {})
    assert (found.hypothesis, found.method, found.rollbacks) == ((), (), ())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"title": None}, "the experiment has no 'title'"),
        ({"description": ""}, "description is empty"),
        ({"controls": [{}]}, "controls cannot be carried over: controls run code around activities"),
        ({"dry": "activities"}, "dry cannot be carried over"),
        ({"methdo": []}, "unknown key 'methdo'"),
        (
            {"runtime": {"rollbacks": {"strategy": "never"}}},
            "runtime.rollbacks.strategy 'never' cannot be carried over",
        ),
        ({"runtime": {"hypothesis": {"strategy": "continuously"}}}, "runtime.hypothesis.strategy 'continuously'"),
        (
            {"runtime": {"hypothesis": {"strategy": "default", "frequency": 1}}},
            "unknown key 'runtime.hypothesis.frequency'",
        ),
        ({"steady-state-hypothesis": {"probes": [PROBE]}}, "steady-state-hypothesis has no 'title'"),
        (
            {"steady-state-hypothesis": {"title": "h", "probes": [{**PROBE, "tolerance": None}]}},
            "is no probe with a tolerance",
        ),
        ({"steady-state-hypothesis": {"title": "h", "probes": [{**PROBE, "background": True}]}}, "are asked in turn"),
        (
            {"steady-state-hypothesis": {"title": "h", "controls": []}},
            "steady-state-hypothesis.controls cannot be carried",
        ),
        ({"method": [{"type": "action", "name": "a"}]}, "method.0.provider has no 'type'"),
        ({"rollbacks": ["a"]}, "rollbacks.0 is 'a', and no mapping"),
    ],
)
def test_what_cannot_be_carried_over_is_refused_by_name(change: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput) as caught:
        document_of({**WHOLE, **change}, Source("a.yaml"), {})
    assert words in str(caught.value)


def test_a_method_must_be_there() -> None:
    without = {name: value for name, value in WHOLE.items() if name != "method"}
    with pytest.raises(BadInput, match="the experiment has no 'method'"):
        document_of(without, Source("a.yaml"), {})


def test_theirs_are_told_from_ours() -> None:
    assert is_chaos_toolkit(WHOLE)
    assert is_chaos_toolkit({"steady-state-hypothesis": {}})
    assert not is_chaos_toolkit({"schema_version": 1, "method": []})
    assert not is_chaos_toolkit({"name": "x", "phases": []})


def test_json_is_read_as_json_with_the_line_of_each_part(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(
        '{\n\t"title": "\\ud83d\\ude00",\n\t"n": 1e3,\n\t"method": [\n\t\t{"name": "on"}\n\t]\n}', encoding="utf-8"
    )
    data, source = read(path)
    assert data == {"title": "😀", "n": 1000.0, "method": [{"name": "on"}]}
    assert source.at("method", 0, "name") == f"{path}:5"


def test_yaml_is_read_with_the_line_of_each_part(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("title: t\nmethod:\n  - name: x\n", encoding="utf-8")
    data, source = read(path)
    assert data == {"title": "t", "method": [{"name": "x"}]}
    assert source.at("method", 0, "name") == f"{path}:3"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.json", b'{"title": }', "is no JSON"),
        ("a.json", b'{"title": "a", "title": "b"}', "'title' is there twice"),
        ("a.json", b"[1]", "must hold a mapping"),
        ("a.yaml", b"a: [", "is no YAML"),
        ("a.json", b"\xff", "is not UTF-8"),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, name: str, text: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(text)
    with pytest.raises(BadInput, match=words):
        read(tmp_path / name)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot read"):
        read(tmp_path / "none.json")


def test_the_line_of_what_is_refused_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({**WHOLE, "dry": True}, indent=1), encoding="utf-8")
    data, source = read(tmp_path / "a.json")
    line = json.dumps({**WHOLE, "dry": True}, indent=1).splitlines().index(' "dry": true') + 1
    with pytest.raises(BadInput, match=rf"a\.json:{line}: dry cannot be carried over"):
        document_of(data, source, {})
