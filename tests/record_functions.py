#!/usr/bin/env python3
"""Record the expected results in tests/cases/functions/*.yaml from Helm v4.3.1.

    HELM=path/to/helm python3 tests/record_functions.py [FILE.yaml ...]

Reads `template` and `values` of every row and writes the row's `out` (the exact text that the
template gives) or `error` (the text behind the place of the innermost error). Without arguments
it does all files. Rows need PyYAML; a comment directly before a row stays with it.
"""
import base64
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import yaml

HELM = os.environ.get("HELM", "helm")
VERSION = "v4.3.1"
CASES = pathlib.Path(__file__).parent / "cases" / "functions"
CHART = 'apiVersion: v2\nname: t\nversion: 0.1.0\nappVersion: "1.2.3"\n'
# The encoded text on one comment line: any result passes Helm's YAML check and comes out whole.
SHOW = '# <{{ include "t/templates/_row.tpl" . | b64enc }}>\n'


class Unreadable(Exception):
    pass


def render(row):
    with tempfile.TemporaryDirectory() as work:
        chart = pathlib.Path(work)
        (chart / "templates").mkdir()
        (chart / "Chart.yaml").write_text(CHART)
        (chart / "values.yaml").write_text(json.dumps(row.get("values") or {}, ensure_ascii=False).replace("\x7f", "\\u007f"))
        (chart / "templates/_row.tpl").write_text(row["template"])
        (chart / "templates/t.yaml").write_text(SHOW)
        env = {"HOME": work, "TZ": "UTC", "PATH": os.environ["PATH"]}
        command = [HELM, "template", "rel", work, "-n", "ns"]
        done = subprocess.run(command, capture_output=True, env=env)
    if done.returncode == 0:
        text = base64.b64decode(re.search(rb"^# <(.*)>$", done.stdout, re.M).group(1))
        # Helm deletes this from rendered files, which an included text is not.
        return "out", text.decode().replace("<no value>", "")
    text = done.stderr.decode().replace("\n\nUse --debug flag to render out invalid YAML\n", "")
    text = text.removeprefix("Error: ")
    for before in (r">:\s+(?!.*at <)", r"execution error at \([^)]*\): "):
        found = list(re.finditer(before, text, re.S))
        if found:
            return "error", text[found[-1].end() if ">" not in before else found[0].end() :].strip()
    # A template that does not parse has no place in angle brackets.
    found = re.search(r"_row\.tpl:\d+(:\d+)?: (.*)", text, re.S)
    if not found:
        raise Unreadable(f"{row['template']!r}: {text!r}")
    return "error", found.group(2).strip()


def scalar(text):
    if re.fullmatch(r"[\x20-\x7e\u00a1-\ud7ff]*", text):
        return "'" + text.replace("'", "''") + "'"
    return yaml.dump(text, default_style='"', width=10**9).strip()


def comments(source):
    """The comment lines before each row."""
    found, pending = [], []
    for line in source.splitlines():
        if line.startswith("#"):
            pending.append(line)
        elif line.startswith("- "):
            found.append(pending)
            pending = []
    return found


def record(path):
    source = path.read_text()
    rows, notes = yaml.safe_load(source) or [], comments(source)
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(render, rows))
    head = f"# recorded from Helm {VERSION}"
    lines = [head]
    for row, (key, text), note in zip(rows, results, notes):
        lines += [line for line in note if line != head]
        lines.append("- template: " + scalar(row["template"]))
        if row.get("values"):
            values = yaml.safe_dump(row["values"], default_flow_style=True, width=10**9)
            lines.append("  values: " + values.strip())
        lines.append(f"  {key}: {scalar(text)}")
    path.write_text("\n".join(lines) + "\n")
    errors = sum(key == "error" for key, _ in results)
    print(f"{path.name}: {len(rows)} rows, {errors} of them errors")


def main():
    version = subprocess.run([HELM, "version", "--short"], capture_output=True, text=True).stdout
    if not version.startswith(VERSION):
        sys.exit(f"needs Helm {VERSION}, found {version.strip() or 'none'}")
    for path in [pathlib.Path(name) for name in sys.argv[1:]] or sorted(CASES.glob("*.yaml")):
        record(path)


if __name__ == "__main__":
    main()
