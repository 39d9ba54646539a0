# `make help` says what there is.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help run report reproduce gallery bench docs test faults lint audit format schema lock clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "nullfit needs Python 3.11 or newer; set PYTHON=")'
	$(PYTHON) -m venv $(VENV)
	# torch first: what depends on it then finds it and brings no other build along
	$(BIN)/python -m pip install --quiet --constraint constraints.txt torch
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $(READY)

run: $(READY) ## the randomization test on handwritten digits: ten runs and their report
	$(BIN)/python run.py experiment=digits
	$(BIN)/python run.py task=report study=digits

# The study of the run that finished last, unless told: make report STUDY=digits
STUDY ?= $(shell ls -t outputs/*/*/result.json 2>/dev/null | head -n 1 | cut -d / -f 2)
report: $(READY) ## a page, figures and tables of the last study, or of STUDY=…
	@test -n "$(STUDY)" || { echo "There is no study yet in outputs/: try make run" >&2; exit 2; }
	$(BIN)/python run.py task=report study=$(STUDY)

# Parts by name: make reproduce ONLY=table_3, or ONLY="table_1 table_4"; DATA is where the data lie.
DATA ?= data
reproduce: $(READY) ## every published number that this machine can measure, or ONLY=… a part
	$(BIN)/python -m reproduction --data $(DATA) --only $(ONLY)

gallery: $(READY) ## six studies with their report pages in docs/gallery/, or ONLY=… of them
	$(BIN)/python -m documentation.gallery --data $(DATA) --only $(ONLY)

bench: $(READY) ## how fast it is, side by side with what it is compared with (CPU, on 2 cores)
	$(BIN)/python benchmarks/bench.py

docs: $(READY) ## the documentation as a site, in site/index.html
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet --strict
	@echo "wrote site/index.html"

test: $(READY) ## all tests
	$(BIN)/python -m pytest --quiet --numprocesses auto

KILLS ?= 50
faults: $(READY) ## kill a sweep at 50 random moments (or KILLS=…) and compare every bit
	$(BIN)/python -m tests.reliability.faults $(KILLS)

lint: $(READY) ## style, types, the layers of the code, advisories
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(MAKE) --no-print-directory audit

ADVISORIES := $(BIN)/pip-audit --requirement constraints.txt --no-deps --disable-pip \
	--vulnerability-service osv --timeout 5 --progress-spinner off
audit: $(READY) ## known vulnerabilities of the pinned versions, where the advisories can be reached
	@if $(ADVISORIES) >$(VENV)/audit 2>&1; then \
		echo "No vulnerability is known of a version in constraints.txt."; \
	elif grep -q 'requests.exceptions' $(VENV)/audit; then \
		echo "Advisories were not looked at: api.osv.dev cannot be reached."; \
	else \
		cat $(VENV)/audit; exit 1; \
	fi

format: $(READY) ## put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

schema: $(READY) ## JSON schemas of the settings in conf/, by which editors complete experiments
	$(BIN)/python -m nullfit.config.json_schema >conf/schema.json
	$(BIN)/python -m nullfit.config.json_schema --local >conf/local.schema.json

# By uv, which reads what the index knows of all platforms and downloads no package.
lock: $(READY) ## requirements.lock: the versions of constraints.txt with the hashes of their files
	$(BIN)/uv pip compile pyproject.toml --quiet --extra dev --constraint constraints.txt \
		--universal --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url \
		--custom-compile-command "make lock" --output-file requirements.lock

clean: ## remove the environment and caches; outputs stay
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis
