# Everything goes into .venv beside this file; a fresh clone needs Python, make, a C++ compiler and git.
#   make run     set up, index the demo collection, open the app on it
#   make test    set up and run the tests
#   make check   ruff, mypy --strict, import-linter
#   make zoo     train the demo collection again (a quarter of an hour)
#   make bench   the benchmarks: they print ratios
#   make docs    write docs/commands.md and the README's examples again

PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin
DEMO    = $(VENV)/demo.catalog
PIP     = $(BIN)/python -m pip install --disable-pip-version-check --quiet --no-input

SOURCES = modelsearch.py core models tui tests docs

.PHONY: run setup test check zoo bench docs clean
.DELETE_ON_ERROR:

run: $(VENV)/.ready
	@$(BIN)/modelsearch index assets/zoo --catalog $(DEMO)
	@$(BIN)/modelsearch --catalog $(DEMO)

setup: $(VENV)/.ready

test: $(VENV)/.ready $(VENV)/.dev
	$(BIN)/python -m pytest $(ARGS)

check: $(VENV)/.dev
	$(BIN)/ruff check $(SOURCES) assets
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.ready $(VENV)/.dev
	@for program in tests/bench/[a-z]*.py; do echo "== $$program"; $(BIN)/python $$program || exit 1; done

zoo: $(VENV)/.ready
	@$(PIP) --editable '.[zoo]'
	$(BIN)/python -m assets.zoo.train_all

docs: $(VENV)/.installed
	$(BIN)/python docs/generate.py

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# A stamp says that its step is done for this pyproject.toml; what takes long is done once.

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(not (3, 11) <= v < (3, 14) and "ModelSearch needs Python 3.11 to 3.13, and $(PYTHON) is %d.%d; try: make PYTHON=python3.12" % v)'
	@echo "== making $(VENV)"
	@$(PYTHON) -m venv $(VENV) || { echo "this Python cannot make environments; on Debian: apt install python3-venv"; rm -rf $(VENV); exit 1; }

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml
	@echo "== installing what ModelSearch needs (some 200 MB, once)"
	@$(PIP) --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.installed
	@echo "== installing the tools of the tests, torch among them (once)"
	@$(BIN)/python -c 'import modelsearch; from models.setup import install_torch; install_torch(print)'
	@$(PIP) --editable '.[dev,export]'
	@touch $@

$(VENV)/.ready: $(VENV)/.installed
	@echo "== preparing the networks (minutes, once)"
	@$(BIN)/modelsearch setup
	@touch $@
