#!/usr/bin/env bash
# Times rhumb beside a real Helm on the same charts, one run of each in turn.
#
#   HELM=/path/to/helm benches/run.sh [RUNS]
#
# Prints, per chart, the median wall milliseconds of both and their ratio. Single figures differ
# between machines; the ratios are what to quote.
set -euo pipefail
cd "$(dirname "$0")/.."
helm=${HELM:-helm}
runs=${1:-15}
command -v "$helm" >/dev/null || { echo "set HELM to a helm 4.3.1 binary" >&2; exit 2; }
cargo build --release --quiet
rhumb=$(cargo metadata --format-version 1 --no-deps |
  python3 -c 'import json,sys; print(json.load(sys.stdin)["target_directory"])')/release/rhumb
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 benches/charts.py "$work"
python3 benches/compare.py "$rhumb" "$helm" "$runs" "$work"/*/
