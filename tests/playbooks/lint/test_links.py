"""Links and pictures of a page lead somewhere."""

from pathlib import Path

import pytest

from llmops.playbooks.lint.links import anchors, link_problems


def lint(body: str, folder: Path) -> list[tuple[int, str]]:
    return [(each.line, each.text) for each in link_problems(body, 1, folder / "page.md")[1]]


@pytest.fixture(autouse=True)
def _files(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "other one.md").write_text("---\na: 1\n---\n# The `first` one!\n## Twice\n## Twice\n")
    (tmp_path / "page.md").touch()


@pytest.mark.parametrize(
    "body",
    [
        "[a](docs/other%20one.md)",
        "[a](<docs/other one.md#the-first-one>)",
        "[a](docs/other%20one.md#twice-1)",
        "[a](docs)",
        "# Here it is\n\n[a](#here-it-is)",
        "[a](https://gone.example/x) <mailto:a@example.org> [b](//host/x)",
        "`[a](gone.md)`",
        "[a][b]\n\n[b]: page.md",
    ],
)
def test_a_link_that_leads_somewhere_is_left_alone(body: str, tmp_path: Path) -> None:
    assert lint(body, tmp_path) == []


@pytest.mark.parametrize(
    ("body", "line", "why"),
    [
        ("x\n\n[a](gone.md)", 3, "the link to gone.md leads nowhere"),
        ("![a](gone.png)", 1, "the link to gone.png leads nowhere"),
        ("[a][b]\n\n[b]: gone.md", 1, "the link to gone.md leads nowhere"),
        ("[a](#nowhere)", 1, "the page has no heading #nowhere"),
        ("[a](docs/other%20one.md#twice-2)", 1, "docs/other one.md has no heading #twice-2"),
    ],
)
def test_a_link_that_leads_nowhere_is_told(body: str, line: int, why: str, tmp_path: Path) -> None:
    assert lint(body, tmp_path) == [(line, why)]


def test_links_elsewhere_are_not_counted(tmp_path: Path) -> None:
    assert link_problems("[a](https://example.org) [b](page.md)", 1, tmp_path / "page.md")[0] == 1


def test_headings_are_named_as_on_github() -> None:
    assert anchors("# A b\n\n## A b\n\n### `c` *d*, e: f-g_h\n\nA b\n") == {"a-b", "a-b-1", "c-d-e-f-g_h"}
