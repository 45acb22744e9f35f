{{- /* Names and labels, from one place. DNS labels have 63 characters at most. */ -}}

{{- /* The application's name. */ -}}
{{- define "__NAME__.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- /* The name of every object: the release alone when it names the chart, else both. */ -}}
{{- define "__NAME__.fullname" -}}
{{- $name := .Values.nameOverride | default .Chart.Name -}}
{{- $both := printf "%s-%s" .Release.Name $name -}}
{{- $made := contains $name .Release.Name | ternary .Release.Name $both -}}
{{- .Values.fullnameOverride | default $made | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- /* Chart and version, as a label's value. */ -}}
{{- define "__NAME__.chart" -}}
{{- print .Chart.Name "-" .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- /* What selects the pods. It can never change, so no version stands here. */ -}}
{{- define "__NAME__.selectorLabels" -}}
app.kubernetes.io/name: {{ include "__NAME__.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- /* The labels of every object. */ -}}
{{- define "__NAME__.labels" -}}
helm.sh/chart: {{ include "__NAME__.chart" . }}
{{ include "__NAME__.selectorLabels" . }}
{{- with .Chart.AppVersion }}
app.kubernetes.io/version: {{ . | quote }}
{{- end }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- /* The service account of the pods. */ -}}
{{- define "__NAME__.serviceAccountName" -}}
{{- $made := .Values.serviceAccount.create | ternary (include "__NAME__.fullname" .) "default" -}}
{{- .Values.serviceAccount.name | default $made -}}
{{- end -}}
