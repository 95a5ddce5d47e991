"""Actions as Chaos Toolkit calls them: in any thread, and over when they return. What they do: test_drill.py."""

import threading
from typing import Any

import pytest

from llmops.chaos.experiments.chaostoolkit.actions import clear_all, inject

pytestmark = pytest.mark.xdist_group("standing proxy")


def test_they_may_be_called_from_several_threads(standing: Any) -> None:
    """Chaos Toolkit runs what is in the background in threads of a pool."""
    begin = [
        threading.Thread(target=inject, args=(standing.control, provider, "unavailable"))
        for provider in ("primary", "backup")
    ]
    for each in begin:
        each.start()
    for each in begin:
        each.join(10)
    assert sorted(standing.active()) == [("backup", "unavailable"), ("primary", "unavailable")]
    clear_all(standing.control)
    assert standing.active() == []
