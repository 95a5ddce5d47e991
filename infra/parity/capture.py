"""An unmodified Pulumi program, run without an engine: a monitor of our own writes down what it registers."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from llmops.errors import BadInput, OutsideFailed
from llmops.infra.parity.graph import Graph


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
    from llmops.infra.parity.monitor import Monitor

    monitor = Monitor()
    program_file = program / "__main__.py" if program.is_dir() else program

    async def run() -> None:
        pulumi.runtime.set_mocks(monitor.mocks, project=project, stack=stack, preview=False, monitor=monitor)
        pulumi.runtime.set_all_config({f"{project}:{key}": _text(value) for key, value in config.items()})
        set_root_resource(None)  # type: ignore[arg-type] # set_mocks makes a stack that has already told its outputs; ours is made next
        await run_in_stack(lambda: _run_file(program_file))

    asyncio.run(run())
    return Graph(monitor.nodes, list(monitor.calls.values()), monitor.outputs)


def _run_file(program: Path) -> None:
    import runpy

    runpy.run_path(str(program), run_name="__main__")


def _text(value: Any) -> str:  # noqa: ANN401 - a configured value is anything
    return value if isinstance(value, str) else json.dumps(value)


def main() -> None:
    program, project, stack = sys.argv[1:4]
    graph = run_program(Path(program), json.load(sys.stdin), project, stack)
    json.dump(graph.as_json(), sys.stdout)


if __name__ == "__main__":
    main()
