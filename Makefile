# Every target sets up what it needs, once. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help demo test test-long check bench docs simulations lock clean
BIN := .venv/bin
PARALLEL ?= 3
# Compiled modules are kept, whatever the shell says: hundreds of processes load them.
unexport PYTHONDONTWRITEBYTECODE

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

demo: ## Judge the example application: a small help centre, 92 cases
	@scripts/bootstrap.sh core
	@$(BIN)/regrade demo

check: ## Format, lint, types, import contracts, spelling, generated docs
	@scripts/bootstrap.sh dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell src docs benchmarks scripts examples README.md CONTRIBUTING.md CHANGELOG.md SECURITY.md
	$(BIN)/python scripts/generate_docs.py --check

test: check ## Everything that CI runs
	$(BIN)/coverage erase
	$(BIN)/python -m pytest -n $(PARALLEL) --cov --cov-report= --durations=8 tests -m "not long"
	$(BIN)/python scripts/coverage_floor.py

test-long: check ## Repetitions, simulations and other Python versions
	$(BIN)/python -m pytest -n $(PARALLEL) tests
	scripts/other_pythons.sh

bench: ## Measure speed, write benchmarks/RESULTS.md; PEERS_DIR adds other tools
	@scripts/bootstrap.sh dev
	$(BIN)/python -m benchmarks.run

docs: ## Write the generated pages of docs/
	@scripts/bootstrap.sh dev
	$(BIN)/python scripts/generate_docs.py

simulations: ## Simulate every interval and test, write docs/statistics.md and its plots (minutes)
	@VENV=.venv-plots scripts/bootstrap.sh plots
	.venv-plots/bin/python -m scripts.simulations

lock: ## Compile the requirements files
	@scripts/bootstrap.sh dev
	scripts/lock.sh

clean: ## Remove what was set up
	rm -rf .venv .venv-plots .uv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage*
