"""What a look around found."""

import pytest

from llmops.playbooks.first.seen import Seen, Upstream


@pytest.fixture
def nothing() -> Seen:
    return Seen("shop", "the name of the folder")


@pytest.fixture
def everything() -> Seen:
    return Seen(
        "shop",
        "the remote in .git/config",
        '@acme/sre: "x" # {y}',
        "CODEOWNERS",
        "eu-west-1",
        "$AWS_REGION",
        "litellm.yaml",
        {"openai": Upstream("https://api.openai.com", ("gpt-4o", "a: b #c")), "own": Upstream("http://10.0.0.5:8000")},
        {"logs/a b.jsonl": "openai_chat"},
        "runbooks",
        {"laundered_ratio": "runs/a", "ttft_p95_s": "runs/b"},
        ["azure/x has no address"],
    )
