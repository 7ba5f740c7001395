{{- define "name" -}}
{{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "fullname" -}}
{{- if .Values.fullnameOverride -}}
{{ .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else if contains (include "name" .) .Release.Name -}}
{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-%s" .Release.Name (include "name" .) | trunc 40 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "selector" -}}
app.kubernetes.io/name: {{ include "name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{ include "selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- /* Kafka is a component of its own, which no selector of the service may meet. */}}
{{- define "kafka.name" -}}
{{ include "fullname" . }}-kafka
{{- end }}

{{- define "kafka.selector" -}}
app.kubernetes.io/name: {{ include "name" . }}-kafka
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "kafka.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{ include "kafka.selector" . }}
app.kubernetes.io/version: {{ .Values.kafka.development.image.tag | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "kafka.isDevelopment" -}}
{{ if eq .Values.kafka.mode "development" }}true{{ end }}
{{- end }}

{{- define "kafka.bootstrapServers" -}}
{{- if include "kafka.isDevelopment" . -}}
{{ include "kafka.name" . }}:9092
{{- else -}}
{{ .Values.kafka.bootstrapServers }}
{{- end }}
{{- end }}

{{- /* The addresses as every client takes them: host:port, without a scheme. */}}
{{- define "kafka.addresses" -}}
{{- $addresses := list }}
{{- range $written := splitList "," (include "kafka.bootstrapServers" .) }}
{{- $address := regexReplaceAll "^[A-Za-z_]+://" (trim $written) "" | trimSuffix "/" }}
{{- if not (regexMatch ":[0-9]+$" $address) }}{{ $address = printf "%s:9092" $address }}{{ end }}
{{- $addresses = append $addresses $address }}
{{- end }}
{{- join "," $addresses }}
{{- end }}

{{- define "usesSasl" -}}
{{ if hasPrefix "SASL" .Values.kafka.security.protocol }}true{{ end }}
{{- end }}

{{- define "usesTls" -}}
{{ if hasSuffix "SSL" .Values.kafka.security.protocol }}true{{ end }}
{{- end }}

{{- define "usesCa" -}}
{{ if and (include "usesTls" .) .Values.kafka.security.ca.secret }}true{{ end }}
{{- end }}

{{- /* The time before SIGTERM: of use only where requests arrive. */}}
{{- define "preStopSeconds" -}}
{{ if .Values.service.enabled }}{{ .Values.stop.preStopSeconds }}{{ else }}0{{ end }}
{{- end }}

{{- define "neededGraceSeconds" -}}
{{ add (include "preStopSeconds" .) .Values.stop.drainDeadlineSeconds .Values.stop.marginSeconds }}
{{- end }}

{{- define "graceSeconds" -}}
{{- if kindIs "invalid" .Values.stop.gracePeriodSeconds -}}
{{ include "neededGraceSeconds" . }}
{{- else -}}
{{ .Values.stop.gracePeriodSeconds }}
{{- end }}
{{- end }}
