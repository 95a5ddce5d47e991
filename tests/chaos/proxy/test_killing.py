import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

MOMENTS = 50


def killing(what: str, folder: Path) -> Any:
    script = Path(__file__).with_name("killing.py")
    command = [sys.executable, str(script), what, str(folder), str(MOMENTS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")
def test_a_proxy_killed_at_fifty_moments_leaves_no_damage_without_its_receipt(tmp_path: Path) -> None:
    total = killing("proxies", tmp_path)
    assert total["whole"] > MOMENTS
    assert total["damaged"] > MOMENTS
    assert total["without_receipt"] == []
    assert total["receipts"] >= total["damaged"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")
def test_a_driver_killed_at_fifty_moments_leaves_no_fault_on_after_its_lease(tmp_path: Path) -> None:
    total = killing("drivers", tmp_path)
    assert total["alive_at_kill"] > 0
    assert total["alive_after"] == []
    assert total["expired"] == MOMENTS
