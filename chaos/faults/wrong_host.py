"""Show a valid certificate of another name; needs a TLS listener."""

from dataclasses import dataclass
from typing import ClassVar

from llmops.chaos.faults.base import Certificate, Family


@dataclass(frozen=True)
class WrongHost:
    """The client's check of the name must fail."""

    family: ClassVar[Family] = "transport"
    needs_tls: ClassVar[bool] = True
    certificate: ClassVar[Certificate] = "wrong_host"
