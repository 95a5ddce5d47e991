"""A look around sees the repository, the gateway, logs and results, and runs nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmops.playbooks.first.looking import look
from llmops.playbooks.first.seen import Seen, Upstream

LITELLM = """\
model_list:
  - {model_name: chat, litellm_params: {model: openai/gpt-4o, api_key: os.environ/KEY}}
  - {model_name: mini, litellm_params: {model: gpt-4o-mini}}
  - {model_name: chat, litellm_params: {model: anthropic/claude-sonnet-4-5}}
  - {model_name: own, litellm_params: {model: openai/llama, api_base: "http://10.0.0.5:8000/v1/"}}
  - {model_name: odd, litellm_params: {model: azure/x, api_base: os.environ/AZURE}}
  - nonsense
"""
Write = Callable[[str, str], Path]


@pytest.fixture
def see(tmp_path: Path) -> Callable[..., Seen]:
    def look_around(**given: Any) -> Seen:
        known: dict[str, Any] = {
            "log_format_of": lambda _: None,
            "metrics_of": lambda _: [],
            "environment": {},
            **given,
        }
        return look(tmp_path, **known)

    return look_around


def test_an_empty_folder_has_its_name(see: Callable[..., Seen], tmp_path: Path) -> None:
    assert see() == Seen(tmp_path.name, "the name of the folder")


@pytest.mark.parametrize(
    "url", ["git@github.com:acme/shop.git", "https://github.com/acme/shop", "ssh://git@h/acme/shop.git/", "../shop"]
)
def test_the_project_is_named_by_its_remote(url: str, see: Callable[..., Seen], write: Write) -> None:
    write(".git/config", f'[core]\n\tbare = false\n[remote "origin"]\n\turl = {url}\n')
    assert see().project == "shop"


def test_the_owner_is_of_codeowners_else_of_git(see: Callable[..., Seen], write: Write, tmp_path: Path) -> None:
    write("home/.gitconfig", "[user]\n\tname = Ann\n[alias]\n\tx = !y\n")
    assert see(home=tmp_path / "home").owner == "Ann"
    write(".git/config", "[user]\n\tname = Bob\n")
    assert see(home=tmp_path / "home").owner == "Bob"
    write(".github/CODEOWNERS", "# all\n/docs @acme/docs\n* @acme/sre @ann\n")
    assert (see().owner, see().owner_from) == ("@acme/sre", ".github/CODEOWNERS")


def test_providers_are_those_of_the_gateway(see: Callable[..., Seen], write: Write) -> None:
    write("deploy/litellm.yaml", LITELLM)
    write("other.yaml", "a: 1\n")
    write("broken.yaml", "a: [\n")
    found = see()
    assert found.gateway == "deploy/litellm.yaml"
    assert found.upstreams == {
        "openai": Upstream("https://api.openai.com", ("gpt-4o", "gpt-4o-mini")),
        "anthropic": Upstream("https://api.anthropic.com", ("claude-sonnet-4-5",)),
        "openai_2": Upstream("http://10.0.0.5:8000", ("llama",)),
    }
    assert [*found.passed_over] == [
        "deploy/litellm.yaml: azure/x has no address that can be told; add its provider by hand"
    ]


def test_a_provider_that_is_asked_for_anything_has_no_list_of_models(see: Callable[..., Seen], write: Write) -> None:
    more = "  - {model_name: any, litellm_params: {model: 'openai/*'}}\n"
    write("litellm.yaml", LITELLM + more)
    assert see().upstreams["openai"] == Upstream("https://api.openai.com")


@pytest.mark.parametrize("address", ["http://x:abc", "ftp://x", "http://a b", "file:///etc", "http://u:p@x"])
def test_what_is_no_address_is_passed_over(address: str, see: Callable[..., Seen], write: Write) -> None:
    write("l.yaml", f"model_list: [{{litellm_params: {{model: openai/x, api_base: '{address}'}}}}]\n")
    assert see().upstreams == {}
    assert len(see().passed_over) == 1


def test_logs_are_those_that_a_reader_knows(see: Callable[..., Seen], write: Write) -> None:
    for name in (
        "a.jsonl",
        "logs/b.csv.gz",
        "deep/er/c.jsonl",
        ".d.jsonl",
        "node_modules/e.jsonl",
        "f.txt",
        "package.json",
    ):
        write(name, "x")
    asked: list[str] = []

    def log_format_of(file: Path) -> str | None:
        asked.append(file.name)
        return "openai_chat" if file.name.startswith("a") else None

    assert see(log_format_of=log_format_of).logs == {"a.jsonl": "openai_chat"}
    assert sorted(asked) == ["a.jsonl", "b.csv.gz"]


def test_results_of_runs_say_what_is_measured(see: Callable[..., Seen], write: Write) -> None:
    write("runs/a/result.json", "x")
    write("runs/b/nothing.json", "x")
    assert see(metrics_of=lambda _: ["ttft_p95_s"]).metrics == {"ttft_p95_s": "runs/a"}


def test_templates_and_region_are_seen(see: Callable[..., Seen], write: Write) -> None:
    write("runbooks/a.md.j2", "x")
    found = see(environment={"AWS_DEFAULT_REGION": "eu-west-1"})
    assert (found.templates, found.region, found.region_from) == ("runbooks", "eu-west-1", "$AWS_DEFAULT_REGION")
