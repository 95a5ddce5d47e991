import math

import pytest

from llmops.chaos.gateway.settings import Settings, Upstream
from llmops.errors import BadInput

ONE = (Upstream("http://127.0.0.1:1/v1"),)


def test_an_upstream_is_a_url_and_perhaps_a_model() -> None:
    assert Upstream.of("http://127.0.0.1:1/v1/") == Upstream("http://127.0.0.1:1/v1")
    assert Upstream.of("http://127.0.0.1:1/v1=gpt-4o-mini") == Upstream("http://127.0.0.1:1/v1", "gpt-4o-mini")
    for wrong in ("gpt-4o", "http://127.0.0.1:1/v1=", "http://127.0.0.1:1/v1= "):
        with pytest.raises(BadInput, match="no URL"):
            Upstream.of(wrong)


def test_a_key_in_what_is_no_url_is_not_shown() -> None:
    with pytest.raises(BadInput) as refused:
        Upstream.of("ftp://user:sk-pw@127.0.0.1:1/v1")
    assert "sk-pw" not in str(refused.value)


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ({"upstreams": ()}, "without a provider"),
        ({"ills": frozenset({"lauders"})}, "no gateway is ill by 'lauders'"),
        ({"retries": -1}, "fewer than no retries"),
        ({"breaker_failures": 0}, "fewer than no retries"),
        *(({"timeout_s": wrong}, "a timeout of") for wrong in (0.0, -1.0, math.nan, math.inf)),
        *(({"attempt_limit_s": wrong}, "an attempt limit of") for wrong in (-1.0, math.nan, math.inf)),
        *(({"cooldown_s": wrong}, "a cooldown of") for wrong in (-1.0, math.nan, math.inf)),
    ],
)
def test_what_cannot_be_is_refused(more: dict[str, object], complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint):
        Settings(**{"upstreams": ONE, **more})  # type: ignore[arg-type] # wrong on purpose


def test_multiplied_retries_are_the_square_of_the_attempts() -> None:
    assert Settings(ONE, retries=2).attempts == 3
    assert Settings(ONE, retries=2, ills=frozenset({"multiplies_retries"})).attempts == 9
