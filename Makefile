# Two targets matter: `make gate` runs the main job on the bundled reference server, `make test` runs the tests.
# Both set up all they need in .venv; a machine with Python 3.11+, git and make is enough.

SHELL := /bin/sh
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' && echo $$p && break; done)
BIN := .venv/bin
READY := .venv/.ready
# The real parts that the tests use; without them those tests are skipped.
TEST_PARTS := chromium nginx
REAL_PARTS := nginx chromium postgres redis

.DEFAULT_GOAL := help
.PHONY: help gate test test-real quick prove soak fuzz style types imports deps lock clean

help:  ## show the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

gate: $(READY)  ## check the bundled reference server, load it for 15 s, say where the report is
	@$(BIN)/pulsegate gate --reference --heartbeat 1 --output pulsegate-runs/gate

test: style types imports  ## everything fast: style, types, import rules, tests
	@$(BIN)/python tools/deps.py --optional $(TEST_PARTS)
	@failed=0; $(BIN)/pytest -n 2 --dist worksteal -m 'not alone' $(PYTEST_ARGS) || failed=1; \
	$(BIN)/pytest -m alone $(PYTEST_ARGS) || failed=1; exit $$failed

fuzz: $(READY)  ## ten thousand hostile inputs of every kind against the reference server
	@PULSEGATE_FUZZ=10000 $(BIN)/pytest tests/security $(PYTEST_ARGS)

soak: $(READY)  ## equal and worse builds compared, and reconnect storms with and without jitter, over and over
	@$(BIN)/python tools/soak_comparisons.py --equal 20 --slower 20 --leaking 5
	@$(BIN)/python tools/storm_pairs.py --pairs 10

prove: $(READY)  ## every planted fault against the whole contract; writes docs/proof.md
	@$(BIN)/pulsegate prove --healthy 10 --markdown docs/proof.md

test-real: $(READY)  ## servers and clients nobody here wrote; their packages are installed once
	@$(BIN)/python tools/deps.py --optional $(REAL_PARTS)
	@$(BIN)/pytest tests/real $(PYTEST_ARGS)

bench: $(READY)  ## what the load engine costs, beside other tools; BENCH_ARGS=--quick for a look
	@$(BIN)/python -m benchmarks --markdown docs/performance.md $(BENCH_ARGS)

quick: style types imports  ## under two minutes: all but the tests that start servers or load
	@$(BIN)/pytest -n 2 -m 'not server and not alone' $(PYTEST_ARGS)

style: $(READY)
	@$(BIN)/ruff check --quiet . && $(BIN)/ruff format --quiet --check .

types: $(READY)
	@$(BIN)/mypy --no-error-summary

imports: $(READY)
	@$(BIN)/lint-imports --no-logo >.venv/imports.log 2>&1 || { cat .venv/imports.log; exit 1; }

deps: $(READY)  ## install the real parts that tests use: nginx, Chromium, PostgreSQL, Redis (Debian packages; as root)
	@$(BIN)/python tools/deps.py $(REAL_PARTS)

lock:  ## renew requirements.lock (needs uv)
	@uv pip compile pyproject.toml --all-extras --group dev --generate-hashes --universal \
		--no-header --no-annotate --quiet -o requirements.lock

clean:  ## remove the environment, caches and runs
	@rm -rf .venv pulsegate-runs dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Pulsegate needs Python 3.11 or newer; install it, or name one: make PYTHON=/path/to/python3" >&2; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo \
		"$(PYTHON) has no venv module; install the package that brings it (python3-venv on Debian and Ubuntu)" >&2; exit 2; }
	@echo "setting up .venv (once)"
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
