#!/usr/bin/env python3
"""Records what Helm v4.3.1 prints for the charts below tests/cases/render.

  record_renders.py [HELM]      HELM: path of the binary, else $HELM, else `helm`

Each folder holds `chart/`, further files, and `cases.txt`: a line `NAME: ARGUMENTS` per case, run
in that folder as `helm template rel chart ARGUMENTS`. Written beside it: NAME.out (standard
output) and, when anything was said there, NAME.err (standard error).
"""
import os
import pathlib
import shlex
import subprocess
import sys

helm = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("HELM", "helm")
version = subprocess.run([helm, "version", "--short"], capture_output=True, text=True, check=True).stdout
if not version.startswith("v4.3.1"):
    sys.exit(f"{helm} is {version.strip()}, not v4.3.1")
for cases in sorted(pathlib.Path(__file__).parent.glob("cases/render/*/cases.txt")):
    for old in list(cases.parent.glob("*.out")) + list(cases.parent.glob("*.err")):
        old.unlink()
    for line in cases.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        name, _, arguments = line.partition(":")
        environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "TZ": "UTC"}
        run = subprocess.run([helm, "template", "rel", "chart", *shlex.split(arguments)],
                             cwd=cases.parent, env=environment, capture_output=True)
        (cases.parent / f"{name.strip()}.out").write_bytes(run.stdout)
        if run.stderr:
            (cases.parent / f"{name.strip()}.err").write_bytes(run.stderr)
        print(f"{cases.parent.name}/{name.strip()}: exit {run.returncode}, {len(run.stdout)} bytes")
