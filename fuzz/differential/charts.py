"""Random charts beyond one template: layers of values, subcharts, many documents, schemas."""

import json

import templates
import values

DUMP = "# {{ .Values | toJson }}\n{{- range $k, $v := .Values }}\n# {{ $k }}: {{ typeOf $v }} {{ $v }}\n{{- end }}\n"
CHART = 'apiVersion: v2\nname: t\nversion: 0.1.0\nappVersion: "1.2.3"\n'


def path(r):
    parts = [r.choice(values.PLAIN_KEYS + ["x\\.y", "é", "a b", "-", ""] * (r.random() < 0.2)) for _ in range(r.randint(1, 3))]
    text = ".".join(parts)
    if r.random() < 0.25:
        text += f"[{r.choice(['0', '1', '2', '-1', 'x', '', '10', '01', '65537'])}]"
        if r.random() < 0.3:
            text += r.choice([".a", "[0]", "[1].b", "x", "."])
    return text


SET_VALUES = """
1 0 -1 007 1.5 1e3 true false null TRUE yes ~ abc a.b {} {a,b} {1,null,x\\,y} {a {} { } a\\,b a=b "q"
'q' 0x1F 9223372036854775808 {{a},b} [1] {"a":1} [ nil héllo 🙂 \\ \\\\ a\\=b +1 -0 1_0 ,  {,} {a,}
""".split() + ["", " ", "a b", "{a, b}", "\n", "a\\"]


def set_flag(r):
    flag = r.choice(["--set"] * 6 + ["--set-string", "--set-string", "--set-json", "--set-json", "--set-literal"])
    if flag == "--set-json":
        data = r.choice(['{"a":1}', "[1,2.5,null]", '"x"', "1e3", "null", "{", "12345678901234567890", '{"a":{"b":null}}',
                         "true", '"\\u00e9"', "[", "1 2", "", "{}", "01", '{"a":1} x'])
        return [flag, data if r.random() < 0.2 else f"{path(r)}={data}"]
    pairs = [f"{path(r)}={r.choice(SET_VALUES)}" for _ in range(r.choice([1, 1, 1, 2, 3]))]
    text = ",".join(pairs)
    if r.random() < 0.06:
        text = r.choice([path(r), text + ",", "," + text, "=" + text, text + "=", path(r) + "[", "a.b", "a[0]", "a[0][", "a..b=1"])
    return [flag, text]


def layered(r):
    """Values files and flags over a chart that prints its values."""
    case = {"template": DUMP, "values": values.document(r) if r.random() < 0.8 else values.simple(r)}
    args, files = [], {}
    for at in range(r.choice([0, 0, 1, 1, 2])):
        files[f"over{at}.yaml"] = values.document(r)
        args += ["-f", f"chart/over{at}.yaml"]
    for _ in range(r.randint(0, 3)):
        args += set_flag(r)
    if files:
        case["files"] = files
    if args:
        case["args"] = args
    return case


