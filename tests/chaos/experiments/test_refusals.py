from collections.abc import Callable
from pathlib import Path

import pytest

from llmops.chaos.experiments.loader import load_experiment
from llmops.chaos.experiments.refusals import refuse_contradictions
from llmops.errors import BadInput

Write = Callable[..., Path]
COMMAND = "base_path: /v1\n  ready: {path: /health, timeout_s: 20}"


def refusal(path: Path) -> BadInput:
    with pytest.raises(BadInput) as caught:
        refuse_contradictions(*load_experiment(path))
    return caught.value


def test_a_sound_experiment_is_not_refused(experiment_file: Write) -> None:
    refuse_contradictions(*load_experiment(experiment_file()))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("primary: {simulate: openai", "primary: {simulate: opnai", ":9: no simulated provider is named 'opnai'"),
        ("primary: {simulate: openai, ", "primary: {", ":9: nothing stands behind the proxy of primary"),
        ("primary: {simulate: openai", "primary: {upstream: openai.com", ":9: 'openai.com' is not an http"),
        ("backup: {", "control: {", ":10: 'control' has a meaning of its own"),
        ("model: gpt-4o, ", "model: gpt-4o, dialect: openai_caht, ", ":11: no load speaks 'openai_caht'"),
        ("model: gpt-4o, deadline", "model: ' ', deadline", ":11: the load names no model"),
        ("deadline_s: 5", "deadline_s: 600.1", ":11: a deadline of 600.1 s: no request would hang"),
        ("deadline_s: 5", "deadline_s: 100000", ":11: a deadline of 100000 s: no request would hang"),
        ("base_path: /v1", "base_path: /v1\n  env: {A: '{env.B}'}", ":7: nothing is named {env.B}"),
        ("base_path: /v1", "base_path: /v1\n  env_from: [SURELY_UNSET]", ":7: the environment has no SURELY_UNSET"),
        (
            "base_path: /v1",
            "base_path: /v1\n  files: {../x: y}",
            ":7: the file '../x' is outside of the working folder",
        ),
        ("base_path: /v1", "base_path: /v1\n  files: {/x: y}", ":7: the file '/x' is outside of the working folder"),
        ('"{port}"', '"{prot}"', ":5: nothing is named {prot}"),
    ],
)
def test_a_contradiction_is_refused_with_its_line(experiment_file: Write, old: str, new: str, words: str) -> None:
    assert words in str(refusal(experiment_file((old, new))))


def test_the_longest_deadline_is_taken(experiment_file: Write) -> None:
    refuse_contradictions(*load_experiment(experiment_file(("deadline_s: 5", "deadline_s: 600"))))


def running(write: Write, *changes: tuple[str, str]) -> Path:
    """The same before a system that runs already."""
    path = write(("  " + COMMAND, "  url: http://127.0.0.1:4000/v1"), *changes)
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if "command:" not in line]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


PORTS = ("[gpt-4o]}\n  backup: {simulate: openai,", "[gpt-4o], port: 9101}\n  backup: {simulate: openai, port: 9102,")


def test_a_system_that_runs_already_points_at_fixed_ports(experiment_file: Write) -> None:
    refuse_contradictions(*load_experiment(running(experiment_file, PORTS)))
    error = refusal(running(experiment_file))
    assert ":7: the system runs already, and primary has no fixed port for it to point at" in str(error)


def test_two_providers_do_not_share_a_port(experiment_file: Write) -> None:
    same = (PORTS[0], PORTS[1].replace("9102", "9101"))
    assert ":8: port 9101 is another provider's" in str(refusal(running(experiment_file, same)))


PROXY = ("providers:", "proxy: {control: 'http://127.0.0.1:8474', journal: proxy.jsonl}\nproviders:")


def test_behind_a_proxy_that_runs_already_nothing_is_ours_to_say(experiment_file: Write) -> None:
    bare = ("simulate: openai, ", "")
    refuse_contradictions(*load_experiment(running(experiment_file, PROXY, bare)))
    error = refusal(running(experiment_file, PROXY))
    assert ":8: the proxy runs already: simulate of primary is not for us to say" in str(error)


def test_before_a_proxy_that_runs_already_stands_a_system_that_runs_already(experiment_file: Write) -> None:
    error = refusal(experiment_file(PROXY, ("simulate: openai, ", "")))
    assert ":4: before a proxy that runs already stands a system that runs already" in str(error)
