# What a person does with this project. `make` alone lists it.

# A folder with one *.csv, *.xlsx or *.parquet for each member; the file's stem is the member's name.
PORTFOLIOS ?= member/sample
# Where the demo keeps its alliance, summary.json and answers/. Relative paths count from the folder make works in.
OUT ?= var/demo
# The day whose figures the portfolios hold.
AS_OF ?= 2026-10-31
# Any Python from 3.11 on, to make the environment with.
PYTHON ?= python3

# Recipes read these from the environment, between quotes: a path may hold spaces and quotes.
export PORTFOLIOS OUT AS_OF

PACKAGES := $(wildcard privacy alliance_hub api admin custodian member paper verifier bench demo wsgi.py)

.DEFAULT_GOAL := help
.PHONY: help install demo serve code test attacks lint bench clean services requirements

help: ## list what make can do
	@echo "Alliance Hub"
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'
	@echo
	@echo "  Settings: PORTFOLIOS=$$PORTFOLIOS OUT=$$OUT AS_OF=$$AS_OF"

install: .venv/.runtime ## put the pinned requirements and the commands into .venv
	@echo "Ready. Next: make demo"

demo: .venv/.runtime ## play a whole alliance with the portfolios in PORTFOLIOS; results in OUT
	@$(PYTHON) -m tests.services.install demo
	@.venv/bin/python -m demo --portfolios "$$PORTFOLIOS" --out "$$OUT" --as-of "$$AS_OF"

serve: .venv/.runtime ## serve the alliance that the demo left in OUT
	@.venv/bin/python -m demo serve --out "$$OUT"

code: .venv/.runtime ## print the codes with which the demo's officers log in at the console now
	@.venv/bin/python -m demo code --out "$$OUT"

test: .venv/.development services ## run all tests, with a real PostgreSQL, RabbitMQ and Chromium
	@.venv/bin/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

attacks: .venv/.development ## play each attack with its defence off and on
	@.venv/bin/python -m tests.attacks

lint: .venv/.development ## check style, types and which package imports which
	@.venv/bin/ruff check --quiet .
	@.venv/bin/ruff format --quiet --check . || { echo "Not formatted: run .venv/bin/ruff format"; exit 1; }
	@.venv/bin/mypy $(PACKAGES)
	@.venv/bin/lint-imports --no-logo

bench: .venv/.development ## measure against peers, as ratios in one run
	@.venv/bin/python -m bench

clean: ## remove the default demo's state and the tools' caches; .venv stays
	@rm -rf var/demo build htmlcov .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find . -path ./.venv -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

services: ## have what the tests use installed (Debian and root; else says what is skipped)
	@$(PYTHON) -m tests.services.install

requirements: .venv/.runtime ## pin the requirements anew, with hashes
	@for part in -build "" -dev; do \
		.venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
			--no-emit-index-url --custom-compile-command "make requirements" \
			"requirements$$part.in" --output-file "requirements$$part.txt" || exit 1; \
	done

# Two stamps, so that a newcomer's demo does not wait for linters, and nothing is installed twice.
# Compiled at once: the demo starts some fifty short commands, and uv leaves compiling to each of them.
# uv knows nothing of an index that only pip was told of: where uv fails, pip tries.
fetch = { .venv/bin/uv pip install --quiet --compile-bytecode --python .venv/bin/python --require-hashes --requirements $(1) \
	|| .venv/bin/pip install -qq --require-hashes --requirement $(1); }

.venv/.runtime: requirements.txt requirements-build.txt requirements.in setup.cfg pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer: make PYTHON=python3.12")'
	@echo "Installing the programs into .venv"
	@test -x .venv/bin/pip || $(PYTHON) -m venv .venv
	@.venv/bin/pip install -qq --require-hashes --requirement requirements-build.txt
	@$(call fetch,requirements.txt)
	@.venv/bin/pip install -qq --no-deps --no-index --no-build-isolation --editable .
	@.venv/bin/python -m compileall -q $(PACKAGES)
	@touch $@

.venv/.development: requirements-dev.txt .venv/.runtime
	@echo "Installing what tests, lint and bench need"
	@$(call fetch,requirements-dev.txt)
	@touch $@
