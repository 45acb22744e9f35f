#!/usr/bin/env bash
# Times rhumb beside a real Helm on the same charts, one run of each in turn, and beside the floor:
# a program that only reads the chart's files and writes as many bytes.
#
#   HELM=/path/to/helm benches/run.sh [RUNS [CHART…]]
#
# Without charts: those of benches/charts.py, the scaffold of `helm create`, and the shipped ones,
# which Helm cannot render. Prints, per chart, median milliseconds of wall time and CPU time, and the
# ratios to Helm's. Single figures differ between machines; the ratios are what to quote.
set -euo pipefail
helm=$(command -v "${HELM:-helm}") || { echo "set HELM to a helm 4.3.1 binary" >&2; exit 2; }
runs=${1:-15}
shift || true
charts=()
for chart; do charts+=("$(realpath "$chart")"); done
cd "$(dirname "$0")/.."
cargo build --release --quiet
rhumb=$(cargo metadata --format-version 1 --no-deps |
  python3 -c 'import json,sys; print(json.load(sys.stdin)["target_directory"])')/release/rhumb
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rustc --edition 2024 -O -o "$work/floor" benches/floor.rs
if [ ${#charts[@]} = 0 ]; then
  mkdir "$work/charts"
  python3 benches/charts.py "$work/charts"
  "$helm" create "$work/charts/scaffold" >/dev/null
  charts=("$work"/charts/*/ charts/*/)
fi
python3 benches/compare.py "$rhumb" "$helm" "$work/floor" "$runs" "${charts[@]}"
