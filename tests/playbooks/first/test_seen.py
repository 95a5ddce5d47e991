"""What was seen is told, with where."""

from llmops.playbooks.first.seen import Seen


def test_each_finding_is_told_with_its_place(everything: Seen) -> None:
    assert everything.told() == [
        "project shop: the remote in .git/config",
        'owner @acme/sre: "x" # {y}: CODEOWNERS',
        "region eu-west-1: $AWS_REGION",
        "usage log logs/a b.jsonl: openai_chat",
        "provider openai at https://api.openai.com: litellm.yaml",
        "provider own at http://10.0.0.5:8000: litellm.yaml",
        "templates of your own: runbooks",
        "results: runs/a, runs/b",
        "azure/x has no address",
    ]


def test_what_was_not_seen_is_not_told(nothing: Seen) -> None:
    assert nothing.told() == ["project shop: the name of the folder"]
