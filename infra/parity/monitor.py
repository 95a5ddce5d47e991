"""Pulumi's resource monitor, ours: it writes down what a program registers, and answers with markers."""

import json
from threading import Lock
from typing import Any

from google.protobuf import empty_pb2
from pulumi.runtime import rpc
from pulumi.runtime.mocks import MockMonitor, Mocks
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.sync_await import _ensure_event_loop, _sync_await

from llmops.errors import BadInput
from llmops.infra.parity.graph import Call, Node
from llmops.infra.parity.markers import marker
from llmops.infra.parity.names import PROPERTIES, camel, data_type, resource_type
from llmops.infra.parity.schema import level

ALWAYS_MARKED = ("id", "name", "bucket", "arn")  # also where the program gave them: a reference, as in the module


class NoMocks(Mocks):
    """What pulumi wants to be given and the monitor never asks."""

    def call(self, args: Any) -> Any:  # noqa: ANN401 - pulumi's own
        raise NotImplementedError(args.token)

    def new_resource(self, args: Any) -> Any:  # noqa: ANN401 - pulumi's own
        raise NotImplementedError(args.name)


class Monitor(MockMonitor):
    """Answers every registration with its inputs, and with markers for what the cloud would fill in."""

    def __init__(self) -> None:
        super().__init__(NoMocks())
        self.nodes: list[Node] = []
        self.calls: dict[str, Call] = {}
        self.outputs: dict[str, Any] = {}
        self._lock = Lock()  # pulumi registers from several threads
        self._stack_urn = ""
        self._prefixes: dict[str, str] = {}  # URN of a component to the prefix of its children's names

    def RegisterResource(self, request: Any) -> Any:  # noqa: ANN401, N802 - gRPC's names and types
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type == "pulumi:pulumi:Stack":
            self._stack_urn = urn
            return resource_pb2.RegisterResourceResponse(urn=urn)
        node = self._node(urn, request)
        with self._lock:
            if any(other.urn == urn for other in self.nodes):
                raise BadInput(f"two resources are {urn}", hint="an engine would refuse the second")
            self.nodes.append(node)
        state = {**node.inputs, **(marked(node) if node.kind else {})}
        return resource_pb2.RegisterResourceResponse(urn=urn, id=state.get("id", ""), object=as_struct(state))

    def _node(self, urn: str, request: Any) -> Node:  # noqa: ANN401
        kind = resource_type(request.type) if request.custom else None
        if kind is None:
            self._prefixes[urn] = f"{request.name}-"
        return Node(
            urn=urn,
            type=request.type,
            name=request.name.removeprefix(self._prefixes.get(request.parent, "")).replace("-", "_"),
            kind=kind,
            parent=request.parent,
            inputs=unwrapped(rpc.deserialize_properties(request.object)),
            dependencies=sorted(request.dependencies),
            ignore_changes=[*request.ignoreChanges],
        )

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: ANN401, N802
        if request.urn == self._stack_urn:
            self.outputs = unwrapped(rpc.deserialize_properties(request.outputs))
        return empty_pb2.Empty()

    def Invoke(self, request: Any) -> Any:  # noqa: ANN401, N802
        arguments = unwrapped(rpc.deserialize_properties(request.args))
        kind = data_type(request.tok)
        key = json.dumps([kind, arguments], sort_keys=True)
        with self._lock:
            call = self.calls.setdefault(key, Call(f"call_{len(self.calls)}", kind, arguments))
        told = level(kind, "data")
        names = told.computed_scalars() if told else []
        state = {**arguments, **{camel(it): marker(f"data.{kind}.{call.name}.{it}") for it in names}}
        return resource_pb2.ResourceInvokeResponse(**{"return": as_struct(state)})

    def ReadResource(self, request: Any) -> Any:  # noqa: ANN401, N802
        raise BadInput(f"{request.name}: reading what exists is not captured", hint="give its id as an input")


def marked(node: Node) -> dict[str, str]:
    """Markers for what the cloud fills in, by property."""
    told = level(str(node.kind))
    if told is None:
        return {}
    filled_in = [it for it in told.computed_scalars() if camel(it) not in node.inputs]
    renamed = {prop for kind, prop in PROPERTIES if kind == node.kind}  # there `name` is another argument
    names = {*filled_in, *(it for it in ALWAYS_MARKED if it in told.names)} - renamed
    return {camel(it): marker(f"{node.address}.{it}") for it in names}


def unwrapped(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Without the wrapping of secrets, and whole floats as integers."""
    value = rpc.unwrap_rpc_secret(value)
    if isinstance(value, dict):
        return {key: unwrapped(it) for key, it in value.items() if not key.startswith("__")}
    if isinstance(value, list):
        return [unwrapped(it) for it in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def as_struct(state: dict[str, Any]) -> Any:  # noqa: ANN401 - a protobuf
    _ensure_event_loop()  # type: ignore[no-untyped-call] # this runs in a thread of pulumi's, which has none
    return _sync_await(rpc.serialize_properties(state, {}))
