SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
UNITS := tests/unit
UNITS_API := $(UNITS)/api
UNITS_CORE := $(addprefix $(UNITS)/,schemas profiles catalog scorers)
PACKAGES := careerstream schemas profiles catalog scorers streams api learning web deploy

help: ## List the recipes
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

run: $(VENV)/.runtime ## Start everything on this machine, with a demo careers site
	$(BIN)/careerstream up $(ARGS)

setup: $(VENV)/.dev ## Make .venv with what development and tests need

check: $(VENV)/.dev ## Format, lint, types, imports, and the unit tests, beside each other
	@$(MAKE) --jobs=4 --output-sync=target check-code check-api check-core check-rest

check-code: $(VENV)/.dev
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

# The unit tests in thirds, about as long as each other: half of their time is waiting.
check-api: $(VENV)/.dev
	$(BIN)/pytest --quiet -o cache_dir=.pytest_cache/api $(UNITS_API)

check-core: $(VENV)/.dev
	$(BIN)/pytest --quiet -o cache_dir=.pytest_cache/core $(UNITS_CORE)

check-rest: $(VENV)/.dev
	$(BIN)/pytest --quiet -o cache_dir=.pytest_cache/rest $(UNITS) $(patsubst %,--ignore=%,$(UNITS_API) $(UNITS_CORE))

test: $(VENV)/.dev ## All checks and all tests, with a real Kafka, a real Redis and a browser
	tests/servers/install
	$(MAKE) check
	$(MAKE) audit
	$(BIN)/pytest --quiet tests --ignore=$(UNITS)

.PHONY: audit
audit: $(VENV)/.dev ## Look for insecure code, and list what the product is made of in build/sbom.json
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml $(PACKAGES)
	@mkdir -p build
# A list of pins says what there is, not what needs what: a warning that would come each time.
	$(BIN)/python -W "ignore:The Component this BOM" -m cyclonedx_py requirements requirements/runtime.txt --pyproject pyproject.toml --output-reproducible -o build/sbom.json

faults: $(VENV)/.dev ## Kill, pause, starve and restart servers and workers at length, with SEEDS=5 histories each
	tests/servers/install
	FAULT_SEEDS=$(or $(SEEDS),5) FAULT_LONG=1 FAULT_REPORT=benchmarks/FAULTS.md $(BIN)/pytest --quiet tests/faults
	MUST_HAVE_CASES=100000 $(BIN)/pytest --quiet --timeout 7200 tests/properties/test_must_have_laws.py

fuzz: $(VENV)/.dev ## Send a thousand cases for every route and every kind of caller (an hour)
	FUZZ_CASES=$(or $(CASES),1000) $(BIN)/pytest --quiet --timeout 7200 tests/fuzz

soak: $(VENV)/.dev ## Run everything at half of its capacity, for an hour or MINUTES, and look at what grows
	tests/servers/install
	$(BIN)/python -m benchmarks.soak --minutes $(or $(MINUTES),60)

bench: $(VENV)/.dev ## Measure freshness, throughput and latency on real servers
	tests/servers/install
	$(BIN)/python -m benchmarks $(ARGS)

quality: $(VENV)/.dev ## Measure extraction, normalisation and ranking on labelled data (DATA=folder)
	$(BIN)/python -m benchmarks.quality --data "$(DATA)"

simulate: $(VENV)/.dev ## Let the engine learn on a simulated careers site, ten seeds (an hour or two; ARGS=--real: with servers)
	tests/servers/install
	$(BIN)/python -m benchmarks.simulation $(ARGS)

format: $(VENV)/.dev ## Format the code, and mend what the linter can
	$(BIN)/ruff check --quiet --fix .
	$(BIN)/ruff format --quiet .

pin: ## Pin newer versions of what pyproject.toml asks for (needs uv)
	requirements/compile --upgrade

reference: $(VENV)/.dev ## Write the reference pages that are made from the code
	$(BIN)/python -m careerstream.reference

clean: ## Remove .venv and what tools left behind
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

.PHONY: help run setup check check-code check-api check-core check-rest test faults fuzz soak bench quality simulate format pin reference clean

# A stamp is newer than what it was made from; `pip install` runs again only when that changed.
$(VENV)/.runtime: requirements/runtime.txt requirements/build.txt pyproject.toml | $(VENV)/.made
	@echo "installing packages: the first time that takes a minute or two"
	$(PIP) install --quiet --require-hashes -r requirements/runtime.txt -r requirements/build.txt
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt pyproject.toml | $(VENV)/.made
	$(PIP) install --quiet --require-hashes -r requirements/dev.txt
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.runtime

$(VENV)/.made:
	@for python in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
	    if "$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; then \
	        echo "making $(VENV) with $$("$$python" --version)"; \
	        "$$python" -m venv $(VENV) && touch $@ && exit 0; \
	        echo "$$python has no working venv module: on Debian, install python3-venv." >&2; exit 1; \
	    fi; \
	done; \
	echo "No Python from 3.11 to 3.13 here: install one, or name it by 'make PYTHON=/path/to/python'." >&2; exit 1
