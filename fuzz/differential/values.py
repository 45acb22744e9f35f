"""Random values files: YAML of every kind, written in every style."""

import json
import re

PLAIN_KEYS = ["a", "b", "c", "img", "port", "list", "map", "name", "x1", "nested", "enabled", "tag"]
ODD_KEYS = ["x-y", "1", "A b", "true", "é", "a.b", "", "null", "1.5", "日本", "on", "~x", "a2", "a10"]

# Scalars as they stand in a file; what they mean is for the readers to say.
SCALARS = """
0 1 -1 42 007 08 0o17 0x1F 0b11 1_000 1_ +1 -0 255 65536 1000000 4194304 9007199254740993
9223372036854775807 -9223372036854775808 9223372036854775808 12345678901234567890123 1e3 1.5 .5 5.
-2.25 0.1 1e21 1E5 1e-7 3.0 123456789.125 1e500 0.30000000000000004 1:30 190:20:30 1.2.3 v1.2 1.10
true false True FALSE yes no on off y n Yes NO null ~ Null NULL nan NaN
2024-01-02 2024-01-02T03:04:05Z 2001-12-14t21:59:43.10-05:00 2024-1-2 12:30 12:30:45 <<
abc Hello foo-bar a_b a.b a/b @x =  - -- --- ... a#b été 日本語 🙂 x@y.z http://a.b/c?d=e&f=g $1 100m 1Gi
""".split() + [
    "a b", "a #b", "a: b"[:2] + "b", "{{ .Release.Name }}", "a,b", '"q"', "it's", "nginx:1.25", "-5x",
]
QUOTED = [
    "", " ", "a", "true", "1", "007", "null", "a b", " lead", "trail ", "a: b", "- a", "#c", "&a",
    "*a", "!t", "|", ">", "?", "@x", "%d", "line1\nline2\n", "\n", "a\n\nb", "tab\there", "é\u0301",
    "\u2028", "\u0085", "\ufeffx", "🙂", "\\", "'", "{", "]", "a\rb", "\r\n", "x" * 100, "w " * 60,
    "{{ .Values.a }}", "{{ include \"h\" . }}", "{{", "a\u00a0b", "\x7f", "~", "1e3", "0x1F", "=",
]
BLOCKS = ["|", ">", "|-", ">-", "|+", ">+", "|2", ">1-"]


def scalar(r):
    """One scalar as text."""
    pick = r.random()
    if pick < 0.6:
        return r.choice(SCALARS)
    text = r.choice(QUOTED)
    if pick < 0.85 or "\n" in text or "\r" in text:
        return json.dumps(text, ensure_ascii=r.random() < 0.3)
    return "'" + text.replace("'", "''") + "'"


def key(r):
    """One key as text."""
    if r.random() < 0.85:
        return r.choice(PLAIN_KEYS)
    text = r.choice(ODD_KEYS)
    return json.dumps(text, ensure_ascii=False) if r.random() < 0.6 or text == "" else text


def keys(r, most):
    chosen = []
    for _ in range(r.randint(0, most)):
        name = key(r)
        if name not in chosen or r.random() < 0.05:
            chosen.append(name)
    return chosen


def flow(r, depth):
    """A value on one line."""
    pick = r.random()
    if depth < 3 and pick < 0.2:
        items = [f"{name}: {flow(r, depth + 1)}" for name in keys(r, 3)]
        return "{" + ", ".join(items) + ("," if items and r.random() < 0.1 else "") + "}"
    if depth < 3 and pick < 0.4:
        return "[" + ", ".join(flow(r, depth + 1) for _ in range(r.randint(0, 4))) + "]"
    if r.random() < 0.5:
        return json.dumps(r.choice(QUOTED[:20]), ensure_ascii=False)
    return r.choice(["1", "2.5", "true", "null", "abc", "1e3", "-7", "~", "yes", "x y", "2024-01-02"])