def umbrella(r):
    """A chart with subcharts: globals, conditions, tags, aliases, imported values."""
    files, entries = {}, []
    own = [values.document(r) if r.random() < 0.4 else values.simple(r)]
    for at in range(r.randint(1, 3)):
        name = r.choice(["sub", "lib", "db", "sub"]) + (str(at) if r.random() < 0.8 else "")
        entry = {"name": name, "version": r.choice(["0.1.0", "0.1.0", ">=0", "^0.1", "1.x", "*", ""]), "repository": r.choice(["", "file://x", "https://x"])}
        called = name
        if r.random() < 0.3:
            called = entry["alias"] = r.choice(["other", "al", "a-b", name, "x_y", "Ä"])
        if r.random() < 0.4:
            entry["condition"] = r.choice([f"{called}.enabled", "enabled", f"{called}.nope,enabled", "global.on", f"{called}.port", "map.a", ""])
        if r.random() < 0.3:
            entry["tags"] = r.choice([["front"], ["back", "front"], []])
        if r.random() < 0.35:
            entry["import-values"] = r.choice([["data"], [{"child": "map", "parent": "imported"}], [{"child": "exports.data", "parent": "."}],
                                               [{"child": "nope", "parent": "x"}], ["data", {"child": "img", "parent": "img"}], [1], [{"child": "a", "parent": "b"}]])
        entries.append({k: v for k, v in entry.items() if v != "" or k in ("version", "condition")})
        if r.random() < 0.1:
            continue
        folder = f"charts/{name}"
        kind = r.choice(["", "", "", "type: library\n", "type: application\n", "deprecated: true\n"])
        files[f"{folder}/Chart.yaml"] = f"apiVersion: v2\nname: {name}\nversion: {r.choice(['0.1.0', '0.1.0', '1.0.0', '0.1.0-rc.1'])}\n{kind}"
        files[f"{folder}/values.yaml"] = (values.document(r) if r.random() < 0.3 else values.simple(r) + "\n") if r.random() < 0.9 else ""
        if r.random() < 0.3:
            data = {"exports": {"data": r.choice([{"imported": {"x": 1}}, {"a": None}, {"port": 1}, {}])}, "global": {"g": 1, "m": {"c": 2}}, "a": 1}
            files[f"{folder}/values.yaml"] = json.dumps(data)
        files[f"{folder}/templates/t.yaml"] = r.choice([DUMP, DUMP + "# {{ include \"h\" . }}\n", "# {{ .Values.global | toJson }} {{ .Chart.Name }} {{ .Template.Name }}\n",
                                                          "# {{ .Parent }} {{ .Release.Name }} {{ .Subcharts | keys | sortAlpha }}\n"])
        if r.random() < 0.3:
            files[f"{folder}/templates/_h.tpl"] = "{{ define \"h\" }}" + name + "{{ end }}"
        if r.random() < 0.2:
            files[f"{folder}/charts/deep/Chart.yaml"] = "apiVersion: v2\nname: deep\nversion: 0.1.0\n"
            files[f"{folder}/charts/deep/templates/t.yaml"] = DUMP
            files[f"{folder}/charts/deep/values.yaml"] = values.simple(r)
        part = {called: r.choice([{"enabled": r.choice([True, False, None, "x"])}, {"a": None, "map": {"a": 5}}, {"map": None, "global": {"g": 3}}, {"img": {"tag": "9"}}])}
        if r.random() < 0.7:
            own.append(json.dumps(part, ensure_ascii=False))
    if r.random() < 0.4:
        own.append(json.dumps({"tags": r.choice([{"front": False}, {"back": True, "front": False}, {"front": "x"}, []])}))
    if r.random() < 0.5:
        own.append(json.dumps({"global": r.choice([{"g": 2, "m": {"a": 1}}, {"on": False}, {"m": None}, None, 1])}))
    chart = CHART
    if r.random() < 0.92:
        chart += "dependencies: " + json.dumps(entries, ensure_ascii=False) + "\n"
    # Several documents of one file are merged.
    case = {"chart": chart, "values": "\n---\n".join(own), "files": files,
            "template": r.choice([DUMP, "# {{ .Values | toYaml | nindent 2 }}\n"]), "helpers": '{{ define "h" }}top{{ end }}\n'}
    args = [word for _ in range(r.choice([0, 0, 1, 2])) for word in set_flag(r)]
    if r.random() < 0.2:
        args += ["--set", r.choice(["tags.front=true", "global.g=7", "sub.enabled=true", "sub.a=null", "global=null", "sub=null", "sub=x"])]
    if args:
        case["args"] = args
    return case


KINDS = ["ConfigMap", "Service", "Deployment", "Pod", "Secret", "Namespace", "Role", "X", "List", "", "configmap", "Job", "CustomResourceDefinition", "Ingress"]
HOOKS = ["pre-install", "post-install,pre-upgrade", "test", "test-success", "crd-install", "nope", "", "pre-install , post-delete", "pre-rollback"]


def document(r, at):
    """One manifest, more or less."""
    pick = r.random()
    if pick < 0.12:
        return r.choice(["# only a comment\n", "", "null\n", "- a\n", "text\n", "a: b: c\n", "\tx: 1\n", "{}\n", "kind: [1]\n", "metadata: x\n", "apiVersion: 1\n",
                         "a: 1\na: 2\n", "a: *x\n", "? a\n: b\n", "metadata: {annotations: [x]}\n", "metadata: {name: 1}\n", "a: \"\\x\"\n", "%YAML 1.1\n", "a: !!binary x\n",
                         "metadata: {annotations: {a: 1}}\n", "\ufeffa: 1\n", "a:\n  - b\n c: 1\n", "kind: null\n", "metadata:\n  annotations:\n    helm.sh/hook: 1\n"])
    body = values.Writer(r).map(values.keys(r, 3) or ["a"], 2, 1)
    text = f"apiVersion: v1\nkind: {r.choice(KINDS)}\nmetadata:\n  name: n{at}\n"
    if r.random() < 0.3:
        text += "  annotations:\n    " + r.choice([f'"helm.sh/hook": "{r.choice(HOOKS)}"\n', f"helm.sh/hook: {r.choice(HOOKS[:5])}\n",
                                                   f'helm.sh/hook: pre-install\n    helm.sh/hook-weight: "{r.choice(["5", "-1", "x", ""])}"\n',
                                                   "helm.sh/hook: test\n    helm.sh/hook-delete-policy: hook-succeeded,nope\n", "a: b\n", "helm.sh/resource-policy: keep\n"])
    return text + "data:\n" + body


