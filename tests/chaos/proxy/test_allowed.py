import pytest

from llmops.chaos.proxy.allowed import Allowed
from llmops.chaos.proxy.toxic_json import ApiError
from llmops.errors import BadInput


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", ("127.0.0.1", 0)),
        ("127.0.0.1:80", ("127.0.0.1", 80)),
        ("127.9.9.9:80", ("127.9.9.9", 80)),
        ("localhost:80", ("localhost", 80)),
        ("[::1]:80", ("::1", 80)),
    ],
)
def test_loopback_is_always_allowed(text: str, where: tuple[str, int]) -> None:
    assert Allowed().listen(text) == where
    if text:
        assert Allowed().upstream(text) == where


@pytest.mark.parametrize("text", ["0.0.0.0:80", "[::]:80", "10.0.0.1:80", "example.org:80", "127.0.0.1.example.org:80"])
def test_anything_else_is_only_what_was_said_at_the_start(text: str) -> None:
    host = text.rpartition(":")[0].strip("[]")
    for allowed in (Allowed(), Allowed(["example.org:81", "other:80"], ["other"])):
        for ask in (allowed.listen, allowed.upstream):
            with pytest.raises(ApiError, match="is not allowed; start the proxy with --") as error:
                ask(text)
            assert error.value.status == 403
    allowed = Allowed([text], [host])
    assert allowed.listen(text) == allowed.upstream(text) == (host, 80)


@pytest.mark.parametrize("text", ["nonsense", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:99999", ":80"])
def test_what_is_no_address_is_bad_input(text: str) -> None:
    for ask in (Allowed().listen, Allowed().upstream):
        with pytest.raises(BadInput, match="is no"):
            ask(text)


def test_an_upstream_that_is_allowed_must_be_an_address() -> None:
    with pytest.raises(BadInput, match=r"'example\.org' is no --allow-upstream"):
        Allowed(["example.org"])
