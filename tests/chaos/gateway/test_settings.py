import pytest

from llmops.chaos.gateway.settings import Settings, Upstream
from llmops.errors import BadInput

ONE = (Upstream("http://127.0.0.1:1/v1"),)


def test_an_upstream_is_a_url_and_perhaps_a_model() -> None:
    assert Upstream.of("http://127.0.0.1:1/v1/") == Upstream("http://127.0.0.1:1/v1")
    assert Upstream.of("http://127.0.0.1:1/v1=gpt-4o-mini") == Upstream("http://127.0.0.1:1/v1", "gpt-4o-mini")
    with pytest.raises(BadInput, match="no URL"):
        Upstream.of("gpt-4o")


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ({"upstreams": ()}, "without a provider"),
        ({"ills": frozenset({"lauders"})}, "no gateway is ill by 'lauders'"),
        ({"retries": -1}, "fewer than no retries"),
        ({"breaker_failures": 0}, "fewer than no retries"),
        ({"timeout_s": 0.0}, "lets nothing through"),
    ],
)
def test_what_cannot_be_is_refused(more: dict[str, object], complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint):
        Settings(**{"upstreams": ONE, **more})  # type: ignore[arg-type] # wrong on purpose


def test_multiplied_retries_are_the_square_of_the_attempts() -> None:
    assert Settings(ONE, retries=2).attempts == 3
    assert Settings(ONE, retries=2, ills=frozenset({"multiplies_retries"})).attempts == 9
