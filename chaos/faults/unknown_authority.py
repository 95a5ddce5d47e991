"""Show a certificate signed by an authority nobody trusts; needs a TLS listener."""

from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.faults.base import Certificate, Family


@dataclass(frozen=True)
class UnknownAuthority:
    """The client's check of the chain must fail."""

    family: ClassVar[Family] = "transport"
    needs_tls: ClassVar[bool] = True
    certificate: ClassVar[Certificate] = "unknown_authority"
