"""Plays one experiment with Chaos Toolkit's own library, in a process of its own: `theirs.py FILE` prints the journal."""

import json
import logging
import sys
from pathlib import Path

from chaoslib.experiment import ensure_experiment_is_valid, run_experiment

logging.disable(logging.CRITICAL)
experiment = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
ensure_experiment_is_valid(experiment)
print(json.dumps(run_experiment(experiment, settings={}), default=str))
