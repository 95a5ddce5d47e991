"""Show a certificate of the right name and authority that has expired; needs a TLS listener."""

from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.faults.base import Certificate, Family


@dataclass(frozen=True)
class ExpiredCertificate:
    """The client's check of dates must fail."""

    family: ClassVar[Family] = "transport"
    needs_tls: ClassVar[bool] = True
    certificate: ClassVar[Certificate] = "expired"
