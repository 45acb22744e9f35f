#!/usr/bin/env python3
"""Makes src/kube/data/schemas.bin: the API definitions of many Kubernetes minors in one graph.

  kube_schemas.py FOLDER      FOLDER holds v1.N.0-local/_definitions.json for each minor, as the
                              package `kubernetes-validate` on PyPI ships them
                              (pip download --no-deps kubernetes-validate, then unzip)

Beside the graph it writes src/kube/data/schemas.txt, the same as text, so that a new Kubernetes
version shows as a readable difference, and src/kube/data/lifecycle.tsv: kinds that came or went.
The inputs in tools/kube/ are tables that no published schema carries: closed value lists as a
server publishes them, and when kinds were introduced, deprecated, removed.

Layout of the graph (little endian): magic "RKG1", u16 first minor, u16 number of minors, then u32
counts and the sections in this order:
  strings   (n+1) u32 offsets, then the bytes padded to 4
  lists     (n+1) u32 offsets into u16 string numbers, then those padded to 4
  nodes     u8 code, u8 list type, u16 list number, u32 operand
  structs   u32 name, u32 first property, u32 number of properties; sorted by name
  props     u16 name, u16 mask of minors, u16 mask of minors that require it, u16 node
  kinds     u16 group, u16 version, u16 kind, u16 mask, u32 node; sorted as text
Bit i of a mask stands for the first minor plus i.
"""
import csv
import json
import pathlib
import re
import struct
import sys

CODES = ["any", "object", "string", "boolean", "int32", "int64", "integer", "number", "array", "map", "struct",
         "quantity", "int-or-string", "time", "micro-time", "bytes", "raw", "duration"]
CODE = {name: number for number, name in enumerate(CODES)}
SPECIAL = {
    "pkg.api.resource.Quantity": "quantity", "pkg.util.intstr.IntOrString": "int-or-string",
    "pkg.apis.meta.v1.Time": "time", "pkg.apis.meta.v1.MicroTime": "micro-time",
    "pkg.runtime.RawExtension": "raw", "pkg.apis.meta.v1.FieldsV1": "object", "pkg.apis.meta.v1.Patch": "object",
    "pkg.apis.meta.v1.Duration": "duration", "v1.JSON": "any", "v1.JSONSchemaPropsOrArray": "any",
    "v1.JSONSchemaPropsOrBool": "any", "v1.JSONSchemaPropsOrStringArray": "any",
}
LIST_TYPES = {None: 0, "atomic": 1, "set": 2, "map": 3}


def special(name):
    return next((code for end, code in SPECIAL.items() if name.endswith("." + end)), None)


class Graph:
    def __init__(self, first, count):
        self.first, self.count = first, count
        self.strings, self.lists, self.nodes = {}, {(): 0}, {}
        self.structs, self.kinds = {}, {}

    def string(self, text):
        return self.strings.setdefault(text, len(self.strings))

    def list_number(self, items):
        return self.lists.setdefault(tuple(items), len(self.lists))

    def node(self, code, list_type=0, items=(), operand=0):
        for item in items:
            self.string(item)
        key = (CODE[code], list_type, self.list_number(items), operand)
        return self.nodes.setdefault(key, len(self.nodes))


def load_enums(path):
    """(definition, property) -> (whether it applies to the items of a list, allowed values)."""
    with open(path, encoding="utf-8") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
    return {(row[0], row[1]): (row[2] == "items", row[3].split(",")) for row in rows}


def kind_of(schema):
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next(item for item in kind if item != "null")
    return kind


def build(folder, enums):
    versions = {}
    for path in sorted(folder.glob("v1.*.0-local/_definitions.json")):
        minor = int(re.match(r"v1\.(\d+)\.0", path.parent.name)[1])
        data = json.loads(path.read_text(encoding="utf-8"))
        versions[minor] = data.get("$defs") or data
    if not versions:
        sys.exit(f"no v1.N.0-local/_definitions.json below {folder}")
    minors = sorted(versions)
    if minors != list(range(minors[0], minors[0] + len(minors))) or len(minors) > 16:
        sys.exit(f"the minors must follow each other and be 16 at most: {minors}")
    graph = Graph(minors[0], len(minors))
    names = sorted({name for defs in versions.values() for name in defs if special(name) is None})
    number = {name: index for index, name in enumerate(names)}

    def reference(ref):
        name = ref.rsplit("/", 1)[1]
        code = special(name)
        return graph.node(code) if code else graph.node("struct", operand=number[name])

    def convert(schema, enum):
        if "$ref" in schema:
            return reference(schema["$ref"])
        for_items, values = enum or (False, ())
        kind, form = kind_of(schema), schema.get("format")
        if kind == "array":
            items = convert(schema["items"], (False, values) if for_items else None)
            keys = schema.get("x-kubernetes-list-map-keys") or ()
            return graph.node("array", LIST_TYPES[schema.get("x-kubernetes-list-type")], keys, items)
        if kind == "object":
            inner = schema.get("additionalProperties")
            if isinstance(inner, dict):
                return graph.node("map", operand=convert(inner, (False, values) if for_items else None))
            return graph.node("object")
        if kind == "string":
            if form == "byte":
                return graph.node("bytes")
            return graph.node({"date-time": "time"}.get(form, "string"), items=values)
        if kind == "integer":
            return graph.node(form if form in ("int32", "int64") else "integer")
        return graph.node({"boolean": "boolean", "number": "number"}.get(kind, "any"))

    for name in names:
        graph.string(name)
        entries = {}
        for minor, defs in versions.items():
            schema = defs.get(name)
            if schema is None:
                continue
            bit = 1 << (minor - minors[0])
            required = set(schema.get("required") or ())
            for prop, sub in (schema.get("properties") or {}).items():
                graph.string(prop)
                node = convert(sub, enums.get((name, prop)))
                entry = entries.setdefault((prop, node), [0, 0])
                entry[0] |= bit
                entry[1] |= bit if prop in required else 0
            for gvk in schema.get("x-kubernetes-group-version-kind") or ():
                if len(schema["x-kubernetes-group-version-kind"]) > 1:
                    continue  # DeleteOptions and the like belong to no group of their own
                key = (gvk["group"], gvk["version"], gvk["kind"])
                for part in key:
                    graph.string(part)
                kind = graph.kinds.setdefault(key, [0, graph.node("struct", operand=number[name])])
                kind[0] |= bit
        graph.structs[name] = sorted((prop, *masks, node) for (prop, node), masks in entries.items())
    return graph


