from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from llmops.chaos.experiments.assembly import counts, evidence_of
from llmops.chaos.experiments.evidence import ProxyCount
from llmops.chaos.experiments.loader import load_experiment
from llmops.chaos.experiments.plan import plan_of
from llmops.chaos.experiments.stepping import Left

Write = Callable[..., Path]


def test_what_a_run_left_and_what_its_proxy_wrote_become_the_evidence(
    experiment_file: Write, make: SimpleNamespace, tmp_path: Path
) -> None:
    plan = plan_of(
        *load_experiment(
            experiment_file(
                ("backup: {simulate: openai, models: [gpt-4o]}", "backup: {simulate: openai, models: [gpt-4o-mini]}")
            )
        )
    )
    (tmp_path / "proxy.jsonl").write_text(
        '{"kind": "receipt", "at": "2026-09-21T15:06:40.000000Z", "provider": "primary", "injection": "unavailable", '
        '"fault": "unavailable", "call": 1, "request_id": "r1", "applied": true}\n{"kind": "wi',
        encoding="utf-8",
    )
    left = Left([make.INJECT], [make.request()], broke_off="aborted")
    found = evidence_of(plan, left, tmp_path / "proxy.jsonl")
    assert (found.scenario, found.providers, found.broke_off) == ("tiny", ("primary", "backup"), "aborted")
    assert found.allowed_models == {"gpt-4o", "gpt-4o-mini"}
    assert [(receipt.provider, receipt.call) for receipt in found.receipts] == [("primary", 1)]
    assert found.requests == (make.request(),)
    assert found.phases == (make.INJECT,)


def test_a_proxy_that_never_wrote_leaves_no_receipts(experiment_file: Write, tmp_path: Path) -> None:
    found = evidence_of(plan_of(*load_experiment(experiment_file())), Left(), tmp_path / "none.jsonl")
    assert (found.receipts, found.requests, found.price_of) == ((), (), None)


def test_calls_of_the_same_number_in_two_lives_of_a_proxy_are_two(
    experiment_file: Write, make: SimpleNamespace, tmp_path: Path
) -> None:
    line = (
        '{{"kind": "wire", "at": "2026-09-21T15:06:4{0}.000000Z", "run": "{1}", "provider": "primary", "call": 1, '
        '"route": "/v1/chat/completions", "dialect": "openai_chat", "request_id": "{2}", "followed_by": "header", '
        '"model_asked": "gpt-4o", "stream": true, "request_bytes": 9, "status": 200, "upstream_status": 200, '
        '"ended": "complete", "duration_s": 0.1}}\n'
        '{{"kind": "receipt", "at": "2026-09-21T15:06:4{0}.000000Z", "run": "{1}", "provider": "primary", "call": 1, '
        '"injection": "outage", "fault": "unavailable", "request_id": "{2}", "applied": {3}}}\n'
    )
    text = line.format(0, "a", "r1", "true") + line.format(1, "b", "r2", "false")
    (tmp_path / "proxy.jsonl").write_text(text, encoding="utf-8")
    left = Left([make.INJECT], [make.request(), make.request("r2", 1.0)])
    found = evidence_of(plan_of(*load_experiment(experiment_file())), left, tmp_path / "proxy.jsonl")
    assert [[attempt.faults for attempt in request.attempts] for request in found.requests] == [
        [("unavailable",)],
        [()],
    ]


def test_what_a_proxy_counted_itself_is_kept_beside_its_receipts() -> None:
    ended = {"kind": "note", "what": "injection off", "provider": "p", "injection": "x", "requests_in_scope": 9}
    off: dict[str, Any] = {**ended, "requests_hit": 7, "requests_applied": 5}
    lines = [off, {"kind": "note", "what": "injection on"}]
    assert list(counts(lines)) == [ProxyCount("p", "x", 7, 5)]


def test_whether_a_key_was_given_is_known(experiment_file: Write, tmp_path: Path) -> None:
    key = ("  base_path: /v1", "  base_path: /v1\n  headers: {authorization: Bearer hunter22-of-mine}")
    plan = plan_of(*load_experiment(experiment_file(key)))
    found = evidence_of(plan, Left(), tmp_path / "none.jsonl")
    assert found.key_given
    assert found.redact("it is hunter22-of-mine") == "it is [redacted]"
    assert not evidence_of(plan_of(*load_experiment(experiment_file())), Left(), tmp_path / "none.jsonl").key_given
