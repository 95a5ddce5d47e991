"""AWS through boto3, its errors as one sentence with a hint."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from llmops.errors import OutsideFailed

# Code of an error of AWS: what it means to whoever reads it.
HINTS = {
    "AccessDenied": "the caller lacks a permission: ask for it, or use another profile",
    "AccessDeniedException": "the caller lacks a permission: ask for it, or use another profile",
    "UnauthorizedOperation": "the caller lacks a permission: ask for it, or use another profile",
    "ExpiredToken": "log in again",
    "ExpiredTokenException": "log in again",
    "InvalidClientTokenId": "the keys are not valid, or belong to another partition",
    "AuthFailure": "the keys are not valid, or the region is not enabled for the account",
    "Throttling": "AWS limits the rate of calls: try again in a minute",
    "ThrottlingException": "AWS limits the rate of calls: try again in a minute",
    "RequestLimitExceeded": "AWS limits the rate of calls: try again in a minute",
    "InsufficientInstanceCapacity": "AWS has no such instance now: try other zones or types, or reserve capacity",
    "VcpuLimitExceeded": "the quota of the account is too small: ask AWS to raise it",
    "ScalingActivityInProgress": "the group is changing: wait until it has settled",
}


@dataclass(frozen=True)
class Cloud:
    """One region; the clients are made when they are asked for."""

    region: str | None = None
    endpoint_url: str | None = None  # a stand-in on this machine

    @cached_property
    def autoscaling(self) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        return self._client("autoscaling")

    @cached_property
    def balancers(self) -> Any:  # noqa: ANN401
        return self._client("elbv2")

    @cached_property
    def ec2(self) -> Any:  # noqa: ANN401
        return self._client("ec2")

    def _client(self, service: str) -> Any:  # noqa: ANN401
        try:
            import boto3
            from botocore.config import Config
        except ImportError as error:
            raise OutsideFailed("boto3 is not installed", hint="pip install 'llmops-toolkit[aws]'") from error
        patient = Config(retries={"mode": "standard", "max_attempts": 5}, connect_timeout=10, read_timeout=30)
        with aws_errors():
            return boto3.client(service, region_name=self.region, endpoint_url=self.endpoint_url, config=patient)


@contextmanager
def aws_errors() -> Iterator[None]:
    """What boto3 raises as OutsideFailed."""
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError as ParserError

    try:
        yield
    except ClientError as error:
        told = error.response.get("Error", {})
        code = str(told.get("Code", "unknown"))
        raise OutsideFailed(
            f"AWS refused {error.operation_name}: {told.get('Message') or code}", hint=HINTS.get(code, code)
        ) from error
    except ParserError as error:
        raise OutsideFailed(f"what answers for AWS is not AWS: {str(error)[:200]}", hint=_hint_of("")) from error
    except BotoCoreError as error:
        raise OutsideFailed(f"AWS: {error}", hint=_hint_of(type(error).__name__)) from error


def _hint_of(name: str) -> str:
    if name in {"NoCredentialsError", "PartialCredentialsError"}:
        return "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    if name == "NoRegionError":
        return "give --region, or set AWS_REGION"
    return "check the network and the region"
