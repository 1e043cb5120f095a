# Every word sets up what it needs into .venv/ and .cache/ of this checkout, once.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

UV_VERSION := 0.13.8
LIVEKIT_VERSION := v1.13.5

# The recogniser's wheels decide which Pythons will do: there is none for 3.12.
PYTHON ?= $(shell for p in python3 python3.13 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 13)))' 2>/dev/null \
	&& echo $$p && break; done)

UV := .cache/uv/bin/uv
BIN := .venv/bin
ARGS ?=

# The demo speaks and recognises in real time, which takes both cores: nothing runs beside it.
ALONE := tests/acceptance/test_demo.py

# Whole files of tests, two at a time: a file's tests share a server and a worker. In the order of
# their names, so that the acceptance tests, which take longest, begin first and unit tests fill up.
BESIDE := -n 2 --dist loadfile --no-loadscope-reorder

# Container images set this for their own layers; here each process would compile all it imports.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help setup server client browser demo panel test check unit format bench evals start playbook clean

help: ## List these words
	@echo "make <word>   (ARGS='…' is handed on)"
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: setup taught server ## Coach a recorded sales call from end to end; no key, no account
	@$(BIN)/coach demo $(ARGS)

panel: setup taught server client ## Serve a small meeting page with the rep's panel beside it; no key
	@$(BIN)/coach panel $(ARGS)

test: setup taught server client browser ## Run every test, against real servers and a real browser on loopback
	@cd rep_client && npm run --silent types && npm run --silent test && npm run --silent size
	@$(BIN)/pytest $(ALONE) $(ARGS) || test $$? = 5
	@$(BIN)/pytest tests --ignore=tests/bench --ignore=$(ALONE) $(BESIDE) $(ARGS)

check: setup taught format-check ## Format, lint, types, layers, unit tests: what to run before a commit
	@$(BIN)/ruff check --quiet . && $(BIN)/mypy && $(BIN)/lint-imports --no-logo && $(BIN)/pytest -q -n 2 tests/unit

.PHONY: format-check
format-check: setup
	@$(BIN)/ruff format --quiet --check . || { echo "run: make format"; exit 1; }

unit: setup taught ## Run the unit tests alone
	@$(BIN)/pytest -q tests/unit $(ARGS)

format: setup ## Format the code and sort its imports
	@$(BIN)/ruff check --quiet --fix-only . && $(BIN)/ruff format .

bench: setup taught server client browser ## Print the figures: speed, memory, cost of a call
	@$(BIN)/python tests/bench/run.py $(ARGS)

evals: setup taught ## Measure what the moments hear, on sentences their author has not seen
	@$(BIN)/python tests/evals/run.py $(ARGS)

start: setup taught ## Run the worker, as operations do
	@cd agent && ../$(BIN)/python agent.py start $(ARGS)

playbook: setup taught ## Check the playbook and run its examples
	@$(BIN)/coach playbook check $(ARGS)

clean: ## Remove what the other words have built
	rm -rf rep_client/node_modules rep_client/dist .venv .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis

setup: .venv/.installed

.venv/.installed: tests/requirements.lock pyproject.toml | $(UV)
	@echo "setting up .venv (once, and after the lock changed) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(UV) pip sync --quiet --python $(BIN)/python --require-hashes --compile-bytecode tests/requirements.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

$(UV):
	@test -n "$(PYTHON)" || { echo "Python 3.11 or 3.13 is needed: install one, or name it: make PYTHON=/path/to/python3.11"; exit 1; }
	@mkdir -p .cache && $(PYTHON) -m venv .cache/uv && .cache/uv/bin/pip install --quiet uv==$(UV_VERSION)

# What the playbook's sentences teach is learned once, and kept among the user's caches.
.PHONY: taught
taught: .cache/.taught

.cache/.taught: .venv/.installed $(shell find playbook/moments agent/coach/adapters/matching agent/coach/domain/words.py -name '*.py' -o -name '*.txt' -o -name '*.yaml')
	@$(BIN)/python -m coach.engines playbook
	@touch $@

# The rep's panel and the page that embeds it.
client: rep_client/dist/.built

CLIENT_SOURCES = $(shell find rep_client/src rep_client/host rep_client/build -type f)

rep_client/dist/.built: rep_client/node_modules/.installed $(CLIENT_SOURCES)
	@echo "building the panel …"
	@cd rep_client && npm run --silent build
	@touch $@

rep_client/node_modules/.installed: rep_client/package-lock.json rep_client/package.json
	@command -v npm >/dev/null || { echo "Node 20 with npm is needed for the panel: install it"; exit 1; }
	@echo "installing the panel's packages (once, and after the lock changed) …"
	@cd rep_client && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

browser: setup
	@$(BIN)/python tests/browser/find_browser.py

server: .cache/livekit-server

# A livekit-server on PATH will do; else it is built here from its public source.
# (macOS' make 3.81 knows no .SHELLFLAGS, hence `set` in the recipe.)
.cache/livekit-server:
	@set -e -o pipefail; mkdir -p .cache; \
	if command -v livekit-server >/dev/null; then ln -sf "$$(command -v livekit-server)" $@; exit 0; fi; \
	command -v go >/dev/null || { echo "a LiveKit server is needed: install Go 1.26 to build one, or put livekit-server on PATH"; exit 1; }; \
	echo "building the LiveKit server $(LIVEKIT_VERSION) (once; some three minutes on two cores) …"; \
	GOBIN=$(CURDIR)/.cache/build go install -v github.com/livekit/livekit-server/cmd/server@$(LIVEKIT_VERSION) 2>&1 | \
		tee .cache/livekit-server.log | awk '{ n++ } n % 25 == 0 { printf "  %d packages …\n", n; fflush() }' || \
		{ tail -5 .cache/livekit-server.log; exit 1; }; \
	mv .cache/build/server $@ && rmdir .cache/build

lock: | $(UV) ## Compile the locks anew after a change of dependencies
	@$(UV) pip compile pyproject.toml --universal --generate-hashes --no-header --quiet -o agent/requirements.lock
	@$(UV) pip compile pyproject.toml --group dev --universal --generate-hashes --no-header --quiet -o tests/requirements.lock
.PHONY: lock
