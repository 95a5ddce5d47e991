"""An unmodified Pulumi program, run without an engine: a monitor of our own writes down what it registers."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from llmops.errors import BadInput, OutsideFailed
from llmops.infra.parity.graph import Call, Graph, Node

ALWAYS_MARKED = ("id", "name", "bucket", "arn")  # also where the program gave them: a reference, as in the module


def captured(program: Path, config: Mapping[str, Any], project: str, stack: str = "proof") -> Graph:
    """The graph of `program` (its `__main__.py`) under a configuration, from a Python process of its own.

    BadInput with the last line of its traceback where the program refuses.
    """
    words = [sys.executable, "-W", "ignore::DeprecationWarning", "-m", __spec__.name, str(program), project, stack]
    done = subprocess.run(words, input=json.dumps(dict(config)), check=False, capture_output=True, text=True)
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        raise BadInput(f"the program {program} did not run: {last[0]}")
    return Graph.from_json(json.loads(done.stdout))


def run_program(program: Path, config: Mapping[str, Any], project: str, stack: str) -> Graph:
    """As `captured`, in this process: pulumi keeps one program's state for the whole of it."""
    import asyncio

    try:
        import pulumi
        from pulumi.runtime.settings import set_root_resource
        from pulumi.runtime.stack import run_in_stack
    except ImportError as error:
        raise OutsideFailed("pulumi is not installed", hint="pip install 'llmops-toolkit[infra]'") from error
    monitor = _monitor()
    program_file = program / "__main__.py" if program.is_dir() else program

    async def run() -> None:
        pulumi.runtime.set_mocks(monitor.mocks, project=project, stack=stack, preview=False, monitor=monitor)
        pulumi.runtime.set_all_config({f"{project}:{key}": _text(value) for key, value in config.items()})
        set_root_resource(None)  # set_mocks makes a stack that has already told its outputs; ours is made next
        await run_in_stack(lambda: _run_file(program_file))

    asyncio.run(run())
    return Graph(monitor.nodes, list(monitor.calls.values()), monitor.outputs)


def _run_file(program: Path) -> None:
    import runpy

    runpy.run_path(str(program), run_name="__main__")


def _text(value: Any) -> str:  # noqa: ANN401 - a configured value is anything
    return value if isinstance(value, str) else json.dumps(value)


def _monitor() -> Any:  # noqa: ANN401 - the class needs pulumi, which is imported here only
    from google.protobuf import empty_pb2
    from pulumi.runtime import rpc
    from pulumi.runtime.mocks import MockMonitor, Mocks
    from pulumi.runtime.proto import resource_pb2

    from llmops.infra.parity.markers import marker
    from llmops.infra.parity.names import camel, data_type, resource_type
    from llmops.infra.parity.schema import level

    class NoMocks(Mocks):
        def call(self, args: Any) -> Any:  # noqa: ANN401
            raise NotImplementedError

        def new_resource(self, args: Any) -> Any:  # noqa: ANN401
            raise NotImplementedError

    class Monitor(MockMonitor):
        """Answers every registration with its inputs and with markers for what the cloud would fill in."""

        def __init__(self) -> None:
            super().__init__(NoMocks())
            self.nodes: list[Node] = []
            self.calls: dict[str, Call] = {}
            self.outputs: dict[str, Any] = {}
            self.stack_urn = ""
            self.prefix: dict[str, str] = {}  # URN of a component to the prefix of its children's names

        def RegisterResource(self, request: Any) -> Any:  # noqa: ANN401, N802 - gRPC's own names
            urn = self.make_urn(request.parent, request.type, request.name)
            if request.type == "pulumi:pulumi:Stack":
                self.stack_urn = urn
                return resource_pb2.RegisterResourceResponse(urn=urn)
            if any(node.urn == urn for node in self.nodes):
                raise BadInput(f"two resources are {urn}", hint="an engine would refuse the second")
            inputs = unwrapped(rpc.deserialize_properties(request.object))
            kind = resource_type(request.type) if request.custom else None
            if kind is None:
                self.prefix[urn] = f"{request.name}-"
            name = request.name.removeprefix(self.prefix.get(request.parent, "")).replace("-", "_")
            node = Node(
                urn,
                request.type,
                name,
                kind,
                request.parent,
                inputs,
                sorted(request.dependencies),
                [*request.ignoreChanges],
            )
            self.nodes.append(node)
            state = {**inputs, **marked(node)} if kind else inputs
            answer = struct(state)
            return resource_pb2.RegisterResourceResponse(urn=urn, id=state.get("id", ""), object=answer)

        def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: ANN401, N802
            if request.urn == self.stack_urn:
                self.outputs = unwrapped(rpc.deserialize_properties(request.outputs))
            return empty_pb2.Empty()

        def Invoke(self, request: Any) -> Any:  # noqa: ANN401, N802
            arguments = unwrapped(rpc.deserialize_properties(request.args))
            kind = data_type(request.tok)
            key = json.dumps([kind, arguments], sort_keys=True)
            call = self.calls.setdefault(key, Call(f"call_{len(self.calls)}", kind, arguments))
            told = level(kind, "data")
            names = told.computed_scalars() if told else []
            state = {**arguments, **{camel(it): marker(f"data.{kind}.{call.name}.{it}") for it in names}}
            return resource_pb2.ResourceInvokeResponse(**{"return": struct(state)})

        def ReadResource(self, request: Any) -> Any:  # noqa: ANN401, N802
            raise BadInput(f"{request.name}: reading what exists is not captured", hint="give its id as an input")

    def struct(state: dict[str, Any]) -> Any:  # noqa: ANN401
        return asyncio_result(rpc.serialize_properties(state, {}))

    def asyncio_result(coroutine: Any) -> Any:  # noqa: ANN401
        from pulumi.runtime.sync_await import _ensure_event_loop, _sync_await

        _ensure_event_loop()
        return _sync_await(coroutine)

    def unwrapped(value: Any) -> Any:  # noqa: ANN401
        """Without the wrapping of secrets, and whole floats as integers."""
        value = rpc.unwrap_rpc_secret(value)
        if isinstance(value, dict):
            return {key: unwrapped(it) for key, it in value.items() if not key.startswith("__")}
        if isinstance(value, list):
            return [unwrapped(it) for it in value]
        return int(value) if isinstance(value, float) and value.is_integer() else value

    def marked(node: Node) -> dict[str, str]:
        told = level(str(node.kind))
        known = told.names if told else set()
        computed = [] if told is None else told.computed_scalars()
        filled_in = [it for it in computed if camel(it) not in node.inputs]
        names = {*filled_in, *(it for it in ALWAYS_MARKED if it in known)}
        if node.kind == "aws_cloudwatch_metric_alarm":
            names.discard("name")
        return {camel(it): marker(f"{node.address}.{it}") for it in names}

    return Monitor()


def main() -> None:
    program, project, stack = sys.argv[1:4]
    graph = run_program(Path(program), json.load(sys.stdin), project, stack)
    json.dump(graph.as_json(), sys.stdout)


if __name__ == "__main__":
    main()
