"""Runs rhumb, Helm and the floor in turn on each chart and prints medians and ratios.

compare.py RHUMB HELM FLOOR RUNS CHART...
"""
import os
import statistics
import subprocess
import sys
import time


def once(binary, chart):
    """Wall seconds, CPU seconds and peak kilobytes of one run.

    Spawned, not forked: a copy of this interpreter would cost as much as a short render.
    """
    to_null = (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)
    start = time.monotonic()
    command = [binary, "template", "bench", chart]
    pid = os.posix_spawn(binary, command, os.environ, file_actions=[to_null])
    _, status, usage = os.wait4(pid, 0)
    wall = time.monotonic() - start
    if status:
        sys.exit(f"{binary} failed on {chart}")
    return wall, usage.ru_utime + usage.ru_stime, peak(binary, chart)


def peak(binary, chart):
    """Peak kilobytes of one run; not less than those of this interpreter's copy, about 10 MB."""
    pid = os.fork()
    if pid == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.execv(binary, [binary, "template", "bench", chart])
    return os.wait4(pid, 0)[2].ru_maxrss


def rendered(binary, chart):
    """What a run prints; none when it fails."""
    run = subprocess.run([binary, "template", "bench", chart], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return None if run.returncode else run.stdout


rhumb, helm, floor, runs, charts = *sys.argv[1:4], int(sys.argv[4]), sys.argv[5:]
print(f"{'chart':22} {'wall ms':>8} {'cpu ms':>8} {'floor':>8} {'helm':>8} {'wall':>7} {'cpu':>7} {'memory':>7}")
for chart in charts:
    name = os.path.basename(chart.rstrip("/"))
    text, wanted = rendered(rhumb, chart), rendered(helm, chart)
    if text is None:
        print(f"{name:22} does not render")
        continue
    os.environ["FLOOR_BYTES"] = str(len(text))
    # Native charts are not for Helm.
    binaries = (rhumb, floor) if wanted is None else (rhumb, floor, helm)
    rounds = [[once(binary, chart) for binary in binaries] for _ in range(runs + 1)][1:]
    ours, least, *theirs = (
        [statistics.median(row[column] for row in rows) for column in range(3)] for rows in zip(*rounds)
    )
    line = f"{name:22} {ours[0] * 1e3:8.2f} {ours[1] * 1e3:8.2f} {least[0] * 1e3:8.2f}"
    for their in theirs:
        ratios = [f"1/{their / max(our, 1e-6):.1f}" for our, their in zip(ours, their)]
        line += f" {their[0] * 1e3:8.2f} {ratios[0]:>7} {ratios[1]:>7} {ratios[2]:>7}"
    if wanted not in (None, text):
        line += "  OUTPUT DIFFERS"
    print(line, flush=True)
