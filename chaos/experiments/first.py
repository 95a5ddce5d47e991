"""A first experiment for a system that runs already: commented YAML, to be changed by hand."""

import json
import re

PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9._/-]*|https?://[A-Za-z0-9._/:-]*[A-Za-z0-9_/]")
WORDS = ("true", "false", "yes", "no", "on", "off", "null")  # which YAML takes for something else than text
FIRST_PORT = 9101
"""Of the first provider's proxy, where an experiment names none; the others follow."""

TEXT = """\
# A first experiment: does {base_url} answer when its preferred provider fails?
#
#   1. Point the system's providers at the proxies, which this run starts:
#        primary  http://127.0.0.1:{port}/v1
#        backup   http://127.0.0.1:{next_port}/v1
#      They stand before simulated providers here, which take any key and cost nothing; with
#      `upstream: https://api.openai.com/v1` in place of `simulate: openai` they stand before the real one.
#   2. llmops chaos run {name}.yaml
#
# `llmops chaos faults` lists what can be injected, docs/experiments.md explains every line.
schema_version: 1
name: {name} # equals the file's name
title: The backup answers when the primary is down
seed: 1

system:
  url: {base_url}
  # The key it wants, from the environment: it is redacted wherever something is written.
  # env_from: [GATEWAY_KEY]
  # headers: {{authorization: "Bearer {{env.GATEWAY_KEY}}"}}
  timers_s: {{timeout: 3}} # its own timeouts and cooldowns: every phase lasts at least three times the longest

providers: # the preferred one first
  primary: {{simulate: openai, models: [{model}], port: {port}}}
  backup: {{simulate: openai, models: [{model}], port: {next_port}}}

load: # an open loop: it does not wait for answers
  requests_per_second: 5
  dialect: openai_chat # or openai_responses, anthropic_messages, gemini
  model: {model} # as the system knows it
  stream: true
  deadline_s: 30 # past it, a request hangs

baseline: {{requests: 50}} # all must be well before anything is broken

phases:
  - name: primary-down
    requests: 50
    faults:
      - {{provider: primary, fault: unavailable}} # `llmops chaos describe unavailable`

recovery: {{requests: 50}}

expectations:
  - functional_success: {{at_least: 0.9}} # complete answers, from a model that may answer
  - laundered # nothing that is cut or empty is passed off as success
  - hang
  - alive_afterwards: {{at_least: 0.9}} # the system answers well again when the fault is over
  # - masked_model # the caller is told which model answered; the aliases of a backup are listed in `aliases`

# abort: # stops the run and ends the fault; what broke off is INVALID, not FAIL
#   - {{functional_success_below: 0.1, over_requests: 20}}
"""


def first_experiment(base_url: str, name: str, *, model: str = "gpt-4o", port: int = FIRST_PORT) -> str:
    """The text of the file `NAME.yaml`."""
    words = {"base_url": _scalar(base_url), "name": name, "model": _scalar(model)}
    return TEXT.format(**words, port=port, next_port=port + 1)


def _scalar(text: str) -> str:
    """As YAML has it: quoted where it holds more than letters, digits and what never means anything there."""
    return text if PLAIN.fullmatch(text) and text.lower() not in WORDS else json.dumps(text)
