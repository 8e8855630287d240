# Everything runs in a virtual environment in .venv; a fresh machine needs only Python 3.11 or newer and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
EDLINT := $(BIN)/edlint

.PHONY: help demo test lint bench sarif fuzz clean

help:
	@echo "make demo    lint the key management enclave of fixtures/projects/kms"
	@echo "make test    format, lint and type checks, then all tests"
	@echo "make lint    format, lint and type checks alone"
	@echo "make bench   time and memory of reading and checking; PATHS=... for trees of your own"
	@echo "make sarif   SARIF of the fixtures against the schema and the SARIF multitool (needs npm)"
	@echo "make fuzz    broken and hostile inputs at random"
	@echo "make clean   remove what the other targets made"

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "edlint needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: $(VENV)/.installed
	$(EDLINT) check --fail-on never fixtures/projects/kms/kms.edl fixtures/projects/kms

test: lint
	$(BIN)/python -m pytest

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.installed-dev
	$(BIN)/python -m bench.cost $(PATHS)
	$(BIN)/python -m bench.steps $(PATHS)

sarif: $(VENV)/.installed-dev
	$(BIN)/python .ci/sarif.py $(EDLINT)

fuzz: $(VENV)/.installed-dev
	$(BIN)/python -m tests.fuzz

clean:
	rm -rf $(VENV) .cache build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
