"""What the tests of the fallback share: Terraform with its provider or a skip, and a stand-in for AWS's account."""

import importlib.util
import json
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from llmops.infra.parity.capture import captured
from llmops.infra.parity.graph import Graph
from llmops.infra.terraform_cli import DUMMY_KEYS, MODULES, Terraform, TerraformMissing, executable, plugin_dir

MODULE = MODULES / "gpu-fallback"
PROGRAM = MODULES.parents[1] / "stacks" / "gpu_fallback"
PROJECT = "llmops-gpu-fallback"

MINIMAL = {
    "name": "fb",
    "model": "meta-llama/Llama-3.3-70B-Instruct",
    "weights_revision": "6f6073b423013f6a7d4d9f39144961bfbfbc386b",
    "image": "vllm/vllm-openai:v0.11.0",
    "instance_types": ["g6e.12xlarge"],
    "ami_id": "ami-0123456789abcdef0",
    "availability_zones": ["us-east-1a", "us-east-1b"],
    "certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-0000-0000-000000000000",
}
COMPLETE = {
    **MINIMAL,
    "name": "fallback-prod",
    "image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/vllm-openai:v0.11.0",
    "max_model_len": 16384,
    "vllm_args": ["--max-num-seqs", "64"],
    "instance_types": ["g6e.12xlarge", "p4d.24xlarge", "p5.48xlarge"],
    "root_device_name": "/dev/sda1",
    "volume_size_gb": 400,
    "volume_iops": 8000,
    "volume_throughput_mib_s": 1000,
    "capacity_reservation_id": "cr-0123456789abcdef0",
    "max_size": 6,
    "hot_size": 2,
    "warm_size": 2,
    "on_demand_base": 2,
    "spot_percent": 50,
    "waiting_requests_target": 4,
    "expected_start_max_s": 2400,
    "start_timeout_s": 3600,
    "vpc_cidr": "10.60.0.0/20",
    "availability_zones": ["us-east-1a", "us-east-1b", "us-east-1c"],
    "egress": "endpoints",
    "client_cidrs": ["10.60.0.0/20", "10.0.0.0/16"],
    "api_port": 8080,
    "zone_id": "Z0123456789ABCDEFGHIJ",
    "record_name": "llm.example.com",
    "primary_endpoint": "gateway.example.com",
    "primary_health_path": "/healthz",
    "max_awake_hours": 8,
    "log_days": 90,
    "alarm_email": "oncall@example.com",
    "force_destroy": True,
    "tags": {"Team": "platform"},
}
EXISTING_VPC = {
    **{name: value for name, value in MINIMAL.items() if name != "availability_zones"},
    "vpc_id": "vpc-0123456789abcdef0",
    "subnet_ids": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
    "client_cidrs": ["10.0.0.0/8"],
}
INPUTS: dict[str, dict[str, Any]] = {"minimal": MINIMAL, "complete": COMPLETE, "existing_vpc": EXISTING_VPC}
ACCOUNT = "123456789012"
CALLER = f"""<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::{ACCOUNT}:user/test</Arn><UserId>test</UserId><Account>{ACCOUNT}</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>"""


@pytest.fixture(scope="session")
def plugins() -> Path:
    """The folder of the AWS provider; the test is skipped, with the reason, where Terraform or it is missing."""
    try:
        executable()
        return plugin_dir()
    except TerraformMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def account() -> Iterator[dict[str, str]]:
    """The environment of an offline plan: dummy keys, and an endpoint here that knows who is calling, nothing else."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Account)
    server.calls = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield {**DUMMY_KEYS, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}"}
    server.shutdown()
    server.server_close()


class _Account(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        known = "Action=GetCallerIdentity" in body
        self.server.calls.append(body)  # type: ignore[attr-defined]
        self.send_response(200 if known else 403)
        self.send_header("content-type", "text/xml")
        self.end_headers()
        self.wfile.write(CALLER.encode() if known else b"<Error><Code>AccessDenied</Code></Error>")

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST  # noqa: N815 - http.server calls them so

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def terraform(plugins: Path, account: dict[str, str], tmp_path: Path) -> Callable[[Path], Terraform]:
    """Terraform in a copy of a folder, initialised."""

    def prepared(folder: Path) -> Terraform:
        made = Terraform(folder, {**account, "TF_DATA_DIR": str(tmp_path / "data")}, plugins)
        made.init()
        return made

    return prepared


@pytest.fixture(scope="session")
def inputs() -> dict[str, dict[str, Any]]:
    """Inputs of a fallback by name: minimal, complete, existing_vpc."""
    return INPUTS


@pytest.fixture(scope="session")
def graph_of() -> Callable[..., Graph]:
    """The captured program under inputs, each once; the test is skipped where pulumi is not installed."""
    for library in ("pulumi", "pulumi_aws"):
        if importlib.util.find_spec(library) is None:
            pytest.skip(f"{library} is not installed: pip install 'llmops-toolkit[infra]'")
    known: dict[str, Graph] = {}

    def captured_once(given: dict[str, Any], mode: str = "cold") -> Graph:
        fallback = {**given, "mode": mode}
        key = json.dumps(fallback)
        if key not in known:
            known[key] = captured(PROGRAM, {"fallback": fallback}, PROJECT)
        return known[key]

    return captured_once


BLOCK = re.compile(r'^(?P<kind>variable|output) "(?P<name>\w+)" \{\n(?P<body>.*?)^\}', re.MULTILINE | re.DOTALL)


def read_blocks(kind: str) -> dict[str, dict[str, Any]]:
    """The variables or outputs of the module by name: description, type, and default where there is one."""
    found = {}
    for block in BLOCK.finditer((MODULE / f"{kind}s.tf").read_text(encoding="utf-8")):
        lines = dict(re.findall(r"^  (description|type|default) += (.*)$", block["body"], re.MULTILINE))
        found[block["name"]] = {key: json.loads(value) if key != "type" else value for key, value in lines.items()}
    return found


@pytest.fixture(scope="session")
def module_inputs() -> dict[str, dict[str, Any]]:
    return read_blocks("variable")


@pytest.fixture(scope="session")
def module_outputs() -> dict[str, dict[str, Any]]:
    return read_blocks("output")
