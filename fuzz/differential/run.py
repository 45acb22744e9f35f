#!/usr/bin/env python3
"""Differential fuzzing: generated charts through rhumb and Helm 4.3.1.

    HELM=/path/to/helm fuzz/differential/run.py --rhumb target/release/rhumb [--seed 1] [--count 1000]

Differences are minimised and printed, and kept in --out as JSON lines. Helm starts slowly, so
charts that rhumb renders are put below one umbrella chart, many at a time; only when the two
programs disagree about it are its charts looked at one by one.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import cases
import minimise


def batched(seeds, mine, reference, folder, size=25):
    """The seeds whose results have to be compared one by one, and how many were equal."""
    alone, together = [], []
    for seed in seeds:
        case = cases.generate(seed)
        simple = set(case) == {"template", "values", "helpers"}
        done = cases.result(mine, case, folder / "chart") if simple else None
        # Output with marks of its own would break the documents of its neighbours.
        if done and done[0] == 0 and not done[2] and b"\n---" not in done[1][4:]:
            together.append(seed)
        else:
            alone.append(seed)
    equal = 0
    for start in range(0, len(together), size):
        group = together[start:start + size]
        root = folder / "all"
        shutil.rmtree(root, ignore_errors=True)
        cases.write({}, root)
        for seed in group:
            name = f"c{seed}"
            chart = cases.CHART.replace("name: t", f"name: {name}")
            case = {**cases.generate(seed), "chart": chart}
            case.pop("helpers")
            cases.write(case, root / "charts" / name)
        cases.write({"helpers": cases.HELPERS}, root)
        wanted = cases.run(reference, root)
        if wanted and wanted[0] == 0 and wanted == cases.run(mine, root):
            equal += len(group)
        else:
            alone += group
    return alone, equal


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rhumb", required=True)
    parser.add_argument("--helm", default=os.environ.get("HELM", "helm"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--out", default="differences.jsonl")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    rhumb = str(Path(options.rhumb).resolve())
    seeds = range(options.seed, options.seed + options.count)
    blocks = [seeds[start:start + 100] for start in range(0, len(seeds), 100)]

    def work(block):
        with tempfile.TemporaryDirectory(prefix="rhumb-diff-") as folder:
            folder = Path(folder)
            alone, _ = batched(block, rhumb, options.helm, folder)
            found = []
            for seed in alone:
                case = cases.generate(seed)
                if cases.difference(case, rhumb, options.helm, folder):
                    case, results = minimise.minimise(case, rhumb, options.helm, folder)
                    if results:
                        found.append((seed, case, results))
            return found

    total = 0
    with ThreadPoolExecutor(options.jobs) as pool, open(options.out, "a") as out:
        for at, found in enumerate(pool.map(work, blocks)):
            for seed, case, (wanted, got) in found:
                total += 1
                texts = [[part.decode("utf-8", "replace") if isinstance(part, bytes) else part for part in it or ["hang"]] for it in (wanted, got)]
                out.write(json.dumps({"seed": seed, "case": case, "helm": texts[0], "rhumb": texts[1]}, ensure_ascii=False) + "\n")
                out.flush()
            print(f"{(at + 1) * 100} cases, {total} differences", file=sys.stderr)
    sys.exit(1 if total else 0)


if __name__ == "__main__":
    main()
