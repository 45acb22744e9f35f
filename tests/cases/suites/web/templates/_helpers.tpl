{{- define "web.name" -}}
{{ required "a name is needed" .Values.image.name }}
{{- end -}}
