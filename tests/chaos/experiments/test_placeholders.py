import pytest

from llmops.chaos.experiments.placeholders import check, filled, known_names
from llmops.errors import BadInput

KNOWN = known_names(["primary"], ["retries"], ["KEY"])


def test_all_that_may_stand_in_braces() -> None:
    assert sorted(KNOWN) == sorted([
        "port", "workdir", "folder", "authority", "primary.base_url", "primary.origin", "primary.port",
        "settings.retries", "env.KEY",
    ])  # fmt: skip


def test_each_name_is_replaced_by_its_value() -> None:
    assert filled("--port={port} {primary.base_url}", {"port": "4000", "primary.base_url": "http://x/v1"}) == (
        "--port=4000 http://x/v1"
    )


def test_a_value_is_not_looked_into_again() -> None:
    assert filled("{env.KEY}", {"env.KEY": "{port}", "port": "1"}) == "{port}"


def test_json_in_a_text_stays_as_it_is() -> None:
    text = '{"strategy": {"mode": "fallback"}, "targets": [{}], "port": {port}}'
    assert filled(text, {"port": "4000"}) == text.replace("{port}", "4000")
    check(text, KNOWN, only_ours=False)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("{prot}", "did you mean 'port'?"),
        ("{primary.base_ulr}", "did you mean 'primary.base_url'?"),
        ("{secondary.base_url}", ""),
        ("{env.OTHER}", ""),
        ("{settings.retry}", ""),
    ],
)
def test_a_name_that_nothing_stands_for_is_refused(text: str, hint: str) -> None:
    with pytest.raises(BadInput, match="nothing is named") as caught:
        check(text, KNOWN, only_ours=False)
    assert hint in caught.value.hint


@pytest.mark.parametrize("text", ["f'{name}'", "${HOME}", "{self.port}"])
def test_a_file_may_have_braces_of_its_own(text: str) -> None:
    check(text, KNOWN, only_ours=True)


@pytest.mark.parametrize("text", ["{secondary.base_url}", "{env.OTHER}", "{settings.retry}"])
def test_but_what_looks_like_ours_is_refused_there_too(text: str) -> None:
    with pytest.raises(BadInput, match="nothing is named"):
        check(text, KNOWN, only_ours=True)
