import pytest

from llmops.chaos.proxy.wire_record import Attempts, route_of


@pytest.mark.parametrize(
    ("target", "route"),
    [
        (b"/v1/chat/completions", "/v1/chat/completions"),
        (b"/v1beta/models/g:streamGenerateContent?alt=sse&key=AIzaSecret",
         "/v1beta/models/g:streamGenerateContent?alt=sse&key=REDACTED"),
        (b"/openai/deployments/d/chat/completions?api-version=2024-10-21",
         "/openai/deployments/d/chat/completions?api-version=2024-10-21"),
        (b"/x?access_token=ya29.secret", "/x?access_token=REDACTED"),
        (b"/x?k%65y=AIzaSecret", "/x?k%65y=REDACTED"),
        (b"/x?subscription-key=s3cret&limit=20", "/x?subscription-key=REDACTED&limit=20"),
        (b"/x?X-Amz-Signature=abc&password=p", "/x?X-Amz-Signature=REDACTED&password=REDACTED"),
        (b"/x?sk-a-key-without-a-name", "/x?REDACTED"),
        (b"/x?" + b"n" * 60 + b"=v", "/x?" + "n" * 40 + "=REDACTED"),
        (b"/x?alt=sse?key=AIza", "/x?alt=REDACTED"),
        (b"/x?", "/x?"),
        (b"/x?beta=true&&order=asc", "/x?beta=true&&order=asc"),
    ],
)  # fmt: skip
def test_of_a_query_only_what_is_known_to_be_harmless_is_kept(target: bytes, route: str) -> None:
    assert route_of(target) == route


def test_attempts_are_counted_from_one_and_the_oldest_forgotten() -> None:
    attempts = Attempts(limit=2)
    assert [attempts.next(name) for name in ("a", "a", "b", "c", "a")] == [1, 2, 1, 1, 1]
