#!/bin/sh
# Compares what kubectl's kustomize makes of helmCharts with Helm and with rhumb.
#
#   compare_kustomize.sh KUBECTL HELM RHUMB
#
# Uses charts below tests/cases/dropin; prints nothing and exits 0 when both agree.
set -eu
kubectl=$1 helm=$2 rhumb=$3
cases=$(cd "$(dirname "$0")/cases/dropin" && pwd)
work=$(mktemp -d)
python3 -m http.server 18999 --bind 127.0.0.1 --directory "$cases/served/repository" >/dev/null 2>&1 &
server=$!
trap 'kill $server; rm -rf "$work"' EXIT
sleep 1
for tool in "$helm" "$rhumb"; do
    rm -rf "$work/k"
    mkdir "$work/k"
    cp -r "$cases/tree/charts" "$work/k/charts"
    cat >"$work/k/kustomization.yaml" <<'END'
helmCharts:
- name: demo
  releaseName: rel
  namespace: ns1
  includeCRDs: true
  valuesInline: {replicas: 5, text: "a: b"}
- name: demo
  nameTemplate: x-y
  apiVersions: [example.com/v1/Thing, b]
  kubeVersion: "1.33"
  skipTests: true
  skipHooks: true
  debug: true
  devel: true
- name: kid
  releaseName: kid
  repo: http://127.0.0.1:18999
  version: 0.1.0
END
    "$kubectl" kustomize --enable-helm --helm-command "$tool" "$work/k" >"$work/$(basename "$tool").out"
    find "$work/k/charts" -type f | sort >>"$work/$(basename "$tool").out"
done
diff "$work/$(basename "$helm").out" "$work/$(basename "$rhumb").out"
