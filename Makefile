# Everything runs in .venv, which the first target makes and which changes only when the two files below do.
PYTHON ?= python3

venv := .venv
bin := $(venv)/bin
ready := $(venv)/.ready
# Two threads that wait for each other stall on a busy machine; products of this size gain nothing from a second one.
export OMP_NUM_THREADS ?= 1
sources := $(wildcard tsgan evaluation pipelines tests benchmarks examples)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo example-digits example-music example-text example-video check lint test fuzz bench clean

help: ## print this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST)

demo: $(ready) ## train on bundled data, sample and judge
	$(bin)/tsgan demo

example-music: $(ready) ## learn reels of 1883, write new ones as MIDI: tsgan-music/ (6 minutes)
	$(bin)/python examples/music.py

example-digits: $(ready) ## draw digits row by row, each as asked for: tsgan-digits/
	$(bin)/python examples/digits.py

example-text: $(ready) ## learn a novel's letters, write lines like its own: tsgan-text/
	$(bin)/python examples/text.py

example-video: $(ready) ## film digits that move, digit and direction as asked for: tsgan-video/
	$(bin)/python examples/video.py

lint: $(ready) ## style and types
	$(bin)/ruff check $(sources)
	$(bin)/ruff format --check $(sources)
	$(bin)/mypy

check: lint ## the quick loop: style, types and the fast tests
	$(bin)/pytest -x -q -m "not slow and not benchmark"

test: $(ready) ## every test, with coverage
	$(bin)/pytest -m "not benchmark" --cov --cov-report=term

fuzz: $(ready) ## 20,000 new frames that nobody thought of (an hour)
	$(bin)/pytest -q -m slow tests/test_fuzz.py --hypothesis-profile=fuzz

bench: $(ready) ## measure quality and speed (minutes)
	$(bin)/python -m benchmarks.quality
	$(bin)/python -m benchmarks.speed

clean: ## remove the environment, caches and build output
	rm -rf $(venv) build dist htmlcov .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find $(sources) -name __pycache__ -type d -prune -exec rm -rf {} +

$(bin)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "tsgan needs Python 3.11 or newer as '$(PYTHON)'; name another with: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv $(venv) || { rm -rf $(venv); \
	  echo "'$(PYTHON) -m venv' failed; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }

$(ready): pyproject.toml constraints.txt | $(bin)/python
	@echo "Installing into $(venv); the first time takes some minutes."
	@$(bin)/python -m pip --version >/dev/null 2>&1 || $(bin)/python -m ensurepip
	@$(bin)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	@touch $@
