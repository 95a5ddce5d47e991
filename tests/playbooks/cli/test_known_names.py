"""Names in commands are held to what there is."""

from pathlib import Path

import pytest

from llmops.playbooks.cli.known_names import unknown_name


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("chaos run", {"experiments": ["provider-down", "my.yaml", "dir/x", "$X"], "system": ["litellm"]}),
        ("gameday plan", {"preset": ["openrouter-2026-02-17-fake401"]}),
        ("chaos provider", {"provider": ["openai"]}),
        ("bill", {"log": ["anything"]}),
        ("chaos run", {"seed": ["7"]}),
    ],
)
def test_what_there_is_or_is_no_name_is_left_alone(path: str, given: dict[str, list[str]]) -> None:
    assert unknown_name(path, given) == ""


@pytest.mark.parametrize(
    ("path", "given", "why"),
    [
        ("chaos export", {"experiment": ["provider-dawn"]}, "no scenario is named 'provider-dawn'"),
        ("gameday plan", {"system": ["portkee"]}, "no system is named 'portkee'; did you mean 'portkey'?"),
        ("chaos provider", {"provider": ["opena"]}, "no provider is named 'opena'; did you mean 'openai'?"),
    ],
)
def test_what_there_is_not_is_told_with_the_nearest(path: str, given: dict[str, list[str]], why: str) -> None:
    assert why in unknown_name(path, given)


def test_own_templates_are_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "no template is named 'mine'" in unknown_name("playbook render", {"name": ["mine"]})
    (tmp_path / "llmops.yaml").write_text("playbooks: {templates: own}\n")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "mine.md.j2").touch()
    assert unknown_name("playbook render", {"name": ["mine"]}) == ""
