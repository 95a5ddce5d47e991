"""`llmops infra render`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from llmops.infra.spec import spec_from


def test_terraform_is_a_root_module(infra: Callable[..., Any], configured: Callable[..., None]) -> None:
    configured()
    told = json.loads(infra("render", "terraform").out)
    assert told["module"]["fallback"]["instance_types"] == ["g6e.12xlarge"]


def test_pulumi_is_the_configuration_of_a_stack(infra: Callable[..., Any], configured: Callable[..., None]) -> None:
    configured(mode="hot")
    told = yaml.safe_load(infra("render", "pulumi").out)["config"]
    assert told["aws:region"] == "us-east-1"
    assert spec_from(told["llmops-gpu-fallback:fallback"]).mode == "hot"


def test_user_data_says_what_is_filled_in_later(infra: Callable[..., Any], configured: Callable[..., None]) -> None:
    configured()
    told = infra("render", "userdata").out
    assert told.startswith("#!/bin/bash\n")
    assert "SECRET_ARN=<secret_arn>" in told
    assert "REGION=us-east-1" in told


def test_kubernetes_is_eight_documents(infra: Callable[..., Any], configured: Callable[..., None]) -> None:
    configured()
    told = {it["kind"]: it for it in yaml.safe_load_all(infra("render", "kubernetes", "--cluster", "prod").out)}
    assert len(told) == 8
    assert told["EC2NodeClass"]["spec"]["role"] == "KarpenterNodeRole-prod"


@pytest.mark.parametrize("alias", ["", "al2023", "ami-0123456789abcdef0", "windows2022@latest", "al2023@a b"])
def test_a_node_image_is_an_alias_of_a_family_with_gpus(
    infra: Callable[..., Any], configured: Callable[..., None], alias: str
) -> None:
    configured()
    done = infra("render", "kubernetes", "--node-ami", alias)
    assert (done.code, f"--node-ami {alias!r} is no alias" in done.err) == (2, True)


def test_a_gateway_needs_to_know_where(infra: Callable[..., Any], configured: Callable[..., None]) -> None:
    configured()
    done = infra("render", "gateway")
    assert done.code == 2
    assert "where the fallback answers is not known" in done.err
    told = infra("render", "gateway", "--base-url", "https://llm.example.com/v1", "--alias", "spare")
    assert yaml.safe_load(told.out)["model_list"][0]["model_name"] == "spare"
    assert "--gateway 'lightllm' is unknown" in infra("render", "gateway", "--gateway", "lightllm").err


@pytest.mark.parametrize("target", ["terraform", "pulumi", "userdata", "kubernetes"])
def test_out_writes_what_is_printed(
    infra: Callable[..., Any], configured: Callable[..., None], tmp_path: Path, target: str
) -> None:
    configured()
    printed = infra("render", target).out
    assert infra("render", target, "--out", tmp_path / "file").out == ""
    assert (tmp_path / "file").read_text(encoding="utf-8") == printed


def test_its_own_configuration_is_not_overwritten(
    infra: Callable[..., Any], configured: Callable[..., None], tmp_path: Path
) -> None:
    configured()
    before = (tmp_path / "llmops.yaml").read_bytes()
    (tmp_path / "other.yaml").write_bytes(before)
    for words in ((), ("--config", "other.yaml")):
        file = words[-1] if words else "llmops.yaml"
        done = infra("render", "pulumi", *words, "--out", file)
        assert (done.code, f"--out {file} would overwrite {file}" in done.err) == (2, True)
    assert (tmp_path / "llmops.yaml").read_bytes() == (tmp_path / "other.yaml").read_bytes() == before
    done = infra("render", "pulumi", "--out", "none/file")
    assert (done.code, "cannot write none/file" in done.err) == (2, True)


@pytest.mark.parametrize(
    "words",
    [
        ("gateway", "--base-url", "llm.example.com"),
        ("gateway", "--base-url", "https://x/v1", "--stand-in", "file:///x"),
        ("kubernetes", "--demand", "x"),
        ("kubernetes", "--cluster", "a b"),
        ("kubernetes", "--cluster", ""),
    ],
)
def test_what_is_no_url_or_name_is_refused(
    infra: Callable[..., Any], configured: Callable[..., None], words: tuple[str, ...]
) -> None:
    configured()
    done = infra("render", *words)
    assert (done.code, f"{words[-2]} {words[-1]!r} is no " in done.err) == (2, True)


@pytest.mark.parametrize("gateway", ["litellm", "portkey"])
def test_the_stand_in_is_not_told_the_key(
    infra: Callable[..., Any], configured: Callable[..., None], gateway: str
) -> None:
    configured()
    urls = ("--base-url", "https://x/v1", "--stand-in", "http://127.0.0.1:8099/v1")
    assert infra("render", "gateway", "--gateway", gateway, *urls).out.count("LLMOPS_FALLBACK_KEY") == 1
