{{- define "common.hello" }}hello {{ .who }}{{ end -}}
