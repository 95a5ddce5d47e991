"""Certificates good and wrong on purpose, judged by a real TLS handshake in memory."""

import shutil
import ssl
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from llmops.chaos.faults.base import Certificate
from llmops.chaos.proxy.certificates import Authority
from llmops.errors import OutsideFailed


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where authorities keep their folders in this test."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def authority(folder: Path) -> Iterator[Authority]:  # noqa: ARG001 - sets where it works
    if shutil.which("openssl") is None:
        pytest.skip("needs the command openssl")
    made = Authority("127.0.0.1")
    yield made
    made.close()


def shaken(server: ssl.SSLContext, trusted: Path, name: str) -> str | None:
    """A client that trusts the authority shakes hands with the server: the protocol they agree on."""
    client = ssl.create_default_context(cafile=trusted)
    client.set_alpn_protocols(["h2", "http/1.1"])
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = client.wrap_bio(to_client, to_server, server_hostname=name)
    theirs = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(5):
        for side in (ours, theirs):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return ours.selected_alpn_protocol()


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "::1"])
def test_a_good_certificate_is_good_by_each_local_name(authority: Authority, name: str) -> None:
    assert shaken(authority.context("good"), authority.file, name) == "http/1.1"


@pytest.mark.parametrize("host", ["192.0.2.7", "2001:db8::1", "proxy.example"])
def test_it_names_the_host_that_it_is_for(folder: Path, authority: Authority, host: str) -> None:
    other = Authority(host)
    assert shaken(other.context("good"), other.file, host) == "http/1.1"
    with pytest.raises(ssl.SSLCertVerificationError, match=r"Hostname mismatch|IP address mismatch"):
        shaken(authority.context("good"), authority.file, host)
    other.close()
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("expired", "certificate has expired"),
        ("wrong_host", "IP address mismatch"),
        ("unknown_authority", "unable to get local issuer certificate"),
    ],
)
def test_a_wrong_certificate_is_wrong_in_this_one_way(authority: Authority, kind: Certificate, reason: str) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match=reason):
        shaken(authority.context(kind), authority.file, "127.0.0.1")


def test_a_wrong_host_is_good_for_that_host(authority: Authority) -> None:
    assert shaken(authority.context("wrong_host"), authority.file, "wrong.host.invalid") == "http/1.1"


def test_a_certificate_is_made_once(authority: Authority) -> None:
    assert authority.context("good") is authority.context("good")


def test_only_what_clients_trust_is_on_the_disk_and_nothing_outlives_the_run(
    folder: Path, authority: Authority
) -> None:
    assert [path for path in folder.rglob("*") if path.is_file()] == [authority.file]
    assert b"PRIVATE KEY" not in authority.file.read_bytes()
    authority.close()
    assert list(folder.iterdir()) == []


def test_without_openssl_it_is_a_sentence_and_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(OutsideFailed, match="needs the command openssl"):
        Authority("127.0.0.1")
    assert list(folder.iterdir()) == []


def test_an_openssl_that_fails_is_quoted_in_one_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: "/bin/ls")
    with pytest.raises(OutsideFailed) as caught:
        Authority("127.0.0.1")
    assert str(caught.value).startswith("openssl could not make a certificate: ")
    assert "\n" not in str(caught.value)
    assert list(folder.iterdir()) == []
