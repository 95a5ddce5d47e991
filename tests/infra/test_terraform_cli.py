"""Terraform as a child: where its provider is, what it is given, what it says."""

from pathlib import Path

import pytest

from llmops.errors import OutsideFailed
from llmops.infra import terraform_cli
from llmops.infra.terraform_cli import (
    PLUGIN_DIR_VARIABLE,
    PROVIDER,
    TerraformMissing,
    clean_environment,
    executable,
    first_error,
    plugin_dir,
)

BLOCK = """
╷
│ Warning: something else
╵
╷
│ Error: Invalid value for variable
│
│   on main.tf line 3:
│
│ The name must be short.
╵
╷
│ Error: a second one
╵
"""


def test_settings_of_terraform_and_aws_do_not_reach_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", "nowhere")
    monkeypatch.setenv("AWS_PROFILE", "production")
    told = clean_environment({"AWS_REGION": "us-east-1"})
    assert {name for name in told if name.startswith(("TF_", "AWS_"))} == {"AWS_REGION"}
    assert told["CHECKPOINT_DISABLE"] == "1"


def test_the_first_error_is_one_line() -> None:
    assert first_error(BLOCK) == "Invalid value for variable on main.tf line 3: The name must be short."
    assert first_error("it broke\n") == "it broke"
    assert first_error("") == "it failed without a word"


def test_the_provider_is_found_where_the_variable_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / PROVIDER).mkdir(parents=True)
    monkeypatch.setenv(PLUGIN_DIR_VARIABLE, str(tmp_path))
    assert plugin_dir() == tmp_path
    monkeypatch.setenv(PLUGIN_DIR_VARIABLE, str(tmp_path / "elsewhere"))
    with pytest.raises(TerraformMissing, match=r"which has no registry\.terraform\.io/hashicorp/aws"):
        plugin_dir()


def test_else_it_is_searched_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(PLUGIN_DIR_VARIABLE, raising=False)
    monkeypatch.setattr(terraform_cli, "PLACES", (str(tmp_path / "absent"), str(tmp_path)))
    terraform_cli._found_plugin_dir.cache_clear()
    try:
        with pytest.raises(TerraformMissing, match="is not on this machine"):
            plugin_dir()
        (tmp_path / "a" / "plugins" / PROVIDER).mkdir(parents=True)
        terraform_cli._found_plugin_dir.cache_clear()
        assert plugin_dir() == tmp_path / "a" / "plugins"
    finally:
        terraform_cli._found_plugin_dir.cache_clear()


def test_a_missing_terraform_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(TerraformMissing, match="terraform is not on the PATH"):
        executable()
    assert TerraformMissing("x").exit_code == OutsideFailed("x").exit_code == 4
