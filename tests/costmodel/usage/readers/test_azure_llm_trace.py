from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmops.costmodel.usage.store import UsageLog

Rows = Callable[..., list[dict[str, Any]]]


def test_the_sample_reads_as_written(samples: Path, usage: Callable[..., UsageLog], rows: Rows) -> None:
    first, second = rows(usage(samples / "azure_llm_trace.csv"))
    assert (first["input_uncached_tokens"], first["output_total_tokens"]) == (4808, 10)
    assert first["ts_epoch_s"] == 1700158623  # 2023-11-16 18:17:03 UTC
    assert first["ts_utc"].microsecond == 979960
    assert (second["provider"], second["model_served"], second["dedupe_key"]) == (None, None, None)


@pytest.mark.parametrize(
    ("trace", "count", "inputs", "outputs"),
    [("conv", 19_366, 22_361_870, 4_088_665), ("code", 8_819, 18_059_974, 245_896)],
)
def test_the_real_traces_have_their_totals(  # noqa: PLR0917 - fixtures
    shared_data: Path, usage: Callable[..., UsageLog], trace: str, count: int, inputs: int, outputs: int
) -> None:
    log = usage(shared_data / "traces" / f"AzureLLMInferenceTrace_{trace}_2023.csv.gz")
    query = "select count(*), sum(input_uncached_tokens), sum(output_total_tokens) from usage"
    assert log.connection.execute(query).fetchall() == [(count, inputs, outputs)]
    assert log.rows_in_file == count
