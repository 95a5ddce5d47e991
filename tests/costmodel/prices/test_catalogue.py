"""The catalogue's own rules, by its data."""

import pytest

from llmops.costmodel.prices.catalogue import Catalogue


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue()


def test_only_an_exact_prefix_names_a_provider(catalogue: Catalogue) -> None:
    assert catalogue.exact_provider_id("openai") == "openai"
    assert catalogue.exact_provider_id("bedrock") == "aws"
    assert catalogue.exact_provider_id("mistralai") is None  # an organisation that publishes weights
    assert catalogue.provider_id("mistralai") == "mistral"  # but as a provider it is the vendor


def test_the_nearest_name_is_the_makers_where_resellers_have_it_too(catalogue: Catalogue) -> None:
    assert catalogue.nearest(None, "gpt-5-minni")[0] == "openai:gpt-5-mini"


def test_a_provider_without_anything_like_it_borrows_names_from_all(catalogue: Catalogue) -> None:
    assert catalogue.nearest("elevenlabs", "claude-sonnet-4-5x")[0].partition(":")[2] == "claude-sonnet-4-5"


def test_nothing_near_is_nothing(catalogue: Catalogue) -> None:
    assert catalogue.nearest(None, "zzzzzzzzzzzz") == ()
