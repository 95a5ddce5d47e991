"""A result of `llmops tco`, as far as a plan is made from it: read from its JSON form, for rooms meet in files."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from llmops.errors import BadInput
from llmops.report import SCHEMA_VERSION

HOW = "llmops tco … --format json --out tco.json"


@dataclass(frozen=True)
class Tco:
    """What it says of hosting."""

    file: str
    id: str
    on: date  # when it was made
    system: Mapping[str, str]
    gpus: str  # its interval of GPUs, in words; empty where it has none
    prices_on: date | None = None  # of its GPUs


def read_tco(file: Path) -> Tco:
    """BadInput where the file cannot be read, or holds something else."""
    data = _parsed(file)
    if not isinstance(data, dict) or "schema_version" not in data:
        raise BadInput(f"{file} is no result of llmops", hint=HOW)
    if data["schema_version"] != SCHEMA_VERSION:
        raise BadInput(f"{file} is of schema version {data['schema_version']!r}, not {SCHEMA_VERSION}", hint=HOW)
    if data.get("kind") != "tco":
        raise BadInput(f"{file} is a result of kind {data.get('kind')!r}, not tco", hint=HOW)
    try:
        return _tco(file, data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadInput(f"{file} is no whole result: {error!r}", hint=HOW) from error


def _tco(file: Path, data: dict[str, Any]) -> Tco:
    dated = {it["name"]: it["dated"] for it in data["sources"]}.get("gpus")
    return Tco(
        file=str(file),
        id=str(data["id"]),
        on=datetime.fromisoformat(data["finished_at"]).date(),
        system={str(name): str(value) for name, value in data["system"].items()},
        gpus=_gpus(data["metrics"]),
        prices_on=date.fromisoformat(dated) if dated else None,
    )


def _parsed(file: Path) -> Any:  # noqa: ANN401 - whatever JSON holds
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"cannot read {file}: {error.strerror}", hint="check the path and its permissions") from error
    except (ValueError, RecursionError) as error:  # no JSON, or no UTF-8
        raise BadInput(f"{file} is no JSON", hint=HOW) from error


def _gpus(metrics: list[dict[str, Any]]) -> str:
    found = next((it for it in metrics if it["name"] == "self_host_gpus"), None)
    if found is None:
        return ""
    ends = found["interval"] or {"low": found["value"], "high": found["value"]}
    high = "no bound" if ends["high"] is None else ends["high"]
    return f"{found['value']} ({ends['low']} to {high}), spares included"