def documents(r):
    """Templates with several documents in odd order, and flags that choose among them."""
    files = {}
    for at in range(r.randint(1, 3)):
        name = r.choice(["a.yaml", "b.yml", "sub/c.yaml", "d.txt", "NOTES.txt", "_p.yaml", "M.yaml", "a-b.yaml", "e.json"])
        parts = [document(r, f"{at}{n}") for n in range(r.randint(1, 3))]
        separator = r.choice(["---\n", "---\n", "--- # x\n", "---\n---\n", "---\r\n", " ---\n", "\n\n---  \n", "---x\n", "...\n", "...\n---\n"])
        text = separator.join(parts)
        if r.random() < 0.2:
            text = r.choice(["---\n", "\n\n", "# head\n---\n", "{{- /* x */ -}}\n", "{{ if false }}x{{ end }}"]) + text
        if r.random() < 0.1:
            text += "{{ .Values.nope.deeper }}"
        files["templates/" + name] = text.replace("{{ include \"h\" . }}", "")
    args = r.choice([[], [], [], ["--no-hooks"], ["--skip-tests"], ["--show-only", "templates/a.yaml"], ["-s", "templates/*.yaml"],
                     ["-s", "templates/nope.yaml"], ["--include-crds"], ["--is-upgrade"], ["--kube-version", r.choice(["1.27", "v1.30.1", "x", "1.27.3+k3s"])],
                     ["--api-versions", "a/v1"], ["--name-template", "x-{{ 1 }}"]])
    if r.random() < 0.15:
        files["crds/c.yaml"] = "kind: CustomResourceDefinition\nmetadata:\n  name: c\n"
    case = {"files": files, "values": values.simple(r)}
    if args:
        case["args"] = args
    return case


TYPES = ["string", "integer", "number", "boolean", "object", "array", "null", ["string", "null"], ["integer", "string"]]


def schema(r, depth=0):
    if depth > 2 or r.random() < 0.5:
        piece = {"type": r.choice(TYPES)} if r.random() < 0.7 else {}
        # One or two further words, since the order of several complaints wavers.
        piece.update(r.choice([{}, {}, {"minLength": 3}, {"maxLength": 2}, {"minimum": 5}, {"maximum": 10.5}, {"exclusiveMinimum": 80}, {"enum": ["a", 1, None]},
                               {"const": "x"}, {"pattern": "^a.*$"}, {"multipleOf": 3}, {"format": "uri"}, {"format": "ipv4"}, {"minItems": 2}, {"uniqueItems": True},
                               {"maxProperties": 1}, {"pattern": "["}, {"not": {}}, {"format": "date"}, {"multipleOf": 0.1}, {"default": 1}, {"title": "é"}]))
        return piece
    pick = r.random()
    if pick < 0.6:
        names = r.sample(values.PLAIN_KEYS, r.randint(1, 3))
        piece = {"type": "object", "properties": {name: schema(r, depth + 1) for name in names}}
        if r.random() < 0.3:
            piece["required"] = [r.choice(values.PLAIN_KEYS)]
        if r.random() < 0.2:
            piece["additionalProperties"] = r.choice([False, True, {"type": "string"}])
        return piece
    if pick < 0.72:
        return {"type": "array", "items": schema(r, depth + 1)}
    if pick < 0.84:
        return {r.choice(["anyOf", "oneOf", "allOf"]): [schema(r, depth + 1) for _ in range(r.randint(1, 3))]}
    if pick < 0.9:
        return {"if": schema(r, depth + 1), "then": schema(r, depth + 1), "else": schema(r, depth + 1)}
    return {"$ref": r.choice(["#/definitions/d", "#/$defs/d", "#", "#/nope", "other.json", "#/definitions/d"])}


def with_schema(r):
    """Values under a schema, right or wrong."""
    whole = schema(r)
    if r.random() < 0.8:
        whole = {"$schema": r.choice(["http://json-schema.org/draft-07/schema#", "https://json-schema.org/draft/2020-12/schema", "http://json-schema.org/draft-04/schema#"]),
                 "type": "object", "properties": {name: schema(r, 1) for name in r.sample(values.PLAIN_KEYS, 3)}}
    if "#/definitions" in json.dumps(whole) or "#/$defs" in json.dumps(whole):
        whole["definitions"] = whole["$defs"] = {"d": schema(r, 2)}
    text = json.dumps(whole, ensure_ascii=False)
    if r.random() < 0.03:
        text = text[:-1] + r.choice(["", "}}", ",}"])
    case = {"template": "a: 1\n", "values": values.simple(r) if r.random() < 0.7 else values.document(r), "files": {"values.schema.json": text}}
    args = [word for _ in range(r.choice([0, 0, 1])) for word in set_flag(r)]
    if r.random() < 0.05:
        args.append("--skip-schema-validation")
    if args:
        case["args"] = args
    return case
