{{- /* All spellings of a key as one: as the SDK has it, with underscores for every separator. */}}
{{- define "canonical" -}}
{{ regexReplaceAll "[^a-z0-9]" (lower .) "_" }}
{{- end }}

{{- /* The variable that sets a key. */}}
{{- define "variable" -}}
WELLSPRING_{{ include "canonical" . | upper }}
{{- end }}

{{- /* A value as text: Helm reads numbers as floats, and 33554432 would be 3.3554432e+07. */}}
{{- define "text" -}}
{{- if and (kindIs "float64" .) (eq . (floor .)) -}}
{{ printf "%.0f" . }}
{{- else -}}
{{ toString . }}
{{- end }}
{{- end }}

{{- /* The keys that the chart sets itself, each with the value to change instead. */}}
{{- define "ownKeys" -}}
kafka.bootstrap-servers: kafka.bootstrapServers
kafka.properties.security.protocol: kafka.security.protocol
kafka.properties.sasl.mechanism: kafka.security.sasl.mechanism
kafka.properties.sasl.mechanisms: kafka.security.sasl.mechanism
kafka.properties.sasl.username: kafka.security.sasl.username
kafka.properties.sasl.password: kafka.security.sasl.password
kafka.properties.ssl.ca.location: kafka.security.ca
app.start-deadline: start.deadlineSeconds
app.drain-deadline: stop.drainDeadlineSeconds
actuator.host: health.port
actuator.port: health.port
{{- end }}

{{- /* What makes the name of a key that of a secret: the SDK reads a secret, and nothing else, from a file. */}}
{{- define "secretWords" -}}
- password
- passphrase
- passwd
- secret
- token
- credential
- private
- apikey
- api.key
- sasl.jaas
- sasl.oauthbearer.config
- ssl.key.pem
{{- end }}

{{- define "isSecret" -}}
{{- $name := include "canonical" . | replace "_" "." }}
{{- range (include "secretWords" . | fromYamlArray) }}{{ if contains . $name }}true{{ end }}{{ end }}
{{- end }}

{{- define "settings" -}}
WELLSPRING_APP_NAME: {{ include "fullname" . | quote }}
{{- range $key, $value := .Values.config }}
{{ include "variable" $key }}: {{ include "text" $value | quote }}
{{- end }}
WELLSPRING_KAFKA_BOOTSTRAP_SERVERS: {{ include "kafka.bootstrapServers" . | quote }}
WELLSPRING_KAFKA_PROPERTIES_SECURITY_PROTOCOL: {{ .Values.kafka.security.protocol }}
{{- if include "usesSasl" . }}
WELLSPRING_KAFKA_PROPERTIES_SASL_MECHANISM: {{ .Values.kafka.security.sasl.mechanism }}
WELLSPRING_KAFKA_PROPERTIES_SASL_USERNAME: {{ .Values.kafka.security.sasl.username | quote }}
{{- end }}
{{- if include "usesCa" . }}
WELLSPRING_KAFKA_PROPERTIES_SSL_CA_LOCATION: /run/secrets/wellspring/kafka-ca
{{- end }}
WELLSPRING_APP_START_DEADLINE: "{{ .Values.start.deadlineSeconds }}s"
WELLSPRING_APP_DRAIN_DEADLINE: "{{ .Values.stop.drainDeadlineSeconds }}s"
WELLSPRING_ACTUATOR_HOST: 0.0.0.0
WELLSPRING_ACTUATOR_PORT: {{ .Values.health.port | quote }}
{{- end }}

{{- /* Secrets of others, by the SDK's keys: those in the values, and Kafka's password. */}}
{{- define "foreignSecrets" -}}
{{- $all := deepCopy .Values.existingSecrets }}
{{- if include "usesSasl" . }}
{{- $all = set $all "kafka.properties.sasl.password" .Values.kafka.security.sasl.password }}
{{- end }}
{{- toYaml $all }}
{{- end }}

{{- /* The sources of the volume with the secrets: one file a key, under its canonical name. */}}
{{- define "secretFiles" -}}
{{- if .Values.secrets }}
- secret:
    name: {{ include "fullname" . }}
{{- end }}
{{- range $key, $from := include "foreignSecrets" . | fromYaml }}
- secret:
    name: {{ $from.secret }}
    items:
      - key: {{ $from.key }}
        path: {{ include "canonical" $key }}
{{- end }}
{{- if include "usesCa" . }}
- secret:
    name: {{ .Values.kafka.security.ca.secret }}
    items:
      - key: {{ .Values.kafka.security.ca.key }}
        path: kafka-ca
{{- end }}
{{- end }}

{{- /* The variables that say where the files are. */}}
{{- define "secretVariables" -}}
{{- range $key := keys .Values.secrets (include "foreignSecrets" . | fromYaml) | sortAlpha }}
- name: {{ include "variable" $key }}_FILE
  value: /run/secrets/wellspring/{{ include "canonical" $key }}
{{- end }}
{{- end }}

{{- /* The brokers' ports. */}}
{{- define "kafkaPorts" -}}
{{- $ports := list }}
{{- range $address := splitList "," (include "kafka.addresses" .) }}
{{- $ports = append $ports (regexFind "[0-9]+$" $address | int) }}
{{- end }}
{{- range .Values.networkPolicy.kafkaPorts }}{{ $ports = append $ports (int .) }}{{ end }}
{{- range $ports | uniq }}
- { protocol: TCP, port: {{ . }} }
{{- end }}
{{- end }}
