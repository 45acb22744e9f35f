#!/usr/bin/env python3
"""Writes seeds for the fuzz targets to fuzz/corpus/<target>/ and words to fuzz/dictionaries/,
both taken from the test data and the sources of this repository."""

import base64
import gzip
import hashlib
import io
import json
import re
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CASES = ROOT / "tests/cases"
LIMIT = 4096


def keep(target, data):
    """Keeps one seed, unless it is so large that it would only slow the fuzzer down."""
    if isinstance(data, str):
        data = data.encode()
    if len(data) > LIMIT:
        return
    folder = ROOT / "fuzz/corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / hashlib.sha1(data).hexdigest()).write_bytes(data)


def parts(*texts):
    return "\n%%%\n".join(texts)


def recorded():
    for path in sorted((CASES / "recorded").glob("*.jsonl")):
        for line in path.read_text().rstrip("\n").split("\n"):
            yield json.loads(line)


def flags(args):
    """(style, argument) of every flag of the `--set` family."""
    styles = {"--set": 0, "--set-string": 1, "--set-json": 2, "--set-file": 3, "--set-literal": 4}
    for flag, argument in zip(args, args[1:]):
        if flag in styles:
            yield styles[flag], argument
    for arg in args:
        flag, _, argument = arg.partition("=")
        if flag in styles:
            yield styles[flag], argument


def archive(files):
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for name, text in files.items():
            info = tarfile.TarInfo("c/" + name)
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
    return data.getvalue()


def main():
    for case in recorded():
        template, values = case.get("template", ""), case.get("values", "")
        helpers = case.get("helpers", "")
        keep("templates", template)
        keep("templates", helpers)
        # Every action by itself makes a smaller seed than the whole template.
        for line in template.splitlines():
            if "{{" in line:
                keep("templates", line)
                keep("render", parts(line, values, helpers))
        keep("render", parts(template, values, helpers))
        keep("yaml", values)
        keep("yaml", case.get("stdout", ""))
        for style, argument in flags(case.get("args", [])):
            keep("set", bytes([style]) + parts(argument, values).encode())
        files = case.get("files", {})
        if "values.schema.json" in files:
            keep("schema", parts(files["values.schema.json"], values or "{}"))
        chart = case.get("chart", "apiVersion: v2\nname: t\nversion: 0.1.0\n")
        if files:
            plain = archive({"Chart.yaml": chart, "values.yaml": values,
                             "templates/t.yaml": template, **files})
            keep("archives", plain)
            keep("archives", gzip.compress(plain, mtime=0))
        for text in case.get("files_b64", {}).values():
            keep("archives", base64.b64decode(text))
    for path in sorted((CASES / "kube").rglob("*.yaml")):
        for document in re.split(r"^---$", path.read_text(), flags=re.M):
            keep("schema", document)
            keep("yaml", document)
    for path in sorted([*ROOT.glob("charts/*/templates/*.j2"), *ROOT.glob("templates/**/*.j2")]):
        values = path.parent.parent / "values.yaml"
        text = path.read_text()
        for piece in [text, *text.split("\n---\n"), *re.findall(r"\{[{%].*?[%}]\}", text, re.S)]:
            keep("jinja", parts(piece, values.read_text() if values.exists() else "a: {b: [1]}"))
    texts = (CASES / "functions").glob("*.yaml")
    for literal in sorted({it for path in texts for it in re.findall(r'"([^"\\]{1,40})"', path.read_text())}):
        keep("small", parts(literal, "1.2.3 abc 2024-01-02"))
    for path in [ROOT / "Cargo.toml", ROOT / "rustfmt.toml"]:
        keep("small", path.read_text())
    words = {name for path in ROOT.glob("src/funcs/*.rs")
             for name in re.findall(r'def!\("(\w+)"', path.read_text())}
    words |= set("if else end range with define template block break continue nil true false "
                 ".Values .Release.Name .Files.Get $x := {{ }} {{- -}} | ( ) %%%".split())
    folder = ROOT / "fuzz/dictionaries"
    folder.mkdir(exist_ok=True)
    (folder / "templates").write_text("".join(f'"{word}"\n' for word in sorted(words)))


if __name__ == "__main__":
    main()
