#!/usr/bin/env python3
"""Makes src/kube/data/operator.json: the schemas of the Prometheus operator's kinds.

  kube_crds.py FILE…      custom resource definitions as the operator publishes them
                          (example/prometheus-operator-crd/*.yaml of its repository)

Descriptions are dropped; what follows equals an earlier schema becomes {"$ref": number}, an index into "defs".
Form: {"crds": [a CustomResourceDefinition each], "defs": [schemas]}.
"""
import json
import pathlib
import sys

import yaml


class Loader(yaml.CSafeLoader):
    """YAML 1.1 as the API server reads it: `=` is text."""


Loader.yaml_implicit_resolvers = {
    key: [(tag, pattern) for tag, pattern in rows if not tag.endswith(":value") and not tag.endswith(":timestamp")]
    for key, rows in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
DROP = {"description", "example", "externalDocs", "title"}


def strip(schema):
    out = {}
    for key, value in schema.items():
        if key in DROP:
            continue
        if key == "properties":
            value = {name: strip(inner) for name, inner in value.items()}
        elif key in ("items", "not") or (key == "additionalProperties" and isinstance(value, dict)):
            value = strip(value)
        elif key in ("anyOf", "allOf", "oneOf"):
            value = [strip(inner) for inner in value]
        out[key] = value
    return out


def inner_schemas(schema):
    for key, value in schema.items():
        if key == "properties":
            yield from value.values()
        elif key in ("items", "not") or (key == "additionalProperties" and isinstance(value, dict)):
            yield value
        elif key in ("anyOf", "allOf", "oneOf"):
            yield from value


def tally(schema, count):
    text = json.dumps(schema, sort_keys=True)
    count[text] = count.get(text, 0) + 1
    if count[text] == 1:
        for inner in inner_schemas(schema):
            tally(inner, count)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    crds = []
    for name in sorted(sys.argv[1:]):
        crd = yaml.load(open(name, encoding="utf-8"), Loader)
        spec = crd["spec"]
        crds.append({
            "spec": {
                "group": spec["group"], "scope": spec["scope"], "names": {"kind": spec["names"]["kind"]},
                "versions": [
                    {"name": version["name"], "served": version["served"],
                     "schema": {"openAPIV3Schema": strip(version["schema"]["openAPIV3Schema"])}}
                    for version in spec["versions"]],
            }})
        print(name.rsplit("/", 1)[-1], crd["metadata"]["annotations"].get("operator.prometheus.io/version"))
    schemas = [version["schema"] for crd in crds for version in crd["spec"]["versions"]]
    defs = []
    count, exact = {}, {}
    for schema in schemas:
        tally(schema["openAPIV3Schema"], count)

    def replace(schema):
        """Top down by the text of the whole original schema."""
        text = json.dumps(schema, sort_keys=True)
        if count.get(text, 0) >= 2 and len(text) >= 40:
            if text not in exact:
                exact[text] = None
                inner = walk(schema)
                exact[text] = len(defs)
                defs.append(inner)
            return {"$ref": exact[text]}
        return walk(schema)

    def walk(schema):
        out = {}
        for key, value in schema.items():
            if key == "properties":
                value = {name: replace(inner) for name, inner in value.items()}
            elif key in ("items", "not") or (key == "additionalProperties" and isinstance(value, dict)):
                value = replace(value)
            elif key in ("anyOf", "allOf", "oneOf"):
                value = [replace(inner) for inner in value]
            out[key] = value
        return out

    for schema in schemas:
        schema["openAPIV3Schema"] = replace(schema["openAPIV3Schema"])
    path = pathlib.Path(__file__).resolve().parent.parent / "src" / "kube" / "data" / "operator.json"
    lines = ",\n".join(json.dumps(crd, separators=(",", ":")) for crd in crds)
    more = ",\n".join(json.dumps(schema, separators=(",", ":")) for schema in defs)
    path.write_text('{"crds":[\n%s\n],"defs":[\n%s\n]}\n' % (lines, more), encoding="utf-8")
    print(f"{len(crds)} kinds, {len(defs)} shared schemas, {path.stat().st_size} bytes")


main()
