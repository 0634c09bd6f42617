# Everything a contributor runs. Needs make, git and Python 3.11 or newer with venv; the rest goes into .venv.
# Another interpreter: make PYTHON=/path/to/python3.12. More test processes: make test WORKERS=8.

.DEFAULT_GOAL := help
SHELL := /bin/bash

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WORKERS ?= 2
PYTEST_ARGS ?=

MODERN := -c 'import sys; sys.exit(sys.version_info < (3, 11))'
PYTHON ?= $(shell for name in python3.11 python3 python3.14 python3.13 python3.12; do \
	"$$name" $(MODERN) >/dev/null 2>&1 && { command -v "$$name"; break; }; done)

.PHONY: help setup demo test lint check-generated fmt bench docs lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## make .venv with the locked dependencies and the project itself

$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "make: Python 3.11 or newer is missing. Install python3.11, or name one: make PYTHON=/path/to/python3" >&2; exit 1; }
	@"$(PYTHON)" $(MODERN) || { echo "make: $(PYTHON) is older than Python 3.11, or does not run. Name another: make PYTHON=/path/to/python3" >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { echo "make: $(PYTHON) cannot make virtual environments. On Debian and Ubuntu install python3-venv (or python3.11-venv)." >&2; exit 1; }
	@command -v git >/dev/null || { echo "make: git is missing. Install git: revisions are read with it." >&2; exit 1; }
	@"$(BIN)/python" $(MODERN) 2>/dev/null || { rm -rf "$(VENV)"; "$(PYTHON)" -m venv "$(VENV)"; }
	@echo "installing the locked dependencies into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(STAMP) ## the main job: a day of tickets, run for real on this machine in under a minute
	$(BIN)/surety-runner demo

test: $(STAMP) ## all tests
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(PYTEST_ARGS)

lint: $(STAMP) check-generated ## style, types, import contracts, generated files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

check-generated: $(STAMP) ## fail if a generated file is out of date
	@if [ -e tests/generated.py ] || [ -d tests/generated ]; then $(BIN)/python -m tests.generated --check; fi

fmt: $(STAMP) ## format the code and apply the safe fixes
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(STAMP) ## print each figure, its reference in the same run, and the ratio
	$(BIN)/python -m tests.bench

docs: $(STAMP) ## write the generated files again
	$(BIN)/python -m tests.generated

lock: $(STAMP) ## resolve the dependencies again (add LOCK_ARGS=--upgrade for newer versions)
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --extra dev --no-header \
		$(LOCK_ARGS) --output-file requirements.lock pyproject.toml

clean: ## remove .venv, caches and build results
	rm -rf $(VENV) build dist htmlcov .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
