# Two commands on a fresh machine with Python 3.11 or later and make:
#   make maps   set up, and make the demo's maps and tables in maps/
#   make test   set up, and run every check and test
# And before a release:
#   make package   build, install as users do, and run
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := data/boundaries/areas.geojson

.PHONY: setup maps test docs check-style bench package schemas demo clean

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[dev,dask]"
	touch $@

$(VENV)/.installed-docs: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[docs]"
	touch $@

$(VENV)/.installed-bench: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[bench]"
	touch $@

# Everything that the checks, the tests and the site need, in one go: CI begins with it.
setup: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[dev,dask,docs]"
	touch $(VENV)/.installed
	touch $(VENV)/.installed-dev $(VENV)/.installed-docs

maps: $(VENV)/.installed
	$(BIN)/geo-bosoc run --project bosoc.toml

check-style: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: check-style
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

# The documentation, to site/: open site/index.html. A warning is an error; no page may fetch anything from a host.
docs: $(VENV)/.installed-docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet

# Time this package beside its peers, and its own growth: minutes, and 1 GB of disk. Nothing else should run meanwhile.
bench: $(VENV)/.installed-bench
	@for script in $(sort $(wildcard benchmarks/bench_*.py)); do \
	  echo; echo "== $$script"; $(BIN)/python $$script || exit 1; \
	done

# Build wheel and sdist, install them in fresh environments (Python 3.11 and 3.13 as far as the machine has them, pandas
# 3 and 2) and run a new project with each: some minutes, and 1 GB of disk a Python while it runs.
# OPTIONS=--pair tries two surroundings, as CI does.
package:
	$(PYTHON) .ci/package.py $(OPTIONS)

# Write the JSON schemas for editors anew, after a key has changed; they are part of the package.
schemas: $(VENV)/.installed
	$(BIN)/python -m geo_bosoc.project.reference.schemas

# Write the demo's small, made-up input anew (seeded; the committed files are its output).
demo: $(VENV)/.installed
	$(BIN)/geo-bosoc demo .

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
	rm -rf maps-internal site
	find maps -mindepth 1 ! -name README.md -delete
