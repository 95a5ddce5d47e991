"""A test authority of the run's own and its certificates, good and wrong on purpose; no key stays on the disk.

They are issued by the command `openssl`: the standard library cannot issue any, and a dependency for the four
certificates of an optional listener costs every user more than a tool that nearly every system has.
"""

import shutil
import ssl
import subprocess
import tempfile
from pathlib import Path
from typing import get_args

from llmops.chaos.faults.base import Certificate
from llmops.errors import OutsideFailed

KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
VALID_DAYS = "2"
EXPIRED_DAYS = "-1"  # ends a day before it is made; clients look at the end, and openssl 3.0 can set no other start
AUTHORITY, STRANGER = "authority", "stranger"
WRONG_HOST = "wrong.host.invalid"
LOCAL_NAMES = "DNS:localhost,IP:127.0.0.1,IP:::1"  # by which a listener on all addresses is reached


class Authority:
    """Server certificates for one host. They are all made at once, for then the keys can go: a client may trust the
    authority, and a run that is killed leaves no more of it than its certificate.
    """

    def __init__(self, host: str) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="llmops-tls-"))
        try:
            for name in (AUTHORITY, STRANGER):
                self._make_authority(name)
            self._contexts = {kind: self._context(kind, host) for kind in get_args(Certificate)}
            for file in self._folder.iterdir():
                if file != self.file:
                    file.unlink()
        except BaseException:
            self.close()
            raise

    @property
    def file(self) -> Path:
        """The authority's certificate: what a client must trust."""
        return self._folder / f"{AUTHORITY}.pem"

    def context(self, kind: Certificate) -> ssl.SSLContext:
        """A server's side of TLS with such a certificate."""
        return self._contexts[kind]

    def _context(self, kind: Certificate, host: str) -> ssl.SSLContext:
        signer = STRANGER if kind == "unknown_authority" else AUTHORITY
        names = f"DNS:{WRONG_HOST}" if kind == "wrong_host" else f"{LOCAL_NAMES},{_alternative_name(host)}"
        self._issue(kind, signer, names, EXPIRED_DAYS if kind == "expired" else VALID_DAYS)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._folder / f"{kind}.pem", self._folder / f"{kind}.key")
        context.set_alpn_protocols(["http/1.1"])
        return context

    def close(self) -> None:
        """Remove what is left."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _make_authority(self, name: str) -> None:
        subject = ("-subj", f"/CN=llmops test {name}", "-days", VALID_DAYS)
        usage = ("-addext", "keyUsage=critical,keyCertSign")
        self._openssl("req", "-x509", *KEY, "-keyout", f"{name}.key", "-out", f"{name}.pem", *subject, *usage)

    def _issue(self, kind: str, signer: str, names: str, days: str) -> None:
        self._openssl("req", *KEY, "-keyout", f"{kind}.key", "-out", f"{kind}.req", "-subj", "/CN=llmops proxy")
        (self._folder / f"{kind}.ext").write_text(f"subjectAltName={names}\nextendedKeyUsage=serverAuth\n")
        by = ("-CA", f"{signer}.pem", "-CAkey", f"{signer}.key", "-CAcreateserial", "-days", days)
        self._openssl("x509", "-req", "-in", f"{kind}.req", *by, "-extfile", f"{kind}.ext", "-out", f"{kind}.pem")

    def _openssl(self, *arguments: str) -> None:
        command = shutil.which("openssl")
        if command is None:
            raise OutsideFailed("a TLS listener needs the command openssl", hint="install it, or leave out tls")
        done = subprocess.run([command, *arguments], cwd=self._folder, capture_output=True, text=True, check=False)
        if done.returncode:
            last = (done.stderr.strip() or "no message").splitlines()[-1]
            raise OutsideFailed(
                f"openssl could not make a certificate: {last}", hint="openssl 1.1.1 or newer is needed"
            )


def _alternative_name(host: str) -> str:
    return f"IP:{host}" if host.replace(".", "").isdigit() or ":" in host else f"DNS:{host}"
