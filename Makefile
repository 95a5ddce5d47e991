# Everything on a bare machine with make and Python 3.11 or newer:
#   make demo         what the tool answers, on the example log
#   make demo-chaos   drills on real gateways, started and broken on this machine
#   make demo-gameday  a game day on one of them, held blind
#   make test         all checks
# Another Python: make test PYTHON=python3.13

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOG := examples/litellm_spend_logs.jsonl.gz
VERSION := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>&1)
export LLMOPS_SYSTEMS ?= $(abspath $(VENV))/systems
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: demo demo-chaos demo-gameday test systems checks applied pins clean

demo: $(VENV)/runs-$(VERSION)
	$(BIN)/llmops bill $(LOG) --by model
	@echo
	$(BIN)/llmops tco $(LOG)

demo-chaos: $(VENV)/runs-$(VERSION)
	@$(BIN)/python examples/systems/install.py --skip-missing litellm portkey
	$(BIN)/python examples/demo_chaos.py

demo-gameday: $(VENV)/runs-$(VERSION)
	@$(BIN)/python examples/systems/install.py --skip-missing litellm
	$(BIN)/python examples/demo_gameday.py

test: $(VENV)/tests-$(VERSION)
	@$(MAKE) --no-print-directory --jobs --output-sync systems checks applied $(VENV)/checkov-$(VERSION)
	LLMOPS_CHECKOV=$(abspath $(VENV))/checkov/bin/checkov $(BIN)/pytest --ignore tests/infra/apply \
	  --numprocesses auto --dist loadgroup --reruns 2 --reruns-delay 1

systems:
	@$(BIN)/python examples/systems/install.py --skip-missing

checks:
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

# Mostly waits, for load balancers that are slow to stand: beside the set-up, and more at a time than there are cores.
applied:
	$(BIN)/pytest --numprocesses 5 tests/infra/apply

# Each stamp is one step of the set-up; it is renewed when what it was made from changes.
$(VENV)/python-$(VERSION):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "error: llmops needs Python 3.11 or newer, and $(PYTHON) is not"; \
	       echo "hint:  make $(MAKECMDGOALS) PYTHON=python3.13"; exit 2; }
	@$(PYTHON) -m venv --clear $(VENV) \
	  || { echo "hint:  on Debian and Ubuntu, install the package python$(VERSION)-venv"; exit 2; }
	@touch $@

$(VENV)/runs-$(VERSION): $(VENV)/python-$(VERSION) pyproject.toml constraints.txt
	@echo "Installing llmops into $(VENV)"
	@$(INSTALL) --upgrade pip setuptools
	@PYTHONWARNINGS=ignore $(INSTALL) --no-build-isolation --editable .
	@touch $@

$(VENV)/tests-$(VERSION): $(VENV)/runs-$(VERSION)
	@echo "Installing what the checks need into $(VENV)"
	@PYTHONWARNINGS=ignore $(INSTALL) --no-build-isolation --group dev --editable '.[all]'
	@touch $@

# Apart from the rest, for it pins an old boto3.
$(VENV)/checkov-$(VERSION): $(VENV)/python-$(VERSION)
	@$(PYTHON) -m venv --clear $(VENV)/checkov
	@$(VENV)/checkov/bin/python -m pip install --quiet --disable-pip-version-check checkov==3.3.30
	@touch $@

# The newest versions of everything, installed afresh, become the new constraints.
pins:
	rm -rf build/pins && $(PYTHON) -m venv build/pins
	build/pins/bin/python -m pip install --quiet --upgrade pip setuptools
	build/pins/bin/python -m pip install --quiet --no-build-isolation --group dev --editable '.[all]'
	{ head -n 1 constraints.txt && build/pins/bin/python -m pip freeze --all --exclude-editable; } > build/constraints.txt
	mv build/constraints.txt constraints.txt

clean:
	rm -rf $(VENV) build dist
