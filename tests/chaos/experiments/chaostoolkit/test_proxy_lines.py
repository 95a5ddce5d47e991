"""The lines of a proxy's journal since a moment."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from llmops.chaos.experiments.chaostoolkit.proxy_lines import existing, lines_since, settled
from llmops.errors import BadInput


def test_only_finished_lines_of_this_time_are_given(tmp_path: Path) -> None:
    path = tmp_path / "proxy.jsonl"
    stamps = ["2026-11-25T09:59:59.999999Z", "2026-11-25T10:00:00.000000Z", "2026-11-25T10:00:01.000000Z"]
    lines = "".join(json.dumps({"at": at}) + "\n" for at in stamps)
    path.write_text(lines + '{"at": "2026-11-25T10:0', encoding="utf-8")
    began_at = datetime(2026, 11, 25, 10, tzinfo=UTC).timestamp()
    assert [line["at"] for line in lines_since(str(path), began_at)] == stamps[1:]


def test_a_journal_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there is no journal"):
        existing(str(tmp_path / "none"))
    with pytest.raises(BadInput, match="there is no journal"):
        asyncio.run(settled(str(tmp_path)))


def test_one_that_is_still_written_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "proxy.jsonl"
    path.write_text("a\n", encoding="utf-8")

    async def both() -> None:
        asyncio.get_running_loop().call_later(0.3, lambda: path.write_text("a\nb\n", encoding="utf-8"))
        await settled(str(path))

    asyncio.run(both())
    assert path.read_text(encoding="utf-8") == "a\nb\n"
