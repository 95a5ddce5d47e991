"""Tiers as logs spell them."""

import pytest

from llmops.costmodel.prices.request_context import request_context


@pytest.mark.parametrize(
    ("columns", "label"),
    [
        (("standard", None, None), "standard"),
        (("standard", "default", "standard"), "standard"),
        (("batch", "default", None), "batch"),  # OpenAI's batch rows say `default`
        (("standard", "batch", None), "batch"),  # Anthropic's say so in the tier
        (("batch", "batch", None), "batch"),
        (("standard", "on-demand-flex", None), "flex"),
        (("standard", "fast", "fast"), "fast and fast"),
        (("batch", "priority", "fast"), "batch and priority and fast"),
        (("standard", "turbo", None), "'turbo'"),
        (("bach", None, "quick"), "'bach' and 'quick'"),
    ],
)
def test_the_three_columns_make_one_label(columns: tuple[str, str | None, str | None], label: str) -> None:
    assert request_context(*columns).label == label


@pytest.mark.parametrize("tier", ["PROVISIONED_THROUGHPUT", "reserved", "scale"])
def test_bought_capacity_is_reserved(tier: str) -> None:
    assert request_context("standard", tier, None).reserved
    assert not request_context("standard", "priority", None).reserved
