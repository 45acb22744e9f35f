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
    python3 tests/record_create.py

# Keep what the shipped charts render to now; look at it with git diff.
snapshots:
    UPDATE=1 cargo test --test integration -- layers:: expand::

# Renew the tables of values in the READMEs of the shipped charts.
tables:
    for chart in charts/*; do cargo run -q -- docs $chart --write; done

# Compare speed with a real Helm 4.3.1 (HELM=/path/to/helm).
bench:
    bash benches/run.sh

# Check licences, advisories, duplicates and sources of all dependencies (cargo install --locked cargo-deny).
deny:
    cargo deny --locked check
