# Every target is a short name for lines that work without make too; the README shows them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
VENV := .venv/bin
COMPILE := -q pyproject.toml --generate-hashes --no-header --no-annotate

.PHONY: help
help:  ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.venv/ready: pyproject.toml requirements.lock torch-cpu.lock install.sh
	@echo "Installing into .venv ..."
	@bash install.sh
	@touch $@

.PHONY: install
install: .venv/ready  ## make .venv and install the project into it

.PHONY: demo
demo: .venv/ready  ## run one night over the fixture recordings and print its table
	@$(VENV)/call-insights demo

.PHONY: review
review: .venv/ready  ## serve the review app over the demo's record on 127.0.0.1:8765
	@test -f var/call-insights.sqlite || $(VENV)/call-insights demo
	@$(VENV)/call-insights review --demo

.PHONY: test
test: .venv/ready  ## run the test suite
	@$(VENV)/ruff check . && $(VENV)/ruff format --check -q . && $(VENV)/mypy
	@$(VENV)/python -m pytest -m "not slow" --cov=insights/domain --cov-fail-under=100

.PHONY: test-all
test-all: .venv/ready  ## run the test suite with the slow tests
	@$(VENV)/python -m pytest

.PHONY: serve
serve: .venv/ready  ## serve the scheduled flows (nightly, retrain) with Prefect
	@$(VENV)/python -m flows.deployments

.PHONY: deploy
deploy: .venv/ready  ## hand the schedules to a work pool (POOL=name HELPERS=0) of the Prefect server at PREFECT_API_URL
	@test -n "$(POOL)" || { echo "Name the pool: make deploy POOL=calls HELPERS=2" >&2; exit 2; }
	@$(VENV)/python -m flows.deployments --pool "$(POOL)" --helpers $(or $(HELPERS),0)

.PHONY: lock
lock:  ## write versions and hashes of all that pyproject.toml needs into requirements.lock, and the licence list
	@test -x $(VENV)/uv || $(MAKE) install
	@$(VENV)/uv pip compile $(COMPILE) --all-extras --universal --python-version 3.11 -o requirements.lock >/dev/null
	@compgen -G "$$PIP_FIND_LINKS/torch-*+cpu-*.whl" >/dev/null || exit 0; UV_FIND_LINKS="$$PIP_FIND_LINKS" \
	  $(VENV)/uv pip compile $(COMPILE) -c requirements.lock | sed -n '/^torch==.*+cpu/,/[^\\]$$/p' > torch-cpu.lock
	@bash install.sh
	@touch .venv/ready
	@$(VENV)/python tests/licences.py

.PHONY: bench
bench: .venv/ready  ## time verdicts, compare transcription with its peers, write docs/benchmarks.md (half an hour)
	@$(VENV)/python -m models.intent.bench
	@$(VENV)/python -m models.whisper.bench
