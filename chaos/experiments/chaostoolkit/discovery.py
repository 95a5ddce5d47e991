"""What `discover` tells Chaos Toolkit about the actions and probes of this module; it need not be installed."""

import inspect
import platform
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib import metadata
from types import ModuleType, NoneType
from typing import Any, get_origin

from llmops import __version__

TYPES: Mapping[object, str] = {
    bool: "boolean", int: "integer", float: "number", str: "string", list: "list", dict: "mapping", NoneType: "null",
}  # fmt: skip
"""As chaoslib.discovery.portable_type_name names them; what it cannot name is an object."""


def discover(discover_system: bool = True) -> dict[str, Any]:  # noqa: ARG001 - their signature
    """The actions and probes, in the shape of Chaos Toolkit's discovery; no system is looked at."""
    from llmops.chaos.experiments.chaostoolkit import actions, probes

    machine = platform.uname()
    return {
        "chaoslib_version": _chaoslib_version(),
        "id": str(uuid.uuid4()),
        "target": "llmops",
        "date": datetime.now(UTC).isoformat(),
        "platform": {
            "system": machine.system,
            "node": machine.node,
            "release": machine.release,
            "version": machine.version,
            "machine": machine.machine,
            "proc": machine.processor,
            "python": platform.python_version(),
        },
        "extension": {"name": "llmops-toolkit", "version": __version__},
        "activities": [*_activities(actions, "action"), *_activities(probes, "probe")],
        "system": None,
    }


def _chaoslib_version() -> str:
    try:
        return metadata.version("chaostoolkit-lib")
    except metadata.PackageNotFoundError:
        return "not installed"


def _activities(module: ModuleType, kind: str) -> Iterator[dict[str, Any]]:
    for name in sorted(module.__all__):
        function = getattr(module, name)
        signature = inspect.signature(function)
        yield {
            "type": kind,
            "name": name,
            "mod": module.__name__,
            "doc": inspect.getdoc(function),
            "arguments": [_argument(each) for each in signature.parameters.values()],
            "return_type": _type_name(signature.return_annotation),
        }


def _argument(parameter: inspect.Parameter) -> dict[str, Any]:
    told: dict[str, Any] = {"name": parameter.name}
    if parameter.default is not inspect.Parameter.empty:
        told["default"] = parameter.default
    return {**told, "type": _type_name(parameter.annotation)}


def _type_name(annotation: object) -> str:
    return TYPES.get(NoneType if annotation is None else get_origin(annotation) or annotation, "object")
