"""Writes the charts that benches/run.sh renders into a folder: one template, many templates,
many values, many subcharts, large definitions."""
import pathlib
import sys

DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "b.name" . }}-%d
  labels: {{- include "b.labels" . | nindent 4 }}
spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels: {{- include "b.labels" . | nindent 6 }}
  template:
    metadata:
      labels: {{- include "b.labels" . | nindent 8 }}
    spec:
      containers:
        - name: main
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          env:
          {{- range $key, $value := .Values.env }}
            - name: {{ $key | upper | quote }}
              value: {{ $value | quote }}
          {{- end }}
          resources: {{- toYaml .Values.resources | nindent 12 }}
"""
HELPERS = """{{- define "b.name" -}}
{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" }}
{{- end -}}
{{- define "b.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}
"""
VALUES = """replicas: 2
image: {repository: registry.example/app, tag: ""}
resources: {limits: {cpu: 500m, memory: 256Mi}, requests: {cpu: 100m, memory: 128Mi}}
env:
""" + "".join(f"  var{i}: value {i}\n" for i in range(20))
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  a: {{ .Values.a | quote }}\n"


def chart(folder, name, templates, values, extra=""):
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text(f"apiVersion: v2\nname: {name}\nversion: 0.1.0\nappVersion: '1'\n{extra}")
    (folder / "values.yaml").write_text(values)
    for file, text in templates.items():
        (folder / "templates" / file).write_text(text)


root = pathlib.Path(sys.argv[1])
chart(root / "one", "one", {"c.yaml": CONFIG}, "a: 1\n")
for count in (10, 100, 300, 3000):
    files = {f"d{i}.yaml": DEPLOYMENT % i for i in range(count)}
    chart(root / f"deployments-{count}", "many", files | {"_helpers.tpl": HELPERS}, VALUES)
chart(root / "tpl-300", "tpls", {f"t{i}.yaml": "{{ tpl .Values.text . }}" for i in range(300)},
      f"a: 1\ntext: |\n  " + CONFIG.replace("\n", "\n  ") + "\n")
chart(root / "values-700k", "values", {"c.yaml": CONFIG},
      "a: 1\n" + "".join(f"group{i}:\n" + "".join(f"  key{j}: some value number {j}\n" for j in range(50)) for i in range(500)))
deps = "dependencies:\n" + "".join(f"- {{name: s{i}, version: 0.1.0}}\n" for i in range(100))
chart(root / "umbrella-100", "umbrella", {"c.yaml": CONFIG}, "a: 1\n", deps)
for i in range(100):
    chart(root / "umbrella-100" / "charts" / f"s{i}", f"s{i}", {"d.yaml": DEPLOYMENT % i, "_helpers.tpl": HELPERS}, VALUES)
# Five megabytes of values, of which one is read; helpers and YAML in each of 200 templates.
chart(root / "values-5m", "values", {"c.yaml": CONFIG},
      "a: 1\n" + "".join(f"group{i}:\n" + "".join(f"  key{j}: some value number {j}\n" for j in range(50)) for i in range(3500)))
INCLUDES = """apiVersion: v1
kind: ConfigMap
metadata:
  name: c%d
  labels: {{- include "b.labels" . | nindent 4 }}
data:
  a: {{ include "b.name" . | quote }}
  b: |
    {{- toYaml .Values | nindent 4 }}
  c: {{ toJson .Values.env | quote }}
"""
chart(root / "include-toyaml-200", "includes",
      {f"c{i}.yaml": INCLUDES % i for i in range(200)} | {"_helpers.tpl": HELPERS}, VALUES)


def schema(depth):
    """A schema of an object whose properties have properties."""
    pad = "  " * depth
    lines = [f"{pad}type: object", f"{pad}description: {'What this is for. ' * 8}", f"{pad}properties:"]
    for name in ("one", "two", "three", "four"):
        lines.append(f"{pad}  {name}:")
        if depth < 12:
            lines.append(schema(depth + 2))
        else:
            lines += [f"{pad}    type: string", f"{pad}    description: {'Some words. ' * 6}"]
    return "\n".join(lines)


CRD = """apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: kind%ds.example.com
spec:
  group: example.com
  names: {kind: Kind%d, plural: kind%ds}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
"""
chart(root / "crds-20", "crds", {"c.yaml": CONFIG}, "a: 1\n")
(root / "crds-20" / "crds").mkdir()
for i in range(20):
    (root / "crds-20" / "crds" / f"c{i}.yaml").write_text(CRD % (i, i, i) + schema(4) + "\n")
