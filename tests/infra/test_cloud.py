"""AWS's errors: one sentence, a hint, exit code 4."""

import importlib.util

import pytest

from llmops.errors import OutsideFailed
from llmops.infra.cloud import aws_errors

pytestmark = pytest.mark.skipif(importlib.util.find_spec("boto3") is None, reason="boto3 is not installed")


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("AccessDenied", "lacks a permission"),
        ("Throttling", "try again in a minute"),
        ("InsufficientInstanceCapacity", "reserve capacity"),
        ("VcpuLimitExceeded", "ask AWS to raise it"),
        ("ExpiredToken", "log in again"),
        ("SomethingNew", "SomethingNew"),
    ],
)
def test_an_error_of_aws_is_a_sentence(code: str, hint: str) -> None:
    from botocore.exceptions import ClientError

    with pytest.raises(OutsideFailed) as failed, aws_errors():
        raise ClientError({"Error": {"Code": code, "Message": "No."}}, "SetDesiredCapacity")
    assert (str(failed.value), failed.value.exit_code) == ("AWS refused SetDesiredCapacity: No.", 4)
    assert hint in failed.value.hint


def test_missing_credentials_and_region_are_named() -> None:
    from botocore.exceptions import EndpointConnectionError, NoCredentialsError, NoRegionError

    for error, hint in (
        (NoCredentialsError(), "set AWS_PROFILE"),
        (NoRegionError(), "give --region"),
        (EndpointConnectionError(endpoint_url="https://x"), "check the network"),
    ):
        with pytest.raises(OutsideFailed) as failed, aws_errors():
            raise error
        assert hint in failed.value.hint


def test_an_answer_that_is_not_of_aws_is_a_sentence() -> None:
    from botocore.parsers import ResponseParserError

    with pytest.raises(OutsideFailed, match="what answers for AWS is not AWS: no XML"), aws_errors():
        raise ResponseParserError("no XML")
