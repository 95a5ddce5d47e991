"""How `recorded/` was made: whole runs of a tiny gateway behind real proxies, kept as JSON. Run by hand."""

import asyncio
import gzip
import json
import runpy
import tempfile
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from llmops.chaos.experiments.loader import experiment_of, parse
from llmops.chaos.experiments.plan import plan_of
from llmops.chaos.experiments.session import Session

HERE = Path(__file__).parent
FOLDER = HERE / "recorded"
RUNS = {"unavailable": "answered-503", "refused": "connections-refused"}
LEFT_OUT = ("answer_body", "answer_bytes", "piece_times")


def plain(value: Any) -> Any:
    """Data as JSON; what is at its default is left out."""
    if is_dataclass(value):
        kept = [each for each in fields(value) if each.name not in LEFT_OUT]
        given = {each.name: getattr(value, each.name) for each in kept}
        return {each.name: plain(given[each.name]) for each in kept if given[each.name] != each.default}
    if isinstance(value, bytes):
        return value.decode()
    return [plain(each) for each in value] if isinstance(value, list | tuple) else value


def record(fault: str, name: str) -> None:
    """80 requests, 40 a second: the first provider breaks, the second answers."""
    text: str = runpy.run_path(str(HERE / "conftest.py"))["EXPERIMENT"]
    text = text.replace("name: tiny", f"name: {name}").replace("fault: unavailable", f"fault: {fault}")
    text = text.replace("requests_per_second: 100", "requests_per_second: 40").replace(
        "{requests: 40}", "{requests: 20}"
    )
    data, source = parse(text, f"{name}.yaml")
    plan = plan_of(experiment_of(data, source), source)
    with tempfile.TemporaryDirectory() as folder:
        (left,) = asyncio.run(Session(Path(folder) / "run", "recorded").run([plan]))
        journal = (Path(folder) / "run" / "proxy.jsonl").read_text(encoding="utf-8").splitlines()
    lines = [line for line in map(json.loads, journal) if line["kind"] in {"wire", "receipt"}]
    parts = ("phases", "requests", "state_probes")
    whole = {**{part: plain(getattr(left, part)) for part in parts}, "journal": lines}
    (FOLDER / f"{name}.json.gz").write_bytes(gzip.compress(json.dumps(whole).encode(), mtime=0))


if __name__ == "__main__":
    for fault, name in RUNS.items():
        record(fault, name)
