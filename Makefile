# Needs python3 (3.11 or newer, with venv) and make. Everything else goes into .venv.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.PHONY: demo test test-all lint bench fuzz clean help

help:
	@echo "make demo      a week of mail, answered before your eyes (nothing leaves this machine)"
	@echo "make test      the fast tests (make test-all: the slow ones too)"
	@echo "make lint      ruff and the type checker"
	@echo "make bench     how fast it is, against what people use today (half an hour; needs Dovecot)"
	@echo "make fuzz      hostile mail and rule files, 10 minutes each (FUZZ_SECONDS=60 for less)"

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "vamaild needs Python 3.11 or newer; this is $$($(PYTHON) --version). Try: make PYTHON=python3.11 demo"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "Python's venv module is missing. This installs it:  sudo apt install python3-venv"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV) (once, about a minute) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[demo,dev]'
	@touch $@

demo: $(STAMP)
	@$(BIN)/vamaild demo

test: $(STAMP)
	@$(BIN)/python -m pytest -m "not slow" -n auto

test-all: $(STAMP)
	@$(BIN)/python -m pytest -n auto --dist loadgroup

lint: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

FUZZ_SECONDS ?= 600

fuzz: $(STAMP)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[fuzz]'
	@$(BIN)/python -m tests.fuzz.targets $(FUZZ_SECONDS)

bench: $(STAMP)
	@$(BIN)/python -m benchmarks targets

clean:
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
