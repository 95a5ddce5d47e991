"""A cloud on this machine: moto servers, and Terraform that applies to them."""

import importlib.util
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from llmops.infra.parity.schema import PROVIDER_VERSION
from llmops.infra.terraform_cli import DUMMY_KEYS, Terraform

SERVER = Path(__file__).with_name("moto_server.py")
MOTO = "5.2.5"
ALL = ("mixed_policy", "scaling_policy", "template_tags", "rule_description", "deregistered", "bounded")
PROVIDER = {"region": "us-east-1", "max_retries": 1}


@dataclass
class Cloud:
    """A moto server with a certificate and a hosted zone in it."""

    url: str
    certificate_arn: str = ""
    zone_id: str = ""
    environment: dict[str, str] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        import boto3

        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id="dummy",
            aws_secret_access_key="dummy",  # noqa: S106
        )

    def given(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """Inputs with the certificate and, where one is asked for, the zone of this cloud."""
        zone = {"zone_id": self.zone_id} if "zone_id" in inputs else {}
        return {**inputs, "certificate_arn": self.certificate_arn, **zone}

    def names(self) -> dict[str, str]:
        """What differs by nature between two clouds."""
        return {self.certificate_arn: "<certificate>", self.zone_id: "<zone>"}


@contextmanager
def moto(*patches: str) -> Iterator[Cloud]:
    command = [sys.executable, str(SERVER), *patches]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert server.stdout is not None
        cloud = Cloud(f"http://127.0.0.1:{int(server.stdout.readline())}")
        cloud.environment = {**DUMMY_KEYS, "AWS_ENDPOINT_URL": cloud.url}
        certificate = cloud.client("acm").request_certificate(DomainName="llm.example.com")
        cloud.certificate_arn = certificate["CertificateArn"]
        zone = cloud.client("route53").create_hosted_zone(Name="example.com", CallerReference="test")
        cloud.zone_id = zone["HostedZone"]["Id"].rpartition("/")[2]
        yield cloud
    finally:
        server.terminate()
        server.wait()
        if server.stdout is not None:
            server.stdout.close()


@pytest.fixture(scope="session")
def cloud() -> Callable[..., Any]:
    """Starts a moto server: `with cloud() as aws`; skipped where moto is not the version that the patches are for."""
    for library in ("moto", "boto3", "flask"):
        if importlib.util.find_spec(library) is None:
            pytest.skip(f"{library} is not installed: pip install 'moto[ec2,s3]=={MOTO}' flask flask-cors")
    from importlib.metadata import version

    if version("moto") != MOTO:
        pytest.skip(f"the patches are for moto {MOTO}, and {version('moto')} is installed")

    def started(*patches: str) -> Any:
        return moto(*(patches or ALL))

    return started


def write_root(folder: Path, inputs: dict[str, Any], outputs: list[str], module: Path) -> None:
    """A root module that calls ours on a cloud of this machine."""
    root = {
        "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws", "version": PROVIDER_VERSION}}},
        "provider": {"aws": PROVIDER},
        "module": {"fallback": {"source": str(module), **inputs}},
        "output": {name: {"value": f"${{module.fallback.{name}}}"} for name in outputs},
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "main.tf.json").write_text(json.dumps(root), encoding="utf-8")


@pytest.fixture
def apply_module(
    plugins: Path, module_outputs: dict[str, Any], tmp_path: Path
) -> Callable[[Cloud, dict[str, Any], Path], Terraform]:
    """The module, applied to a cloud under inputs."""

    def applied(cloud: Cloud, inputs: dict[str, Any], module: Path) -> Terraform:
        folder = tmp_path / "module-root"
        write_root(folder, cloud.given(inputs), list(module_outputs), module)
        terraform = Terraform(folder, cloud.environment, plugins)
        terraform.init()
        terraform.run("apply", "-auto-approve")
        return terraform

    return applied


class _Model(BaseHTTPRequestHandler):
    """Answers every request with two good chunks of the model that was asked for."""

    def do_POST(self) -> None:
        model = json.loads(self.rfile.read(int(self.headers["content-length"])))["model"]
        chunks = [{"delta": {"content": "For the day."}}, {"delta": {}, "finish_reason": "stop"}]
        self.send_response(200)
        self.end_headers()
        for chunk in chunks:
            self.wfile.write(f"data: {json.dumps({'model': model, 'choices': [chunk]})}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def model_server() -> Iterator[str]:
    """The base URL of a stand-in for the served model."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Model)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()
