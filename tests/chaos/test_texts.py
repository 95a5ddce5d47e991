import tomllib
from pathlib import Path

import pytest

from llmops.chaos import texts
from llmops.errors import UnknownName


def test_every_text_has_its_source() -> None:
    path = Path(texts.__file__).parent / "faults" / "data" / "texts.toml"
    for family in tomllib.loads(path.read_text(encoding="utf-8")).values():
        for one in family.values():
            assert set(one) == {"text", "source"}
            assert one["text"].strip()


def test_a_text_by_name() -> None:
    assert texts.text("control_tokens", "mistral") == "[/INST] [INST]"
    assert "thai" in texts.names("wrong_language")


def test_a_typing_error_gets_the_nearest_name() -> None:
    with pytest.raises(UnknownName) as unknown:
        texts.text("soft_refusal", "sory")
    assert unknown.value.hint == "did you mean 'sorry'?"
