"""What an injection can reach at its provider: one that could never fire is refused, not silently idle."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmops.chaos.proxy.receipts import fault_name
from llmops.chaos.proxy.schedule import Scope, matches
from llmops.chaos.wire.dialects import DIALECTS
from llmops.errors import BadInput, nearest_hint

if TYPE_CHECKING:
    from llmops.chaos.proxy.injection import Injection


@dataclass(frozen=True)
class Reach:
    """What the listener of one provider can see of connections and requests."""

    tls: bool = False
    models: Sequence[str] = ()  # all that the provider is asked for; empty: not known
    tenant_header: str | None = None

    def check(self, injection: "Injection") -> None:
        """BadInput for a route or model that nobody has, tenants that nothing names, and TLS that is not spoken."""
        if getattr(injection.fault, "needs_tls", False) and not self.tls:
            hint = "give its provider a TLS listener: `tls: true`, or --tls"
            raise BadInput(f"{fault_name(injection.fault)} needs a TLS listener", hint=hint)
        where = f"the scope of {injection.name}"
        _check_routes(injection.scope, where)
        self._check_models(injection.scope, where)
        if injection.scope.tenants and self.tenant_header is None:
            raise BadInput(f"{where} names tenants, and no header does", hint="set chaos.tenant_header")

    def _check_models(self, scope: Scope, where: str) -> None:
        for model in scope.models if self.models else ():
            if not any(matches(known, (model,)) for known in self.models):
                hint = nearest_hint(model, self.models)
                raise BadInput(f"{where}: its provider has no model {model!r}", hint=hint)


def _check_routes(scope: Scope, where: str) -> None:
    for route in scope.routes:
        if not route.startswith(("/", "*")) and route not in DIALECTS:
            hint = f"{nearest_hint(route, DIALECTS)} or a path such as /v1/chat/*"
            raise BadInput(f"{where}: no route is named {route!r}", hint=hint)
