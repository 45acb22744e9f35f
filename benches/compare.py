"""Runs two binaries in turn on each chart and prints medians and ratios.

compare.py RHUMB HELM RUNS CHART...
"""
import os
import statistics
import subprocess
import sys
import time


def once(binary, chart):
    """Wall and CPU seconds of one run.

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


rhumb, helm, runs, charts = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4:]
helm = helm if "/" in helm else subprocess.check_output(["which", helm], text=True).strip()
print(f"{'chart':18} {'rhumb ms':>9} {'helm ms':>9} {'wall':>7} {'cpu':>7} {'memory':>7}")
for chart in charts:
    pairs = [(once(rhumb, chart), once(helm, chart)) for _ in range(runs + 1)][1:]
    ours, theirs = zip(*pairs)
    median = lambda rows, column: statistics.median(row[column] for row in rows)
    ratio = lambda column: f"1/{median(theirs, column) / max(median(ours, column), 1e-6):.1f}"
    same = subprocess.check_output([rhumb, "template", "bench", chart]) == subprocess.check_output([helm, "template", "bench", chart])
    print(f"{os.path.basename(chart.rstrip('/')):18} {median(ours, 0) * 1e3:9.2f} {median(theirs, 0) * 1e3:9.2f} "
          f"{ratio(0):>7} {ratio(1):>7} {ratio(2):>7} {'' if same else '  OUTPUT DIFFERS'}")
