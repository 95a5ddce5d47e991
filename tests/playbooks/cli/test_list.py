"""`llmops playbook list`."""

from collections.abc import Callable
from typing import Any


def test_it_lists_all_and_tells_of_one(llmops: Callable[..., Any]) -> None:
    assert llmops("playbook", "list").out.count("runbook") >= 6
    assert "--set incident" in llmops("playbook", "list", "post-mortem").out


def test_a_name_that_is_not_there_is_refused(llmops: Callable[..., Any]) -> None:
    ran = llmops("playbook", "list", "post-mortm")
    assert (ran.code, ran.out) == (2, "")
    assert "did you mean 'post-mortem'?" in ran.err
