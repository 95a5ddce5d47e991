"""What the tests of the fallback share: Terraform with its provider or a skip, and a stand-in for AWS's account."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from llmops.infra.terraform_cli import DUMMY_KEYS, MODULES, Terraform, TerraformMissing, executable, plugin_dir

MODULE = MODULES / "gpu-fallback"
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
