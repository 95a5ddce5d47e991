"""A hundred damaged inputs: not one is green, and each says why in one sentence.

Undamaged, all gates hold and the exit code is 0; each damage changes one thing.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

GATES = """\
max_age: 30 d
gates:
  - laundered == 0
  - functional_success_ratio >= 0.9 over 50
  - attempts_per_request <= 3
  - verdict(stream-cut) == PASS
  - ttft_p95_s < 600 ms
  - {expr: ttft_p95_s < 0.6, scope: {model: gpt-4o}, name: ttft of gpt-4o}
  - failed_requests_ratio <= 5 % over 100
  - usd_per_1k_requests < 4
"""
FAIL, BAD_INPUT, NO_DATA = 1, 2, 3


@dataclass
class Inputs:
    """What the command is given: everything that a damage may change."""

    gates: str | bytes | None
    run: Any  # JSON data, or a text that is none
    load: Any
    old: Any = None  # of the same kind as the load; None: no baseline
    more: list[str] = field(default_factory=list)

    def write(self, folder: Path) -> list[str]:
        for name in ("gates", "run", "load", "old"):
            value = getattr(self, name)
            if value is None:
                continue
            text = value if isinstance(value, str | bytes) else json.dumps(value)
            file = folder / ("gates.yaml" if name == "gates" else f"{name}.json")
            file.write_bytes(text if isinstance(text, bytes) else text.encode())
        baseline = [] if self.old is None else ["--baseline", "old.json"]
        return ["gates.yaml", "run.json", "load.json", *baseline, *self.more]


@pytest.fixture
def inputs(make: SimpleNamespace) -> Inputs:
    started_at = datetime.now(UTC) - timedelta(hours=1)
    load = make.load(started_at=started_at)
    return Inputs(GATES, make.data(make.run(started_at=started_at)), make.data(load))


Damage = Callable[[Inputs], None]
DAMAGES: dict[str, tuple[Damage, int, str]] = {}


def damage(name: str, change: Damage, code: int, words: str) -> None:
    assert name not in DAMAGES
    DAMAGES[name] = (change, code, words)


def setting(part: str, *path: str | int, value: Any) -> Damage:
    """Set one value in the data of a result."""

    def change(inputs: Inputs) -> None:
        at = getattr(inputs, part)
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = value

    return change


def without(part: str, *path: str | int) -> Damage:
    """Take one key away."""

    def change(inputs: Inputs) -> None:
        at = getattr(inputs, part)
        for step in path[:-1]:
            at = at[step]
        del at[path[-1]]

    return change


def metric(inputs: Inputs, name: str, /, **scope: str) -> Any:
    metrics = [*inputs.run["metrics"], *inputs.load["metrics"]]
    (found,) = [one for one in metrics if one["name"] == name and scope.items() <= one["scope"].items()][:1]
    return found


def of_metric(name: str, /, **changes: Any) -> Damage:
    return lambda inputs: metric(inputs, name).update(changes)


def gate_file(old: str, new: str) -> Damage:
    def change(inputs: Inputs) -> None:
        assert isinstance(inputs.gates, str)
        assert old in inputs.gates
        inputs.gates = inputs.gates.replace(old, new)

    return change


def more_gates(*lines: str) -> Damage:
    return lambda inputs: setattr(inputs, "gates", GATES + "".join(f"  - {line}\n" for line in lines))


def as_text(part: str, spoil: Callable[[str], str | bytes]) -> Damage:
    return lambda inputs: setattr(inputs, part, spoil(json.dumps(getattr(inputs, part))))


# --- the file of a result


def _cut(percent: int) -> Damage:
    return as_text("run", lambda text: text[: len(text) * percent // 100])


for percent in (1, 10, 33, 50, 67, 90, 99):
    damage(f"run-cut-at-{percent}-percent", _cut(percent), NO_DATA, "JSON")
damage("load-without-its-last-bracket", as_text("load", lambda text: text[:-1]), NO_DATA, "load.json is cut off")
damage("run-empty", as_text("run", lambda _: ""), NO_DATA, "run.json is empty")
damage("run-only-spaces", as_text("run", lambda _: " \n "), NO_DATA, "run.json is empty")
damage("run-a-page", as_text("run", lambda _: "<html>502 Bad Gateway</html>"), NO_DATA, "run.json is no JSON")
damage("run-binary", as_text("run", lambda _: b"\x1f\x8b\x08\xff"), NO_DATA, "run.json is not UTF-8 text")
damage("run-utf-16", as_text("run", lambda text: text.encode("utf-16")), NO_DATA, "run.json is not UTF-8 text")
damage("run-a-list", as_text("run", lambda text: f"[{text}]"), NO_DATA, "it holds no mapping")
damage("run-null", as_text("run", lambda _: "null"), NO_DATA, "it holds no mapping")
damage("run-twice-in-one-file", as_text("run", lambda text: text + text), NO_DATA, "Extra data")
damage("run-missing", lambda inputs: setattr(inputs, "run", None), NO_DATA, "run.json is missing")
damage("load-missing", lambda inputs: setattr(inputs, "load", None), NO_DATA, "load.json is missing")
damage(
    "run-of-another-program", lambda inputs: setattr(inputs, "run", {"tests": 3}), NO_DATA, "names no schema_version"
)
damage("a-third-result-missing", lambda inputs: inputs.more.append("third.json"), NO_DATA, "third.json is missing")
damage("a-folder-without-a-result", lambda inputs: inputs.more.append("."), NO_DATA, "result.json is missing")

# --- numbers that are none

for word in ("NaN", "Infinity", "-Infinity"):
    damage(f"value-{word}", of_metric("ttft_p95_s", value=float(word.lower())), NO_DATA, f"load.json holds {word}")
damage("value-nan-as-text", of_metric("usd_per_1k_requests", value="NaN"), NO_DATA, "it is no number")
damage("value-text", of_metric("ttft_p95_s", value="fast"), NO_DATA, "it is no number")
damage("value-true", of_metric("ttft_p95_s", value=True), NO_DATA, "it is no number")
damage(
    "value-without-end",
    as_text("load", lambda text: text.replace("3.9912", "9" * 400 + ".00")),
    NO_DATA,
    "no number that can be",
)
damage("value-negative", of_metric("ttft_p95_s", value=-0.5), NO_DATA, "ttft_p95_s is -0.5")
damage("value-null", of_metric("ttft_p95_s", value=None), NO_DATA, "ttft_p95_s was not measured")
damage("laundered-null", of_metric("laundered_ratio", value=None, numerator=None), NO_DATA, "was not measured")
damage(
    "ratio-above-one", of_metric("functional_success_ratio", value=1.5, numerator=None), NO_DATA, "a ratio ends at 1"
)
damage(
    "interval-nan", of_metric("ttft_p95_s", interval={"low": float("nan"), "high": 1, "level": 1}), NO_DATA, "holds NaN"
)
damage(
    "interval-upside-down",
    of_metric("ttft_p95_s", interval={"low": 0.55, "high": 0.45, "level": 0.95}),
    NO_DATA,
    "is not between the ends of its interval",
)
damage("interval-gone", of_metric("ttft_p95_s", interval=None), NO_DATA, "has no interval of 95 % to be judged by")
damage(
    "interval-open",
    of_metric("ttft_p95_s", interval={"low": 0.45, "high": None, "level": 0.95}),
    NO_DATA,
    "is not decided",
)
damage(
    "interval-over-the-limit",
    of_metric("ttft_p95_s", interval={"low": 0.45, "high": 0.7, "level": 0.95}),
    NO_DATA,
    "the limit lies inside",
)

damage(
    "interval-of-less-certainty",
    of_metric("ttft_p95_s", interval={"low": 0.49, "high": 0.51, "level": 0.5}),
    NO_DATA,
    "has no interval of 95 % to be judged by",
)
damage("value-outside-its-interval", of_metric("ttft_p95_s", value=0.9), NO_DATA, "is not between the ends")

# --- samples

damage("samples-of-a-cost-unknown", of_metric("usd_per_1k_requests", n=None), NO_DATA, "does not say on how many")
damage(
    "samples-of-a-mean-unknown",
    of_metric("mean_attempts", n=None, denominator=None),
    NO_DATA,
    "does not say on how many",
)

damage(
    "no-samples",
    of_metric("functional_success_ratio", n=0, value=None, numerator=0, denominator=0),
    NO_DATA,
    "was not measured on 0 samples",
)
damage("no-samples-and-a-value", of_metric("functional_success_ratio", n=0), NO_DATA, "is of 80, and of 0")
damage(
    "too-few-for-the-gate",
    of_metric("failed_requests_ratio", n=99, value=0, numerator=0, denominator=99, interval=None),
    NO_DATA,
    "the gate asks for 100",
)
damage(
    "too-few-to-prove-none",
    of_metric("laundered_ratio", n=34, value=0, numerator=0, denominator=34),
    NO_DATA,
    "it takes 35",
)
damage(
    "too-few-to-prove-a-ratio",
    of_metric("functional_success_ratio", n=50, value=0.96, numerator=48, denominator=50),
    NO_DATA,
    "is not decided",
)
damage(
    "too-few-for-a-mean", of_metric("mean_attempts", n=9, value=1, numerator=9, denominator=9), NO_DATA, "it takes 10"
)
damage("too-few-for-a-cost", of_metric("usd_per_1k_requests", n=3), NO_DATA, "it takes 10")
damage(
    "samples-unknown",
    of_metric("failed_requests_ratio", n=None, numerator=None, denominator=None, interval=None),
    NO_DATA,
    "does not say on how many",
)
damage("samples-negative", of_metric("ttft_p95_s", n=-200), NO_DATA, "greater than or equal to 0")
damage("samples-a-fraction", of_metric("ttft_p95_s", n=1.5), NO_DATA, "metrics.2.n")
damage("samples-as-text", of_metric("ttft_p95_s", n="200"), NO_DATA, "metrics.2.n")
damage("more-than-all", of_metric("functional_success_ratio", numerator=81), NO_DATA, "is 81 of 80")
damage("counts-against-the-value", of_metric("laundered_ratio", numerator=3), NO_DATA, "is 0, which 3 of 80 is not")
damage(
    "value-against-the-counts",
    of_metric("functional_success_ratio", numerator=20),
    NO_DATA,
    "is 1, which 20 of 80 is not",
)
damage("one-laundered", of_metric("laundered_ratio", value=0.0125, numerator=1), FAIL, "1 of 80")
damage("all-failed", of_metric("functional_success_ratio", value=0, numerator=0, interval=None), FAIL, "0 of 80")
damage(
    "slow",
    of_metric("ttft_p95_s", interval={"low": 0.61, "high": 0.7, "level": 0.95}, value=0.65),
    FAIL,
    "does not hold",
)
damage("dear", of_metric("usd_per_1k_requests", value="4.00"), FAIL, "does not hold")

# --- the parts of a result

damage("metric-renamed", of_metric("ttft_p95_s", name="ttft_95_s"), NO_DATA, "no result has ttft_p95_s as a whole")
damage(
    "only-laundered-renamed", of_metric("laundered_ratio", name="laundred_ratio"), NO_DATA, "there is laundred_ratio"
)
damage("metric-of-another-unit", of_metric("ttft_p95_s", unit="ms"), NO_DATA, "is in ms, and should be in s")
damage(
    "metric-of-another-scope",
    of_metric("ttft_p95_s", scope={"model": "gpt-5"}),
    NO_DATA,
    "no result has ttft_p95_s as a whole",
)
damage(
    "metric-twice",
    lambda inputs: inputs.load["metrics"].append(inputs.load["metrics"][2]),
    NO_DATA,
    "ttft_p95_s is there twice",
)
damage("no-metrics", setting("load", "metrics", value=[]), NO_DATA, "no result has ttft_p95_s")
damage("metrics-null", setting("load", "metrics", value=None), NO_DATA, "metrics: input should be a valid list")
damage("metrics-missing", without("load", "metrics"), NO_DATA, "metrics is missing")
damage("scope-null", of_metric("ttft_p95_s", scope=None), NO_DATA, "metrics.2.scope")
damage("schema-older", setting("run", "schema_version", value=0), NO_DATA, "is of schema version 0, and 1 is read here")
damage("schema-newer", setting("run", "schema_version", value=2), NO_DATA, "is of schema version 2, and 1 is read here")
damage("schema-as-text", setting("run", "schema_version", value="1"), NO_DATA, "is of schema version another")
damage("schema-missing", without("run", "schema_version"), NO_DATA, "names no schema_version")
damage("kind-missing", without("run", "kind"), NO_DATA, "kind is missing")
damage("old", setting("load", "finished_at", value="2026-01-01T00:00:00+00:00"), NO_DATA, "it ended before it began")
damage("time-without-a-zone", setting("load", "finished_at", value="2026-11-25T12:00:00"), NO_DATA, "timezone")
damage("time-a-word", setting("load", "finished_at", value="now"), NO_DATA, "finished_at")
damage(
    "from-the-future", setting("load", "finished_at", value="2999-01-01T00:00:00+00:00"), NO_DATA, "is from the future"
)
damage(
    "twice-a-key",
    as_text("load", lambda text: text.replace('"kind"', '"id": "x", "kind"', 1)),
    NO_DATA,
    "says 'id' twice",
)


def _aged(inputs: Inputs) -> None:
    for name in ("started_at", "finished_at"):
        inputs.load[name] = (datetime.now(UTC) - timedelta(days=31)).isoformat()


damage("too-old", _aged, NO_DATA, "31 days old, and 30 days is the most")

# --- verdicts

damage("scenario-renamed", setting("run", "scenarios", 0, "name", value="stream-cat"), NO_DATA, "stream-cut")
damage("scenario-gone", setting("run", "scenarios", value=[]), NO_DATA, "PASS of no scenario")
damage(
    "scenario-twice",
    lambda inputs: inputs.run["scenarios"].append(inputs.run["scenarios"][0]),
    NO_DATA,
    "is there twice",
)
damage("scenario-without-checks", setting("run", "scenarios", 0, "checks", value=[]), NO_DATA, "expected nothing")
damage("scenario-without-requests", setting("run", "scenarios", 0, "outcomes", value={}), NO_DATA, "on no request")
damage(
    "scenario-with-a-failed-check",
    setting("run", "scenarios", 0, "checks", 0, "verdict", value="FAIL"),
    NO_DATA,
    "laundered FAIL",
)
damage(
    "scenario-invalid-result-green", setting("run", "scenarios", 0, "verdict", value="INVALID"), NO_DATA, "it says PASS"
)
damage(
    "verdict-in-small-letters", setting("run", "scenarios", 0, "verdict", value="pass"), NO_DATA, "scenarios.0.verdict"
)
damage(
    "verdict-against-its-exit-code", setting("run", "verdict", "exit_code", value=1), NO_DATA, "PASS and exit code 1"
)
damage(
    "load-invalid",
    setting("load", "verdict", value={"word": "INVALID", "because": "interrupted", "exit_code": 3}),
    NO_DATA,
    "load proves nothing: interrupted",
)


def _verdict(word: str, code: int, reason: str) -> Damage:
    def change(inputs: Inputs) -> None:
        inputs.run["scenarios"][0].update(verdict=word, reason=reason)
        inputs.run["verdict"].update(word=word, exit_code=code)

    return change


def _second_without_the_metric(inputs: Inputs) -> None:
    scenario = {**inputs.run["scenarios"][0], "name": "stream-end"}
    metrics = [{**one, "scope": {"scenario": "stream-end"}} for one in inputs.run["metrics"]]
    inputs.run["scenarios"].append(scenario)
    inputs.run["metrics"] += [one for one in metrics if one["name"] != "laundered_ratio"]


damage(
    "metric-missing-in-one-of-two", _second_without_the_metric, NO_DATA, "scenario=stream-end has no laundered_ratio"
)
damage("scenario-failed", _verdict("FAIL", 1, "laundered: 3 of 80"), FAIL, "stream-cut is FAIL: laundered: 3 of 80")
damage(
    "fault-never-fired", _verdict("INVALID", 3, "it never fired"), NO_DATA, "stream-cut proves nothing: it never fired"
)

# --- the gate file

damage("gates-missing", lambda inputs: setattr(inputs, "gates", None), BAD_INPUT, "cannot read gates.yaml")
damage("gates-empty", lambda inputs: setattr(inputs, "gates", ""), BAD_INPUT, "has no 'gates'")
damage("gates-none", lambda inputs: setattr(inputs, "gates", "gates: []"), BAD_INPUT, "there is no gate in it")
damage("gates-a-list", lambda inputs: setattr(inputs, "gates", "- laundered == 0"), BAD_INPUT, "must hold a mapping")
damage("gates-no-yaml", lambda inputs: setattr(inputs, "gates", "gates: [}"), BAD_INPUT, "this is no YAML")
damage("gates-not-utf-8", lambda inputs: setattr(inputs, "gates", b"gates: [\xff]"), BAD_INPUT, "is not UTF-8 text")
damage(
    "gates-cut-in-half",
    lambda inputs: setattr(inputs, "gates", GATES[: GATES.index(" over 100") - 10]),
    BAD_INPUT,
    "gates.yaml:",
)
damage("gates-unknown-key", gate_file("max_age", "max_aeg"), BAD_INPUT, "gates.yaml:1: unknown key 'max_aeg'")
damage("gates-age-of-nothing", gate_file("30 d", "30"), BAD_INPUT, "gates.yaml:1: max_age")
damage(
    "metric-unknown",
    gate_file("ttft_p95_s < 600 ms", "ttft_95_s < 600 ms"),
    BAD_INPUT,
    "gates.yaml:7: no metric is named 'ttft_95_s'",
)
damage(
    "units-differ", gate_file("< 600 ms", "< 4 usd"), BAD_INPUT, "gates.yaml:7: ttft_p95_s is in s, and 4 usd is in usd"
)
damage(
    "two-of-one-name", more_gates("laundered == 0"), BAD_INPUT, "gates.yaml:11: two gates are named 'laundered == 0'"
)
damage("never-satisfied-on-its-samples", gate_file(">= 0.9 over 50", ">= 0.995 over 500"), BAD_INPUT, "it needs 765")
damage(
    "never-satisfied", gate_file(">= 0.9 over 50", ">= 90"), BAD_INPUT, "no functional_success_ratio could satisfy it"
)
damage("never-failed", gate_file(">= 0.9 over 50", ">= 0"), BAD_INPUT, "no functional_success_ratio could fail it")
damage("never-measured", more_gates("self_host_gpus <= 4"), NO_DATA, "no result has self_host_gpus")
damage(
    "never-measured-scope",
    more_gates("{expr: laundered == 0, scope: {model: gpt-4o}}"),
    NO_DATA,
    "no result has laundered_ratio of model=gpt-4o",
)
damage("never-measured-on-so-many", more_gates("time_to_detect_s <= 1 over 10"), NO_DATA, "does not say on how many")
damage(
    "not-equal", gate_file("== PASS", "!= FAIL"), BAD_INPUT, "gates.yaml:6: 'verdict(stream-cut) != FAIL' is no gate"
)
damage("asks-for-invalid", gate_file("== PASS", "== INVALID"), BAD_INPUT, "a lack of proof")
damage(
    "verdict-of-nothing",
    more_gates("verdict(stream-cat) == PASS"),
    NO_DATA,
    "no result has a verdict of stream-cat; there is stream-cut",
)
damage("limit-nan", gate_file("< 600 ms", "< .nan"), BAD_INPUT, "'.nan' is no limit")
damage(
    "scope-unknown",
    gate_file("{model: gpt-4o}", "{modle: gpt-4o}"),
    BAD_INPUT,
    "gates.yaml:8: gates.5.scope: no metric is told apart by 'modle'",
)
damage(
    "model-unknown",
    gate_file("{model: gpt-4o}", "{model: gpt-40}"),
    NO_DATA,
    "no result has ttft_p95_s of model=gpt-40",
)
damage("level-unknown", gate_file("name: ttft of gpt-4o", "level: soft"), BAD_INPUT, "gates.yaml:8: gates.5.level")
damage(
    "waiver-without-owner",
    more_gates("{expr: storm == 0, waiver: {reason: r, until: 2999-01-01}}"),
    BAD_INPUT,
    "this waiver has no 'owner'",
)
damage(
    "waiver-without-end",
    more_gates("{expr: storm == 0, waiver: {owner: ann, reason: r}}"),
    BAD_INPUT,
    "this waiver has no 'until'",
)
damage(
    "waiver-without-reason",
    more_gates("{expr: storm == 0, waiver: {owner: ann, reason: '', until: 2999-01-01}}"),
    BAD_INPUT,
    "waiver.reason",
)
damage(
    "waiver-lapsed",
    more_gates("{expr: attempts_per_request <= 1, waiver: {owner: ann, reason: r, until: 2026-01-31}}"),
    FAIL,
    "the waiver of ann lapsed on 2026-01-31",
)
damage(
    "waiver-of-what-is-missing",
    more_gates("{expr: e2e_p95_s < 3, waiver: {owner: ann, reason: r, until: 2999-01-01}}"),
    NO_DATA,
    "no result has e2e_p95_s",
)
damage("warn-of-what-is-missing", more_gates("{expr: e2e_p95_s < 3, level: warn}"), NO_DATA, "no result has e2e_p95_s")

# --- the baseline


def _baseline(**changes: Any) -> Damage:
    def change(inputs: Inputs) -> None:
        inputs.old = json.loads(json.dumps(inputs.load))
        earlier = (datetime.now(UTC) - timedelta(days=2)).isoformat()
        inputs.old.update({"id": "old", "started_at": earlier, "finished_at": earlier, **changes})

    return change


def _after(first: Damage, then: Damage) -> Damage:
    def change(inputs: Inputs) -> None:
        first(inputs)
        then(inputs)

    return change


damage(
    "baseline-missing", lambda inputs: inputs.more.extend(["--baseline", "none.json"]), NO_DATA, "none.json is missing"
)
damage("baseline-cut", _after(_baseline(), as_text("old", lambda text: text[:99])), NO_DATA, "old.json is")
damage("baseline-of-another-schema", _baseline(schema_version=0), NO_DATA, "old.json is of schema version 0")
damage("baseline-of-this-run", _baseline(id="load-now"), NO_DATA, "the baseline old.json is the run that is judged")
damage("baseline-of-another-kind", _baseline(kind="ttft"), NO_DATA, "have no figure in common")
damage("baseline-without-metrics", _baseline(metrics=[]), NO_DATA, "cannot be compared with old.json: it is not in it")
damage(
    "baseline-is-the-result",
    lambda inputs: inputs.more.extend(["--baseline", "load.json"]),
    BAD_INPUT,
    "is the result itself",
)
damage("result-twice", lambda inputs: inputs.more.append("run.json"), BAD_INPUT, "run.json is named twice")


def _faster_before(inputs: Inputs) -> None:
    inputs.old["metrics"][2].update(value=0.1, interval={"low": 0.09, "high": 0.11, "level": 0.95})


damage("newly-slower", _after(_baseline(), _faster_before), FAIL, "newly slower: ttft_p95_s is 0.5 s")


def test_there_are_a_hundred() -> None:
    assert len(DAMAGES) >= 100


def test_undamaged_all_gates_hold(inputs: Inputs, llmops: Callable[..., Any], tmp_path: Path) -> None:
    ran = llmops("gate", *inputs.write(tmp_path), "--format", "json")
    assert (ran.code, json.loads(ran.out)["verdict"]["because"], ran.err) == (0, "8 PASS, and nothing fails.", "")
    _baseline()(inputs)
    assert llmops("gate", *inputs.write(tmp_path)).code == 0


@pytest.mark.parametrize("name", DAMAGES)
def test_damaged_it_is_never_green_and_says_why(
    name: str, inputs: Inputs, llmops: Callable[..., Any], tmp_path: Path
) -> None:
    change, code, words = DAMAGES[name]
    change(inputs)
    ran = llmops("gate", *inputs.write(tmp_path), "--format", "json")
    assert ran.code == code, ran.out + ran.err
    if code == BAD_INPUT:
        error, *hint = ran.err.splitlines()
        assert error.startswith("error: ")
        assert len(hint) <= 1
        assert ran.out == ""
        said = error
    else:
        assert ran.err == ""
        said = json.loads(ran.out)["verdict"]["because"]
        assert said.endswith(".")
        assert "\n" not in said
    assert words in said
    assert "Traceback" not in ran.out + ran.err
