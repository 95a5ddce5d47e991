"""First files of gates: one for results of failover, with more as examples, and one for a few live calls."""

from collections.abc import Iterator, Mapping

from llmops.playbooks.escaping import one_line
from llmops.playbooks.first.seen import Seen

ALWAYS = {
    "laundered_ratio": ("laundered == 0", "no cut or empty answer passed as success"),
    "hang_ratio": ("hang == 0", "no request without an end"),
    "functional_success_ratio": ("functional_success_ratio >= 0.95", "good answers under faults"),
    "mean_attempts": ("attempts_per_request <= 2", "retries are the load of an outage"),
}
WHERE_SEEN = {
    "ttft_p95_s": ("ttft_p95_s < 600 ms", "of llmops load or ttft"),
    "goodput_ratio": ("goodput_ratio >= 0.95", "of llmops load"),
    "failed_requests_ratio": ("failed_requests_ratio < 0.01", "of llmops bill or load"),
    "usd_per_1k_requests": ("usd_per_1k_requests < 20", "of llmops bill"),
    "invalid_answers_ratio": ("invalid_answers_ratio < 0.01", "of llmops chaos check"),
    "fallback_first_good_token_s": ("fallback_first_good_token_s < 30 min", "of llmops infra drill"),
    "runbook_age_days": ("runbook_age_days <= 84", "of llmops playbook lint: 12 weeks"),
    "runbook_problems": ("runbook_problems == 0", "of llmops playbook lint"),
}


def gate_file(seen: Seen) -> str:
    """The text of the file."""
    return "\n".join(_lines(seen)) + "\n"


LIVE = """\
# What a few calls must keep to while an outage lasts and after it: llmops gate live-gates.yaml RESULT, of llmops load.
# It takes calls to prove a limit: none of 30 failed is at most 11.4 %, none of 100 is at most 3.7 % (95 % intervals).
# A line that begins with `#` and no space is an example: take the sign away to use it.
max_age: 1 h
gates:
  - failed_requests_ratio < 0.2
  #- {expr: goodput_ratio >= 0.8, name: good in time}  # by the SLOs that llmops load is given: --slo-ttft and others
  #- ttft_p95_s < 2  # from 72 calls on
"""


def _lines(seen: Seen) -> Iterator[str]:
    yield "# What results must keep to: llmops gate RESULT…, where RESULT is the folder of a run or a result as JSON."
    yield "# What cannot be judged, for lack of a metric or of samples, is INVALID and never a pass."
    yield "# A line that begins with `#` and no space is an example: take the sign away to use it."
    yield "max_age: 7 d"
    yield "gates:"
    yield from _gates(ALWAYS, seen.metrics, example=False)
    yield from _gates(WHERE_SEEN, seen.metrics, example=True)
    yield "  #- verdict(provider-down) == PASS  # of llmops chaos run provider-down"
    yield "  #- {expr: time_to_mitigate_s < 30, level: warn}"
    yield "  #- {expr: wrong_model == 0, waiver: {owner: ann, reason: known at the gateway, until: 2027-01-31}}"


def _gates(gates: Mapping[str, tuple[str, str]], seen: Mapping[str, str], *, example: bool) -> Iterator[str]:
    for metric, (expression, why) in gates.items():
        mark = "#" if example and metric not in seen else ""
        where = f"; measured in {one_line(seen[metric])}" if metric in seen else ""
        yield f"  {mark}- {expression}  # {why}{where}"
