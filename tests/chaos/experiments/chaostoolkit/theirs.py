"""Plays one experiment with Chaos Toolkit's own library: `theirs.py FILE` prints the journal."""

import importlib
import json
import logging
import sys
from pathlib import Path

library = importlib.import_module("chaoslib.experiment")  # without types, and not everywhere installed
logging.disable(logging.CRITICAL)
experiment = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
library.ensure_experiment_is_valid(experiment)
sys.stdout.write(json.dumps(library.run_experiment(experiment, settings={}), default=str))
