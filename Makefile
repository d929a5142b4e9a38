# One command for each thing a person does here. `make` lists them.
# Needs make and Python 3.11 or newer; everything else goes into .venv, from requirements.lock.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/requirements.lock
UV := .tools/bin/uv
UV_VERSION := 0.13.9
AUDIT_VERSION := 2.10.1
DAGSTER_HOME ?= $(CURDIR)/.dagster

# dlt 1.31 runs on 3.11 to 3.14; the first of these that is one of them builds .venv
PYTHON ?= python3 python3.11 python3.12 python3.13 python3.14
SUITABLE := import sys, ensurepip, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 15))

# Modules are compiled when they are first imported, which takes a third of the time of compiling
# all of them at installation; with this variable set they would be compiled at every start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test lint bench lock clean notebooks venv licences audit dagster superset

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' Makefile

demo: venv ## load a made-up account from a simulator: no keys, no network
	@$(BIN)/python -m pipelines demo

test: venv ## run the tests
	@$(BIN)/python -m pytest -n auto --dist worksteal

lint: venv ## ruff, its formatter and mypy, changing nothing
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: venv ## measure requests, CPU and memory; prints a Markdown table
	@$(BIN)/python -m benchmarks

licences: venv ## the licence of each installed package, as a Markdown table
	@$(BIN)/python .ci/licences.py

audit: ## ask a public database of advisories about the locked packages; needs a network
	@python3 -m venv .tools
	@.tools/bin/python -m pip install --quiet --disable-pip-version-check pip-audit==$(AUDIT_VERSION)
	@.tools/bin/pip-audit --requirement requirements.lock --disable-pip --require-hashes --strict

notebooks: venv ## render the notebooks with their pictures
	@$(BIN)/python -m notebooks

dagster: venv ## Dagster with the configured accounts, at http://127.0.0.1:3000
	@.ci/environment dagster orchestration/dagster/packages.lock >/dev/null
	@mkdir -p $(DAGSTER_HOME)
	@[ -e $(DAGSTER_HOME)/dagster.yaml ] || cp orchestration/dagster/dagster.yaml $(DAGSTER_HOME)/
	@DAGSTER_HOME=$(DAGSTER_HOME) .tools/environments/dagster/bin/dagster dev

superset: venv ## Superset with the tiles of the demo's warehouse, at http://127.0.0.1:8088
	@[ -e sendcloud_demo.duckdb ] || $(BIN)/python -m pipelines demo
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info >= (3, 13))' || { \
	    echo 'Superset runs on Python 3.11 and 3.12: make install superset PYTHON=python3.11' >&2; exit 2; }
	@.ci/environment superset dashboards/superset/packages.lock >/dev/null
	@$(BIN)/python -m dashboards.superset --database duckdb:///$(CURDIR)/sendcloud_demo.duckdb
	@.tools/environments/superset/bin/python -m dashboards.superset.trial sendcloud_superset.zip

# The copy of the lock is written last, so .venv counts as ready only when it was finished, from
# exactly this lock, by an interpreter that still exists.
venv: ## build .venv from requirements.lock, unless it is there
	@cmp -s requirements.lock $(READY) && $(BIN)/python -c '' || $(MAKE) --no-print-directory install

.PHONY: install
install:
	@python=$$(for each in $(PYTHON); do \
	    $$each -c '$(SUITABLE)' 2>/dev/null && echo $$each && break; done); \
	if [ -z "$$python" ]; then \
	    echo 'No suitable Python found: this needs 3.11, 3.12, 3.13 or 3.14 with the venv module' >&2; \
	    echo '(on Debian and Ubuntu: apt install python3-venv). Looked for: $(PYTHON).' >&2; \
	    echo 'Name another one by: make PYTHON=/path/to/python3.11 ...' >&2; exit 2; fi; \
	echo "Setting up $(VENV) with $$($$python --version); this happens once and takes a minute or two."; \
	$$python -m venv --clear $(VENV)
# --no-deps: the lock is complete, and pip's hash mode refuses the extra in mashumaro[msgpack]
# although mashumaro is locked; `pip check` proves that nothing is missing.
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-input --no-compile \
	    --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip check
	@cp requirements.lock $(READY)

lock: $(UV) ## solve the dependencies of pyproject.toml again into requirements.lock
	@$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-emit-find-links --no-header --group dev \
	    --output-file requirements.lock pyproject.toml
	@for each in .ci/engines/*.in; do $(UV) pip compile --quiet --universal --python-version 3.11 \
	    --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
	    --overrides .ci/engines/default.txt --output-file $${each%.in}.lock $$each || exit 1; done
# what every .venv has is left out of a scheduler's lock, and is at its versions; so are two packages that
# make another program of sqlglot (see packages.in)
	@for each in orchestration/*/packages.in; do \
	    $(UV) pip compile --quiet --universal --python-version 3.11 \
	    --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
	    --constraint requirements.lock \
	    $$(sed -nE 's/^([a-z0-9._-]+)==[^;]*$$/--no-emit-package \1/p' requirements.lock) \
	    --no-emit-package sqlglotc --no-emit-package sqlglotrs \
	    --output-file $${each%.in}.lock $$each || exit 1; done
# Superset wants other versions than .venv has: its lock holds all that it needs
	@for each in dashboards/*/packages.in; do \
	    $(UV) pip compile --quiet --universal --python-version 3.11 \
	    --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
	    --output-file $${each%.in}.lock $$each || exit 1; done
	@! grep -nE '^--|://' requirements.lock .ci/engines/*.lock \
	    orchestration/*/packages.lock dashboards/*/packages.lock

$(UV):
	@python3 -m venv .tools
	@.tools/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

clean: ## remove what can be made again; warehouses and keys stay
	rm -rf $(VENV) .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
