"""A look around in a folder: its repository, its gateway, its logs and results. Nothing is run or fetched."""

import configparser
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from llmops.config import load_yaml
from llmops.errors import LlmopsError
from llmops.playbooks.first.seen import Seen, Upstream
from llmops.playbooks.shelf import ENDING

LOG_ENDINGS = (".jsonl", ".ndjson", ".csv", ".parquet", ".jsonl.gz", ".csv.gz", ".json", ".json.gz")
NO_LOGS = {"package.json", "package-lock.json", "tsconfig.json", "result.json"}
HIDDEN = re.compile(r"[._]|node_modules$|venv$|build$|dist$|site-packages$|runs$")
MOST_FILES = 200  # to look into: a look around ends
MOST_LOGS = 5
LARGEST_BYTES = 1 << 20  # of a configuration
ADDRESS = re.compile(r"https?://[\w.-]+(?::\d{1,5})?(?:/[\w./-]*)?")
UPSTREAMS = {
    "openai": "https://api.openai.com",
    "anthropic": "https://api.anthropic.com",
    "gemini": "https://generativelanguage.googleapis.com",
}
"""Where the providers' own SDKs go to (openai 3.54.0, anthropic 2.12.0, google's API reference; read 2026-11-26)."""
BY_NAME = {"gpt-": "openai", "o1": "openai", "o3": "openai", "claude-": "anthropic", "gemini-": "gemini"}
REMOTE_NAME = re.compile(r"[/:]([^/:]+?)(?:\.git)?/?$")


def look(
    folder: Path,
    *,
    log_format_of: Callable[[Path], str | None],
    metrics_of: Callable[[Path], list[str]],
    environment: Mapping[str, str] = os.environ,
    home: Path | None = None,
) -> Seen:
    """What is there. Whatever cannot be read is passed over."""
    project, project_from = _project(folder)
    owner, owner_from = _owner(folder, home)
    gateway, upstreams, passed_over = _gateway(folder)
    region_from = next((name for name in ("AWS_REGION", "AWS_DEFAULT_REGION") if environment.get(name)), "")
    return Seen(
        project,
        project_from,
        owner,
        owner_from,
        environment.get(region_from, ""),
        f"${region_from}" if region_from else "",
        gateway,
        upstreams,
        _logs(folder, log_format_of),
        _templates(folder),
        _metrics(folder, metrics_of),
        tuple(passed_over),
    )


def _project(folder: Path) -> tuple[str, str]:
    for section, values in _git(folder / ".git" / "config").items():
        if section.startswith("remote") and (found := REMOTE_NAME.search(values.get("url", ""))):
            return found[1], "the remote in .git/config"
    return folder.resolve().name or "project", "the name of the folder"


def _owner(folder: Path, home: Path | None) -> tuple[str, str]:
    for file in (folder / "CODEOWNERS", folder / ".github" / "CODEOWNERS", folder / "docs" / "CODEOWNERS"):
        for line in _text(file).splitlines():
            words = line.split()
            if len(words) > 1 and words[0] == "*":
                return words[1], str(file.relative_to(folder))
    for file in (folder / ".git" / "config", *([home / ".gitconfig"] if home else [])):
        if name := _git(file).get("user", {}).get("name"):
            return name, f"user.name in {file.relative_to(folder) if file.is_relative_to(folder) else '~/.gitconfig'}"
    return "", ""


def _git(file: Path) -> dict[str, dict[str, str]]:
    parser = configparser.ConfigParser(strict=False, interpolation=None, allow_no_value=True)
    try:
        parser.read_string("\n".join(line.strip() for line in _text(file).splitlines()))
    except configparser.Error:
        return {}
    return {name: {key: value or "" for key, value in parser.items(name)} for name in parser.sections()}


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _files(folder: Path) -> Iterator[Path]:
    """Those of the folder and of the folders in it, not of hidden ones or of what tools make."""
    inner = [each for each in _in(folder) if each.is_dir() and not HIDDEN.search(each.name)]
    found = [file for each in (folder, *inner) for file in _in(each) if file.is_file()]
    yield from (file for file in found[: MOST_FILES * 10] if not file.name.startswith("."))


def _in(folder: Path) -> list[Path]:
    try:
        return [each for each in sorted(folder.iterdir()) if each.is_dir() or each.is_file()]
    except OSError:  # not for us to see
        return []


# --- the gateway


def _gateway(folder: Path) -> tuple[str, dict[str, Upstream], list[str]]:
    """The first configuration of LiteLLM, and the providers that it names."""
    for file in _files(folder):
        if file.suffix not in {".yaml", ".yml"} or file.stat().st_size > LARGEST_BYTES:
            continue
        try:
            models = load_yaml(file).get("model_list")
        except LlmopsError:
            continue
        if isinstance(models, list):
            name = str(file.relative_to(folder))
            upstreams, passed_over = _upstreams(models, name)
            return name, upstreams, passed_over
    return "", {}, []


def _upstreams(models: list[Any], file: str) -> tuple[dict[str, Upstream], list[str]]:
    found: dict[str, Upstream] = {}
    passed_over = []
    for each in models:
        parameters = each.get("litellm_params") if isinstance(each, dict) else None
        model = parameters.get("model") if isinstance(parameters, dict) else None
        if not isinstance(parameters, dict) or not isinstance(model, str):
            continue
        name, url, asked = _provider(model, parameters.get("api_base"))
        if not url:
            passed_over.append(f"{file}: {model} has no address that can be told; add its provider by hand")
            continue
        known = found.get(name, Upstream(url))
        key = name if known.url == url else f"{name}_{len(found)}"
        models_of = found.get(key, Upstream(url)).models
        found[key] = Upstream(url, tuple(dict.fromkeys([*models_of, asked])))
    whole = {name: each for name, each in found.items() if not any("*" in model for model in each.models)}
    return {name: whole.get(name, Upstream(each.url)) for name, each in found.items()}, passed_over


def _provider(model: str, api_base: Any) -> tuple[str, str, str]:  # noqa: ANN401 - whatever YAML holds
    """Its name, its address without /v1, and the model that it is asked for."""
    prefix, slash, rest = model.partition("/")
    name = prefix if slash else next((of for start, of in BY_NAME.items() if model.startswith(start)), "")
    asked = rest if slash else model
    if isinstance(api_base, str) and ADDRESS.fullmatch(api_base):
        return re.sub(r"\W", "_", name or "provider"), re.sub(r"/v1/?$", "", api_base.rstrip("/")), asked
    return name, "" if api_base else UPSTREAMS.get(name, ""), asked


# --- logs, results, templates


def _logs(folder: Path, log_format_of: Callable[[Path], str | None]) -> dict[str, str]:
    found: dict[str, str] = {}
    candidates = [file for file in _files(folder) if file.name.endswith(LOG_ENDINGS) and file.name not in NO_LOGS]
    for file in candidates[:MOST_FILES]:
        if len(found) < MOST_LOGS and (log_format := log_format_of(file)):
            found[str(file.relative_to(folder))] = log_format
    return found


def _metrics(folder: Path, metrics_of: Callable[[Path], list[str]]) -> dict[str, str]:
    files = sorted(folder.glob("runs/*/result.json"), key=lambda file: file.stat().st_mtime, reverse=True)
    found: dict[str, str] = {}
    for file in files[:MOST_LOGS]:
        for name in metrics_of(file):
            found.setdefault(name, str(file.parent.relative_to(folder)))
    return found


def _templates(folder: Path) -> str:
    for name in ("playbooks", "runbooks", "docs/runbooks"):
        if any((folder / name).glob(f"*{ENDING}")):
            return name
    return ""
