"""The words of a provider become its settings; what cannot be is refused."""

import pytest

from llmops.chaos.providers.serving.desk import Settings
from llmops.chaos.providers.serving.limiting import Limits
from llmops.chaos.providers.serving.pacing import Delay, Pacing
from llmops.chaos.testing.provider_settings import provider_settings
from llmops.errors import BadInput


def test_nothing_said_is_a_provider_as_the_command_starts_it() -> None:
    assert provider_settings() == Settings()


def test_each_word_has_its_place() -> None:
    settings = provider_settings(
        seed=7, models=["a", "b"], ttft_s=0.2, ttft_p95_s=0.9, itl_s=0.01, itl_p95_s=0.02,
        requests_per_minute=3, tokens_per_minute=None, requests_per_day=9, refuse_prefill=True,
    )  # fmt: skip
    pacing = Pacing(Delay(0.2, 0.9), Delay(0.01, 0.02))
    assert settings == Settings(7, ("a", "b"), Limits(3, None, 9), pacing, refuse_prefill=True)


def test_one_model_is_a_list_of_one() -> None:
    with pytest.raises(BadInput, match="models is 'gpt-4o', and is a list") as caught:
        provider_settings(models="gpt-4o")
    assert caught.value.hint == '["gpt-4o"]'


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(BadInput, match="median"):
        provider_settings(ttft_s=2, ttft_p95_s=1)
