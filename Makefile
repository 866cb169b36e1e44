# Every target is a short name for lines that work without make too; the README shows them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
VENV := .venv/bin

.PHONY: help
help:  ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.venv/ready: pyproject.toml constraints.txt overrides.txt
	@echo "Installing into .venv ..."
	@test -x $(VENV)/python || python3 -m venv .venv
	@$(VENV)/pip install -q --disable-pip-version-check -c constraints.txt uv
	@UV_FIND_LINKS="$$PIP_FIND_LINKS" $(VENV)/uv pip install -q -p $(VENV)/python -c constraints.txt --overrides overrides.txt -e '.[dev,train,s3]'
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

.PHONY: lock
lock: .venv/ready  ## write the versions that are installed into constraints.txt
	@$(VENV)/uv pip freeze -p $(VENV)/python --exclude-editable | sed -E 's/\+cpu$$//' > constraints.txt

.PHONY: bench
bench: .venv/ready  ## time verdicts, compare transcription with its peers, write docs/benchmarks.md (half an hour)
	@$(VENV)/python -m models.intent.bench
	@$(VENV)/python -m models.whisper.bench
