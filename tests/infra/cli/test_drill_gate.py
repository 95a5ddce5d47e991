"""A drill joins the gates: young enough, and of what is deployed; the example's gate file on real results."""

import importlib
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

GATES = Path(__file__).parents[3] / "examples" / "ci" / "fallback.yaml"
DIGEST = f"vllm/vllm-openai@sha256:{'a' * 64}"
CHUNKS = [
    {"model": "m", "choices": [{"delta": {"content": "A way."}, "finish_reason": None}]},
    {"model": "m", "choices": [{"delta": {}, "finish_reason": "stop"}]},
]


@pytest.fixture
def endpoint() -> Iterator[str]:
    """Answers every request well."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.end_headers()
            for told in (*map(json.dumps, CHUNKS), "[DONE]"):
                self.wfile.write(f"data: {told}\n\n".encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


def tag(group: Any, image: str) -> None:
    told = {"Key": "llmops:image", "Value": image, "ResourceId": "fb", "ResourceType": "auto-scaling-group"}
    group.autoscaling.create_or_update_tags(Tags=[{**told, "PropagateAtLaunch": False}])


@pytest.fixture
def results(
    infra: Callable[..., Any], group: Any, endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], tuple[Path, Path]]:
    """A drill of what is there, and its status after that; `change` between them changes what is deployed."""
    monkeypatch.setattr(importlib.import_module("llmops.infra.cli.drill"), "wait", lambda _: None)
    drill, status = tmp_path / "drill.json", tmp_path / "status.json"

    def made(image: str = DIGEST, change: Callable[[], None] = lambda: None) -> tuple[Path, Path]:
        tag(group, image)
        words = ("--name", "fb", "--endpoint", endpoint, "--yes", "--format", "json", "--out", drill)
        assert infra("drill", *words).code == 0
        change()
        assert infra("status", "--name", "fb", "--format", "json", "--out", status).code == 0
        return drill, status

    return made


def judged(llmops: Callable[..., Any], *files: Path) -> tuple[int, str]:
    done = llmops("gate", GATES, *files)
    return done.code, " ".join((done.out + done.err).split())


def test_a_young_drill_of_what_is_deployed_passes(llmops: Callable[..., Any], results: Any) -> None:
    code, said = judged(llmops, *results())
    assert code == 0, said


def test_what_was_deployed_after_the_drill_fails(llmops: Callable[..., Any], results: Any, group: Any) -> None:
    def new_machine_image() -> None:
        group.ec2.create_launch_template_version(
            LaunchTemplateName="fb-node", LaunchTemplateData={"ImageId": "ami-0000000000000002"}
        )

    code, said = judged(llmops, *results(change=new_machine_image))
    assert code == 1
    assert "ami_id was ami-12c6146b, and is ami-0000000000000002" in said
    assert "launch_template_version was 1, and is 2" in said


def test_a_new_image_fails_as_well(llmops: Callable[..., Any], results: Any, group: Any) -> None:
    other = DIGEST.replace("a" * 64, "b" * 64)
    code, said = judged(llmops, *results(change=lambda: tag(group, other)))
    assert (code, f"image_digest was sha256:{'a' * 20}" in said) == (1, True)


def test_a_drill_of_a_tag_proves_nothing(llmops: Callable[..., Any], results: Any) -> None:
    code, said = judged(llmops, *results(image="vllm/vllm-openai:v0.11.0"))
    assert (code, "image_digest is not known: unknown: pinned by tag" in said) == (3, True)


@pytest.mark.parametrize(("days", "code"), [(29, 0), (31, 3)])
def test_a_drill_that_is_too_old_proves_nothing(llmops: Callable[..., Any], results: Any, days: int, code: int) -> None:
    drill, status = results()
    told = json.loads(drill.read_text(encoding="utf-8"))
    for name in ("started_at", "finished_at"):
        told[name] = (datetime.now(UTC) - timedelta(days=days)).isoformat()
    drill.write_text(json.dumps(told), encoding="utf-8")
    found, said = judged(llmops, drill, status)
    assert (found, "30 days is the most" in said) == (code, code == 3)


def test_without_a_status_it_proves_nothing(llmops: Callable[..., Any], results: Any) -> None:
    code, said = judged(llmops, results()[0])
    assert (code, "there is no result of infra-status" in said) == (3, True)
