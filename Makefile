# `make` lists what there is. Each target sets up what it needs; a second run does not do it again.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.NOTPARALLEL:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory

VENV ?= .venv
PYTEST_ARGS ?=
AGE_VERSION ?= v1.3.2
SOPS_VERSION ?= v3.13.2

BIN := $(VENV)/bin
PEERS := $(CURDIR)/.peers/bin
PYTEST = $(BIN)/python -m pytest -q -n auto

# Run a command; show what it said only if it fails.
quietly = out=$$($(1) 2>&1) || { printf '%s\n' "$$out" >&2; exit 1; }

.PHONY: help
help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 12

.PHONY: demo
demo: $(VENV)/.ready-test ## a tour in a throwaway repository: members, small diffs, CI, a removal
	@PATH="$(abspath $(BIN)):$$PATH" examples/demo.sh

.PHONY: test
test: $(VENV)/.ready-test ## all tests but those that need the real age and sops
	@$(PYTEST) -m 'not peer' $(PYTEST_ARGS)

.PHONY: lint
lint: $(VENV)/.ready-check ## ruff, mypy --strict, layers
	@$(BIN)/ruff check src tests
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

.PHONY: check
check: lint ## what to run before a commit: lint and the unit tests
	@$(PYTEST) -m 'not peer' tests/unit $(PYTEST_ARGS)

.PHONY: interop
interop: $(VENV)/.ready-test peers ## the tests against the real age and sops
	@PATH="$(PEERS):$$PATH" $(PYTEST) -m peer $(PYTEST_ARGS)

.PHONY: peers
peers: $(PEERS)/age-$(AGE_VERSION) $(PEERS)/sops-$(SOPS_VERSION) ## build age and sops into .peers/bin (needs Go)
	@:

.PHONY: clean
clean: ## remove what `make` has made
	@rm -rf $(VENV) .peers .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

# The stamps name the version, so that a new one is built and an old one is not built again.
$(PEERS)/age-%:
	@echo "building age $*" >&2
	@$(call quietly,GOBIN=$(PEERS) go install filippo.io/age/cmd/...@$*)
	@touch $@

$(PEERS)/sops-%:
	@echo "building sops $*" >&2
	@$(call quietly,GOBIN=$(PEERS) go install github.com/getsops/sops/v3/cmd/sops@$*)
	@touch $@

# The version is read from a file, and the package is linked, not copied: only these two count.
# `import venv, ensurepip` fails where Debian's python3-venv is missing.
$(VENV)/.ready-%: pyproject.toml src/sealring/_version.py
	@found=; \
	for python in $${PYTHON:-} python3.13 python3.12 python3.11 python3; do \
	    if "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	        found=$$python; break; \
	    fi; \
	done; \
	[[ -n $$found ]] || { echo "make: no Python 3.11 or newer with venv and pip; set PYTHON, or install python3-venv" >&2; exit 1; }; \
	[[ -x $(BIN)/python ]] || { echo "making $(VENV) with $$found" >&2; $(call quietly,"$$found" -m venv $(VENV)); }; \
	$(call quietly,$(BIN)/python -m pip install -q --disable-pip-version-check -e '.[$(EXTRAS)]'); \
	touch $@
$(VENV)/.ready-test: EXTRAS = test
$(VENV)/.ready-check: EXTRAS = test,check
