# The commands of the course. `make` alone lists them.
# No make on this machine? README.md gives the same few lines for Linux, macOS and Windows.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NOTEBOOK := notebooks/00_start_here.ipynb

# How nbval runs the notebooks. This is the one place: tests/test_nbval_gate.py reads the line.
NBVAL_FLAGS := --nbval-lax --nbval-current-env --nbval-cell-timeout=300

# A stamp is written only after everything before it worked, so nothing half-made counts as done.
READY := $(VENV)/.ready
COLAB := $(VENV)/wheels/.ready

.PHONY: help lab test lint outputs course reference results badges env clean
.DEFAULT_GOAL := help

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

lab: $(READY) ## open the course in JupyterLab
	$(BIN)/jupyter lab $(LAB_FLAGS) $(NOTEBOOK)

test: $(READY) $(COLAB) ## run the unit tests, then every notebook with nbval
	@status=0; \
	echo "Unit tests"; \
	$(BIN)/python -m pytest || status=1; \
	echo "Notebooks: each dot is a code cell, run on a fresh kernel"; \
	$(BIN)/python -m pytest $(NBVAL_FLAGS) --durations=8 --durations-min=1 notebooks || status=1; \
	exit $$status

lint: $(READY) ## check the style of code and notebooks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

outputs: $(READY) ## run notebooks and store their outputs (NAMES="03_vae 05_gan" for some)
	$(BIN)/python .ci/outputs.py $(NAMES)

course: $(READY) ## run every notebook and write it as a page into build/course
	$(BIN)/python .ci/course.py $(NAMES)

reference: $(READY) ## train the weights that come with the course (NAMES="vae-fashion" for some): hours
	$(BIN)/python -m course_lib reference $(NAMES)

results: $(READY) ## measure long experiments and store the numbers (NAMES="digits" for some)
	$(BIN)/python -m course_lib results $(NAMES)

badges: $(READY) ## stamp the repository's address everywhere: make badges REPO=owner/name
	$(BIN)/python .ci/badges.py "$(REPO)"

env: $(READY) $(COLAB) ## make the environment and nothing else

clean: ## remove built pages and caches; to start over, delete .venv as well
	rm -rf build .pytest_cache notebooks/.pytest_cache .ruff_cache

# One environment. Where no finished one stands, it is made from nothing (--clear).
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	echo "The course needs Python 3.11 or newer, and '$(PYTHON)' is not: install one and name it, as in: make lab PYTHON=python3.12"; \
	exit 1; }
	@echo "Making the environment in $(VENV): once, a few minutes, most of them for PyTorch"
	@rm -f $(READY)
	$(PYTHON) -m venv $(if $(wildcard $(READY)),,--clear) $(VENV)
	@$(BIN)/python -m pip install -e '.[lab,test]' -c constraints.txt || { \
	echo "The environment is not finished (see above; is the network up?). Run the same command again."; \
	exit 1; }
	@touch $(READY)

# A few old wheels, with which tests/test_colab.py plays Google Colab without the network.
$(COLAB): $(READY) tests/colab.txt
	@rm -rf $(VENV)/wheels
	@$(BIN)/python -m pip download -q --no-deps -d $(VENV)/wheels -r tests/colab.txt || { \
	echo "The wheels for tests/test_colab.py did not arrive (is the network up?). Run the same command again."; \
	exit 1; }
	@touch $(COLAB)
