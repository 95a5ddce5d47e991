"""What every test may use."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real traces, prices and samples; the test is skipped where it is absent."""
    folder = Path(os.environ.get("LLMOPS_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"needs the shared data, and {folder} is no folder (set LLMOPS_SHARED_DATA)")
    return folder
