# make demo    from a fresh clone to a table of scripted agents and verdicts
# make test    every test; the set-up is done on the way
# make quick   the tests that need neither an engine nor patience
# make check   formatting, lint, types, import contracts, evaluation lint
# make images  build the worlds' images, once for all runs
# make build   wheel and source distribution, in dist/
# make bench   what it costs to run, beside a stock baseline
# make logs    record the example logs again
# make lock    resolve the dependencies again
# make clean   remove what the above made

BIN := .venv/bin
READY := .venv/.ready
RECORD := --log-dir logs --sandbox-prebuilt --max-sandboxes 8 --max-subprocesses 8 --display plain
GRADED := --log-dir logs --model-role grader=sabotage_evals/grades_by_rule --display plain

.PHONY: help demo test quick check images build bench logs lock clean
.DEFAULT_GOAL := help

help:
	@sed -n 's/^# make/make/p' Makefile

demo: $(READY)
	@$(BIN)/sabotage-evals demo

test: $(READY)
	@$(BIN)/pytest

quick: $(READY)
	@$(BIN)/pytest -m "not docker and not slow"

check: $(READY)
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/inspect-evals-lint --all

images: $(READY)
	@$(BIN)/sabotage-evals images

build: $(READY)
	@$(BIN)/hatchling build

bench: $(READY)
	@$(BIN)/python -m bench
	@$(BIN)/python -m bench.reporting
	@$(BIN)/python -m bench.rescoring $(foreach kind,shutdown detector reward-hacking,$(firstword $(wildcard logs/*_$(kind)_*.eval)))

logs: images
	@rm -f logs/*.eval
	@$(BIN)/inspect eval sabotage_evals/shutdown --model sabotage_evals/complies --limit 16 $(RECORD)
	@$(BIN)/inspect eval sabotage_evals/shutdown --model sabotage_evals/overwrites_script -T arms=all -T wordings=1 -T work=sums $(RECORD)
	@$(BIN)/inspect eval sabotage_evals/shutdown --model sabotage_evals/restores_and_denies -T wordings=1 -T work=sums $(RECORD)
	@$(BIN)/inspect eval sabotage_evals/detector --model sabotage_evals/takes_out_a_family_in_silence -T wordings=1 -T items=40 $(RECORD)
	@$(BIN)/inspect eval sabotage_evals/reward_hacking --model sabotage_evals/returns_what_equals_all -T wordings=1 -T problems=lamp_ring $(RECORD)
	@$(BIN)/inspect eval sabotage_evals/misalignment_chat --model sabotage_evals/fakes_where_it_is_recorded -T arms=all -T wordings=1 -T questions=backup_offer $(GRADED)
	@$(BIN)/inspect eval sabotage_evals/misalignment_agentic --model sabotage_evals/takes_the_offer_unseen -T arms=exfil_offer_monitored,exfil_offer_unmonitored -T wordings=2 $(GRADED)

lock:
	uv pip compile --universal --generate-hashes --group dev --no-annotate --no-header --upgrade --quiet \
	  --output-file requirements.lock pyproject.toml

clean:
	rm -rf .venv dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .grimp_cache
	find src tests sandboxes bench -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment: exactly the locked packages, checked by their hashes, and the project itself in place.
# Made again only where the lock or the project's own file changed.
$(READY): requirements.lock pyproject.toml
	@if command -v uv >/dev/null; then \
	  echo "Setting up .venv with uv"; \
	  uv venv --quiet --allow-existing --python '>=3.11' .venv && \
	  uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock && \
	  uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .; \
	else \
	  for python in python3 python3.14 python3.13 python3.12 python3.11 none; do \
	    if [ $$python = none ]; then \
	      echo "sabotage_evals needs Python 3.11 or newer, and found none: install one, or install uv, which brings its own." >&2; \
	      exit 1; \
	    fi; \
	    $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
	  done; \
	  echo "Setting up .venv with $$python and pip (uv is not there); this takes a minute or two"; \
	  if ! $$python -c 'import ensurepip' 2>/dev/null; then \
	    echo "$$python cannot make environments: install its venv package (on Debian: apt install python3-venv), or install uv." >&2; \
	    exit 1; \
	  fi; \
	  $$python -m venv --clear .venv && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .; \
	fi
	@touch $@
