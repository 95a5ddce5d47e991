"""What the commands share."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from llmops.errors import BadInput
from llmops.infra.cli.options import cloud, lease_end, web_address


@pytest.mark.parametrize(
    ("text", "length"), [("90m", timedelta(minutes=90)), ("4h", timedelta(hours=4)), ("30d", timedelta(days=30))]
)
def test_a_lease_ends_after_its_length(text: str, length: timedelta) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    assert timedelta(0) <= lease_end(text) - before - length <= timedelta(seconds=2)


@pytest.mark.parametrize("text", ["", "4", "h", "0h", "-1h", "1.5h", "31d", "4w", "²h"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match=re.escape(f"--for {text!r} is no length of time")):
        lease_end(text)


def test_a_number_of_any_length_is_refused_in_one_sentence() -> None:
    with pytest.raises(BadInput, match=r"--for '9{40}' is no length of time"):
        lease_end("9" * 5000 + "h")


def test_the_region_is_that_of_the_option_then_of_the_configuration_then_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cloud(None, None).region is None
    (tmp_path / "llmops.yaml").write_text("infra: {region: eu-west-1}\n", encoding="utf-8")
    (tmp_path / "other.yaml").write_text("infra: {region: eu-west-2}\n", encoding="utf-8")
    assert cloud(None, None).region == "eu-west-1"
    assert cloud(None, None, Path("other.yaml")).region == "eu-west-2"
    assert cloud("us-west-2", None).region == "us-west-2"


def test_a_stand_in_for_aws_is_an_address() -> None:
    with pytest.raises(BadInput, match="--aws-endpoint 'x' is no URL"):
        cloud(None, "x")


def test_an_address_is_of_http() -> None:
    assert web_address("https://llm.example.com/v1", "--endpoint") == "https://llm.example.com/v1"
    assert web_address("http://[::1]:8000/v1", "--endpoint") == "http://[::1]:8000/v1"


@pytest.mark.parametrize(
    "text",
    ["", "llm.example.com", "file:///etc/passwd", "http://", "http://h:x/v1", "http://h:0", "http://[x", "http://a b"],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match=re.escape(f"--endpoint {text!r} is no URL")):
        web_address(text, "--endpoint")
