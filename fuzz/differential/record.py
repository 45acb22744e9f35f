#!/usr/bin/env python3
"""Keeps generated cases with Helm's results as tests: tests/cases/recorded/generated.jsonl.

    HELM=/path/to/helm fuzz/differential/record.py [--seed 1] [--count 1000]

Kept are small cases on which Helm agrees with itself, a third of them errors at most.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import cases

TARGET = Path(__file__).parents[2] / "tests" / "cases" / "recorded" / "generated.jsonl"
LARGEST = 1600


def recorded(seed, helm):
    """The case of a number with Helm's result; none if it is no good test."""
    case = cases.generate(seed)
    if len(json.dumps(case, ensure_ascii=False)) > LARGEST:
        return None
    with tempfile.TemporaryDirectory(prefix="rhumb-record-") as folder:
        folder = Path(folder) / "chart"
        first = cases.result(helm, case, folder)
        if not cases.is_fair(case, first) or cases.run(helm, folder, case.get("args", ())) != first:
            return None
    try:
        stdout, stderr = first[1].decode(), first[2].decode()
    except UnicodeDecodeError:
        return None
    # Go's maps decide the order of these, so that one look is not enough.
    if stderr.count("- at '") > 1 or stderr.count("level=") > 1:
        return None
    # The clock's time is another in the test.
    if str(time.gmtime().tm_year) in stdout + stderr:
        return None
    case = {"id": f"generated-{seed}", **case, "exit": first[0], "stdout": stdout, "stderr": stderr}
    line = json.dumps({key: value for key, value in case.items() if value != ""}, ensure_ascii=False)
    # JSON has no lone surrogates, and a test no machine's paths.
    if len(line) > LARGEST or "rhumb-record-" in line or any("\ud800" <= c <= "\udfff" for c in line):
        return None
    return first[0], line


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--helm", default=os.environ.get("HELM", "helm"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=1000)
    options = parser.parse_args()
    lines, errors = [], 0
    with ThreadPoolExecutor(4) as pool:
        for start in range(options.seed, options.seed + options.count * 20, 50):
            for found in pool.map(lambda seed: recorded(seed, options.helm), range(start, start + 50)):
                if found is None or (found[0] and errors >= options.count // 3):
                    continue
                errors += found[0] != 0
                lines.append(found[1] + "\n")
            # Whole after each round, so that it may be stopped.
            TARGET.write_text("".join(lines[: options.count]))
            if len(lines) >= options.count:
                break
    print(f"{len(lines[: options.count])} cases, {errors} of them errors")


if __name__ == "__main__":
    main()
