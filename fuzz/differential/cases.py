"""Cases: a chart, its flags, and what a program makes of it.

A case is what `tests/recorded.rs` reads: `template`, `helpers`, `values` and `chart` are texts of
the usual files, `files` holds further ones, `args` are flags.
"""

import random
import re
import resource
import shutil
import subprocess
from pathlib import Path

import charts
import programs
import templates
import values

CHART = 'apiVersion: v2\nname: t\nversion: 0.1.0\nappVersion: "1.2.3"\n'
HELPERS = '{{ define "h" }}[{{ . | kindOf }}]{{ end }}\n'
FILES = {"f/a.txt": "one\ntwo\n", "f/b.txt": "é\r\nx: {{ .Values.a }}", "f/c.bin": "\x00\x01"}
MEMORY = 6 << 30


def generate(seed):
    """The case of a number: the same one every time."""
    r = random.Random(seed)
    pick = r.random()
    if pick < 0.16:
        return charts.layered(r)
    if pick < 0.28:
        return charts.umbrella(r)
    if pick < 0.36:
        return charts.documents(r)
    if pick < 0.44:
        return charts.with_schema(r)
    if pick < 0.74:
        return {"template": programs.Programs(r).text(), "values": values.simple(r), "helpers": HELPERS}
    text = values.simple(r) if r.random() < 0.6 else values.document(r)
    case = {"template": templates.Templates(r, values.paths(text)).text(), "values": text}
    case["helpers"] = HELPERS
    if ".Files" in case["template"]:
        case["files"] = FILES
    return case


def write(case, folder):
    """Writes the chart of a case."""
    folder = Path(folder)
    files = {"Chart.yaml": case.get("chart", CHART), **case.get("files", {})}
    for key, path in [("values", "values.yaml"), ("template", "templates/t.yaml"),
                      ("helpers", "templates/_helpers.tpl")]:
        if key in case:
            files[path] = case[key]
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode("utf-8", "surrogatepass"))


def run(program, folder, args=()):
    """(exit status, standard output, standard error) of `template`; None when it does not end."""
    folder = Path(folder)
    try:
        done = subprocess.run(
            [program, "template", "rel", folder.name, "-n", "ns", *args],
            capture_output=True, timeout=30, cwd=folder.parent, stdin=subprocess.DEVNULL,
            env={"HOME": "/nonexistent", "PATH": "/bin", "TZ": "UTC"},
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
        )
    except subprocess.TimeoutExpired:
        return None
    return done.returncode, done.stdout, re.sub(rb"time=\S+ ", b"", done.stderr)


def result(program, case, folder):
    shutil.rmtree(folder, ignore_errors=True)
    write(case, folder)
    return run(program, folder, case.get("args", ()))


def is_fair(case, outcome):
    """Whether the reference's result is one that can be compared."""
    if outcome is None:
        return False
    _, out, err = outcome
    # What depends on the order of Go's maps or on its memory differs from run to run.
    return b"goroutine " not in err and b"0xc0" not in out + err and b"runtime: " not in err


def settled(outcome):
    """A result without what Go's random order of maps decides: the order of schema errors and
    of warnings about values."""
    if outcome is None:
        return outcome
    lines = outcome[2].split(b"\n")
    is_record = lambda line: line.startswith(b"level=")
    rest = [line for line in lines if not is_record(line)]
    out = outcome[1]
    if b"specifications of the schema" in outcome[2]:
        rest.sort()
        out = sorted(out.split(b"\n"))
    return outcome[0], out, sorted(filter(is_record, lines)), rest


def difference(case, mine, reference, folder):
    """Both results if they differ, else None. `folder` is made anew, with the name `chart`."""
    folder = Path(folder) / "chart"
    wanted = result(reference, case, folder)
    if not is_fair(case, wanted):
        return None
    got = run(mine, folder, case.get("args", ()))
    if settled(got) == settled(wanted):
        return None
    # Helm itself may waver, as it does over several schema errors.
    if run(reference, folder, case.get("args", ())) != wanted:
        return None
    return wanted, got


def shape(wanted, got):
    """What kind of difference it is, so that minimising stays with it."""
    if got is None:
        return "hang"
    if wanted[0] != got[0]:
        return f"exit {wanted[0]} {got[0]}"
    if wanted[1] != got[1]:
        return "stdout"
    return "stderr"
