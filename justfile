# Recipes for working on rhumb; `just` lists them.

default:
    @just --list

# Format, lint and test, as CI does.
check:
    bash .ci/run

# Run the tests.
test:
    cargo test

# Record expected outputs from a real Helm 4.3.1 (HELM=/path/to/helm).
record:
    python3 tests/record_functions.py
    python3 tests/record_renders.py

# Compare speed with a real Helm 4.3.1 (HELM=/path/to/helm).
bench:
    bash benches/run.sh