class Writer:
    """Writes one block document."""

    def __init__(self, r):
        self.r = r
        self.anchors = []

    def value(self, indent, depth):
        """What follows a key or dash, with the space before it and the line end."""
        r = self.r
        pick = r.random()
        pad = " " * (indent + 2)
        if depth < 3 and pick < 0.22:
            names = keys(r, 4)
            if names:
                anchor = ""
                if r.random() < 0.08:
                    anchor = f" &m{len(self.anchors)}"
                body = self.map(names, indent + 2, depth + 1)
                if anchor:
                    self.anchors.append(anchor.strip()[1:])
                return f"{anchor}\n{body}"
        if depth < 3 and pick < 0.38:
            count = r.randint(1, 4)
            step = r.choice([0, 2])
            pad = " " * (indent + step)
            return "\n" + "".join(f"{pad}-{self.value(indent + step, depth + 1)}" for _ in range(count))
        if pick < 0.44:
            text = r.choice(["one\ntwo\n", "a\n\n b\n", "x: 1\ny: 2\n", "{{ .Values.a }}\n", "w " * 50 + "\n"])
            lines = "".join(f"{pad}{line}\n" if line else "\n" for line in text.rstrip("\n").split("\n"))
            return f" {r.choice(BLOCKS[:6])}\n{lines}"
        if pick < 0.5 and self.anchors:
            return f" *{r.choice(self.anchors)}\n"
        if pick < 0.54:
            return "\n"
        if pick < 0.66:
            return f" {flow(r, depth)}\n"
        prefix = ""
        if r.random() < 0.04:
            prefix = r.choice(["!!str ", "!!int ", "!!float ", "!x ", "!!binary ", "!!null ", "! "])
        if r.random() < 0.06:
            name = f"s{len(self.anchors)}"
            self.anchors.append(name)
            prefix = f"&{name} {prefix}"
        comment = " # why" if r.random() < 0.04 else ""
        return f" {prefix}{scalar(r)}{comment}\n"

    def map(self, names, indent, depth):
        lines = []
        for name in names:
            lines.append(f"{' ' * indent}{name}:{self.value(indent, depth)}")
        maps = [name for name in self.anchors if name.startswith("m")]
        if maps and self.r.random() < 0.3:
            lines.append(f"{' ' * indent}<<: *{self.r.choice(maps)}\n")
        return "".join(lines)


def document(r, at_least=2):
    """A values file."""
    names = keys(r, 6)
    for name in r.sample(PLAIN_KEYS, at_least):
        if name not in names:
            names.append(name)
    text = Writer(r).map(names, 0, 0)
    if r.random() < 0.03:
        text = r.choice(["---\n", "# head\n", "\ufeff", "%YAML 1.1\n---\n", "---\n---\n"]) + text
    if r.random() < 0.03:
        text += "---\n" + Writer(r).map(keys(r, 3) or ["a"], 0, 0)
    if r.random() < 0.01:
        text = text.replace("\n", "\r\n")
    return text


def simple(r):
    """A values file whose types are what their keys promise, for templates that get far."""
    data = {
        "name": r.choice(["web", "api-1", "Über", ""]),
        "port": r.choice([80, 8080, 0, 65536.5, "http"]),
        "enabled": r.choice([True, False, None]),
        "tag": r.choice(["1.2.3", 1.5, "v2", None]),
        "list": r.choice([[1, 2, 3], ["c", "a", "b"], [], [{"a": 1}, {"a": 2}], ["a", None, 2.5]]),
        "map": r.choice([{"a": 1, "b": {"c": "d"}}, {}, {"x-y": 1, "1": 2, "b": [1]}, {"a": None}]),
        "img": {"repository": "nginx", "tag": r.choice(["1.25", None]), "pull": {"policy": "Always"}},
        "a": r.choice(["text", "a,b,c", "{{ .Values.name }}", "two\nlines\n", 1, 2.5, "1h30m"]),
    }
    return json.dumps({k: v for k, v in data.items() if r.random() < 0.9}, ensure_ascii=False, indent=1)


def paths(text):
    """Dotted paths that a text may hold, for templates to ask for."""
    found = re.findall(r"^(\s*)\"?([A-Za-z_]\w*)\"?:", text, re.M)
    stack, result = [], []
    for pad, name in found:
        depth = len(pad)
        stack = [entry for entry in stack if entry[0] < depth]
        stack.append((depth, name))
        result.append(".".join(entry[1] for entry in stack))
    return result or ["a"]