def encode(graph):
    pad = lambda data: data + bytes(-len(data) % 4)
    texts = [text.encode() for text in graph.strings]
    if len(texts) > 65535 or len(graph.nodes) > 65535:
        sys.exit("more strings or nodes than two bytes can count")

    def offsets(lengths):
        total, out = 0, [0]
        for length in lengths:
            total += length
            out.append(total)
        return struct.pack(f"<{len(out)}I", *out)

    lists = [[graph.strings[item] for item in items] for items in graph.lists]
    flat = [item for items in lists for item in items]
    props = [prop for name in sorted(graph.structs) for prop in graph.structs[name]]
    structs, first = b"", 0
    for name in sorted(graph.structs):
        structs += struct.pack("<3I", graph.strings[name], first, len(graph.structs[name]))
        first += len(graph.structs[name])
    kinds = b"".join(
        struct.pack("<4HI", *(graph.strings[part] for part in key), *graph.kinds[key]) for key in sorted(graph.kinds))
    counts = (len(texts), len(lists), len(graph.nodes), len(graph.structs), len(props), len(graph.kinds))
    return b"".join([
        b"RKG1", struct.pack("<2H6I", graph.first, graph.count, *counts),
        offsets(map(len, texts)), pad(b"".join(texts)),
        offsets(map(len, lists)), pad(struct.pack(f"<{len(flat)}H", *flat)),
        b"".join(struct.pack("<2BHI", *node) for node in graph.nodes),
        structs,
        b"".join(struct.pack("<4H", graph.strings[p[0]], p[1], p[2], p[3]) for p in props),
        kinds,
    ])


def dump(graph):
    nodes, lists, names = list(graph.nodes), list(graph.lists), sorted(graph.structs)

    def minors(mask):
        bits = [graph.first + i for i in range(graph.count) if mask >> i & 1]
        return "" if len(bits) == graph.count else f" 1.{bits[0]}-1.{bits[-1]}"

    def show(number):
        code, list_type, items, operand = nodes[number]
        name = CODES[code]
        extra = f" {'|'.join(lists[items])}" if items else ""
        if name == "struct":
            return names[operand]
        if name in ("array", "map"):
            kind = next(key for key, value in LIST_TYPES.items() if value == list_type)
            return f"{name}{' ' + kind if kind else ''}{extra} of {show(operand)}"
        return name + extra

    for (group, version, kind), (mask, node) in sorted(graph.kinds.items()):
        yield f"kind {group + '/' if group else ''}{version} {kind}: {show(node)}{minors(mask)}"
    for name in names:
        yield f"struct {name}"
        for prop, mask, required, node in graph.structs[name]:
            yield f"  {prop}: {show(node)}{minors(mask)}{' required' + minors(required) if required else ''}"


def lifecycle(tables):
    """One row per kind that is deprecated, removed or replaced: apiVersion, kind, introduced, deprecated, removed,
    replacement, first version of the replacement; `-` for nothing."""
    rows = {}
    read = lambda name: list(csv.reader(open(tables / name, encoding="utf-8"), delimiter="\t"))[1:]
    for api, kind, introduced, deprecated, removed, replacement in read("lifecycle.tsv"):
        if deprecated != "-" or removed != "-":
            rows[api, kind] = [introduced, deprecated, removed, replacement, "-"]
    for api, kind, introduced, removed, replacement, since, _ in read("removals.tsv"):
        old = rows.get((api, kind), ["-", "-", "-", "-", "-"])
        since = since.lstrip("<=")
        rows[api, kind] = [old[0] if old[0] != "-" else introduced.lstrip("<="), old[1], removed,
                           "-" if replacement == "none" else replacement, since]
    for (api, kind), row in sorted(rows.items()):
        yield "\t".join([api, kind, *row])


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    here = pathlib.Path(__file__).resolve().parent
    data = here.parent / "src" / "kube" / "data"
    graph = build(pathlib.Path(sys.argv[1]), load_enums(here / "kube" / "enums.tsv"))
    blob = encode(graph)
    (data / "schemas.bin").write_bytes(blob)
    (data / "schemas.txt").write_text("".join(line + "\n" for line in dump(graph)), encoding="utf-8")
    (data / "lifecycle.tsv").write_text("".join(line + "\n" for line in lifecycle(here / "kube")), encoding="utf-8")
    print(f"minors 1.{graph.first}-1.{graph.first + graph.count - 1}, {len(graph.structs)} structs, "
          f"{sum(map(len, graph.structs.values()))} properties, {len(graph.nodes)} nodes, {len(graph.kinds)} kinds, "
          f"{len(graph.strings)} strings, {len(blob)} bytes")


main()
