"""A first llmops.yaml: a section for each part, with what was seen; a key after `#` without a space is an example."""

from collections.abc import Iterator

from llmops.playbooks.escaping import one_line, quoted_yaml
from llmops.playbooks.first.seen import Seen

GATES_FILE = "gates.yaml"
LIVE_GATES_FILE = "live-gates.yaml"  # what the runbooks ask of a few calls


def configuration(seen: Seen) -> str:
    """The text of the file."""
    parts = (_head(seen), _prices(), _tco(), _chaos(seen), _gates(), _gameday(), _playbooks(seen), _infra(seen))
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _head(seen: Seen) -> Iterator[str]:
    yield f"# llmops.yaml of {one_line(seen.project)}. Every key may be left out; one that is not known is an error."
    yield "# A line that begins with `#` and no space is an example: take the sign away to use it."
    for file, log_format in seen.logs.items():
        yield f"# Seen: {one_line(file)}, a log of {log_format}. What it cost: llmops bill {one_line(file)}"


def _prices() -> Iterator[str]:
    yield "# What calls cost. Catalogue prices are known; here is what you pay instead. llmops bill, llmops tco."
    yield "prices:"
    yield "  # Before the catalogue; on the catalogue; a deployment's name in the log to provider:model."
    yield "  #own: [{model: my-fine-tune, input_usd_per_mtok: 0.40, output_usd_per_mtok: 3.20, source: contract}]"
    yield "  #discounts: [{provider: anthropic, percent: 12, from: 2026-04-01, source: order form}]"
    yield "  #aliases: {prod-chat: 'openai:gpt-5'}"


def _tco() -> Iterator[str]:
    yield "# Buy or build. What is measured in logs needs no line here; what you state is marked as stated. llmops tco."
    yield "tco:"
    yield "  self_host:"
    yield "    ownership: rented  # or owned"
    yield "    headroom_ratio: 0.7  # of the sustained rate, used in the busiest minute"
    yield "    spare_replicas: 1"
    yield "    #model: Llama-3.3-70B"
    yield "    #gpu: h100_sxm"
    yield "    #precision: fp8"
    yield "  #api_usd_per_month: 15000  # where there is no log"
    yield "  #lines: {people: {low: 4000, high: 16000, source: our payroll, what: engineers}}"


def _chaos(seen: Seen) -> Iterator[str]:
    yield "# What the fault proxy stands in front of: point the gateway at 127.0.0.1 instead. llmops chaos proxy."
    yield "chaos:"
    yield "  journal: proxy.jsonl"
    yield "  record_bodies: false  # true: prompts and answers are in the journal, for llmops chaos check"
    yield "  default_lease_s: 600  # a fault ends by itself after so long"
    if seen.upstreams:
        yield f"  providers:  # as {one_line(seen.gateway)} names them"
        for port, (name, each) in enumerate(seen.upstreams.items(), 9001):
            models = f", models: [{', '.join(map(quoted_yaml, each.models))}]" if each.models else ""
            yield f"    {quoted_yaml(name)}: {{upstream: {quoted_yaml(each.url)}, port: {port}{models}}}"
    else:
        yield "  #providers: {openai: {upstream: 'https://api.openai.com', port: 9001, models: [gpt-4o]}}"


def _gates() -> Iterator[str]:
    yield "# What results must keep to. llmops gate reads the file where none is named."
    yield "gates:"
    yield f"  file: {GATES_FILE}"
    yield "  max_age: 7 d  # of a result, where the file of gates names none"


def _gameday() -> Iterator[str]:
    yield "# Practice. llmops gameday plan PRESET writes a plan, llmops gameday run holds it."
    yield "gameday:"
    yield "  runs_dir: runs  # where runs are"


def _playbooks(seen: Seen) -> Iterator[str]:
    yield "# Runbooks and post-mortems. llmops playbook list, render, lint."
    yield "playbooks:"
    if seen.owner:
        yield f"  owner: {quoted_yaml(seen.owner)}  # of pages, unless --set owner= names another"
    else:
        yield "  #owner: platform-team  # of pages, unless --set owner= names another"
    yield "  max_age_weeks: 12  # a runbook is stale when it was not exercised for longer"
    yield (
        f"  templates: {quoted_yaml(seen.templates)}"
        if seen.templates
        else "  #templates: runbooks  # own ones, by name before ours"
    )


def _infra(seen: Seen) -> Iterator[str]:
    yield "# The self-hosted fallback. llmops infra plan --model NAME tells what would fit and what it costs."
    yield "infra:"
    yield f"  region: {quoted_yaml(seen.region or 'us-east-1')}"
    yield "  #fallback:"
    yield "  #  name: fb"
    yield "  #  mode: warm  # cold, warm or hot"
    yield "  #  model: meta-llama/Llama-3.3-70B-Instruct"
    yield "  #  weights_revision: 6f6073b423013f6a7d4d9f39144961bfbfbc386b"
    yield "  #  image: vllm/vllm-openai:v0.11.0"
    yield "  #  instance_types: [g6e.12xlarge, p5.48xlarge]"
    yield "  #  ami_id: ami-0123456789abcdef0"
    yield "  #  availability_zones: [us-east-1a, us-east-1b]"
    yield "  #  certificate_arn: arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-0000-0000-000000000000"
