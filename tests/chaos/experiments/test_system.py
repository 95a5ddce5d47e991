import asyncio
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from llmops.chaos.experiments.redaction import redactor
from llmops.chaos.experiments.schema import System
from llmops.chaos.experiments.system import NeverReady, Places, Running, running, secrets_of, values_of

PROXIES = {"primary": "https://127.0.0.1:9101/v1", "authority": "/w/ca.pem"}
FOLDER = Path("experiments")
SERVER = """\
import http.server, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = repr((open('config').read(), os.environ.get('KEY'), os.environ.get('INHERITED'))).encode()
        self.send_response(200 if self.path == '/ready' else 500)
        self.send_header('content-length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args): pass
http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), Handler).serve_forever()
"""


def command(script: str, **more: Any) -> System:
    ready = more.pop("ready", {"path": "/ready", "timeout_s": 15.0})
    return System.model_validate({"command": [sys.executable, "-c", script, "{port}"], "ready": ready, **more})


def start(system: System, work: Path, look: Any = None) -> Running:
    async def main() -> Running:
        async with (
            aiohttp.ClientSession() as http,
            running(system, PROXIES, http, Places(work, FOLDER), redactor(secrets_of(system))) as runs,
        ):
            if look is not None:
                await look(http, runs)
            return runs

    return asyncio.run(main())


def test_every_placeholder_has_its_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY", "k-123")
    system = command("", settings={"retries": 2}, env_from=["KEY"])
    assert values_of(system, PROXIES, Places(tmp_path, FOLDER), 4000) == {
        "port": "4000",
        "workdir": str(tmp_path),
        "folder": "experiments",
        "authority": "/w/ca.pem",
        "primary.base_url": "https://127.0.0.1:9101/v1",
        "primary.origin": "https://127.0.0.1:9101",
        "primary.port": "9101",
        "settings.retries": "2",
        "env.KEY": "k-123",
    }


def test_a_base_url_has_the_path_of_its_upstream_or_none(tmp_path: Path) -> None:
    proxies = {"pathless": "http://127.0.0.1:9101", "deep": "http://127.0.0.1:9102/openai/v1"}
    values = values_of(command(""), proxies, Places(tmp_path, FOLDER), 4000)
    assert (values["pathless.base_url"], values["pathless.origin"]) == ("http://127.0.0.1:9101",) * 2
    assert (values["deep.base_url"], values["deep.origin"]) == (proxies["deep"], "http://127.0.0.1:9102")


def test_a_system_is_started_in_a_clean_environment_with_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INHERITED", "never")
    said: list[str] = []

    async def look(http: aiohttp.ClientSession, runs: Running) -> None:
        async with http.get(runs.base_url.removesuffix("/v1") + "/ready") as answer:
            said.append(await answer.text())

    system = command(
        SERVER, files={"config": "to {primary.base_url}"}, env={"KEY": "given-{port}"}, base_path="/v1",
        headers={"x-port": "{primary.port}"},
    )  # fmt: skip
    runs = start(system, tmp_path, look)
    port = runs.base_url.split(":")[2].partition("/")[0]
    assert said == [repr(("to https://127.0.0.1:9101/v1", f"given-{port}", None))]
    assert runs.headers == {"x-port": "9101"}
    assert (tmp_path / "config").stat().st_mode & 0o777 == 0o600


def test_a_system_that_runs_already_is_only_named(tmp_path: Path) -> None:
    runs = start(System(url="http://127.0.0.1:4000/v1/", headers={"a": "{primary.port}"}), tmp_path)
    assert (runs.base_url, runs.headers, runs.child) == ("http://127.0.0.1:4000/v1", {"a": "9101"}, None)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("import os; print('no luck with', os.environ['KEY']); raise SystemExit(3)", "ended with exit code 3"),
        (SERVER.replace("'/ready'", "'/other'") + "", "was not ready after 0.5 s"),
    ],
)
def test_a_system_that_does_not_become_ready_is_told(script: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "config").write_text("", encoding="utf-8")
    system = command(script, env={"KEY": "hunter22"}, ready={"path": "/ready", "timeout_s": 0.5})
    with pytest.raises(NeverReady, match=words) as caught:
        start(system, tmp_path)
    assert "hunter22" not in caught.value.hint


def test_its_last_words_are_told_without_its_secrets(tmp_path: Path) -> None:
    script = "import os; print('no luck with', os.environ['KEY']); raise SystemExit(3)"
    with pytest.raises(NeverReady) as caught:
        start(command(script, env={"KEY": "hunter22"}), tmp_path)
    assert caught.value.hint == "no luck with [redacted]"
