{{- /*
Refuses values that are well-formed each and cannot work together: all of them at once, each with what to do. What one
value may be is in values.schema.json.
*/}}
{{- define "checks" -}}
{{- $v := .Values }}
{{- $wrong := list }}

{{- if and (eq $v.kafka.mode "existing") (not $v.kafka.bootstrapServers) }}
{{- $wrong = append $wrong "kafka.bootstrapServers is empty: with kafka.mode=existing it is where your Kafka is, such as kafka.example.com:9092" }}
{{- end }}
{{- if and (eq $v.kafka.mode "development") $v.kafka.bootstrapServers }}
{{- $wrong = append $wrong "kafka.bootstrapServers is set and kafka.mode is development: set kafka.mode=existing to use your Kafka, or leave the address out" }}
{{- end }}
{{- if and (eq $v.kafka.mode "development") (ne $v.kafka.security.protocol "PLAINTEXT") }}
{{- $wrong = append $wrong (printf "kafka.security.protocol is %s: the Kafka of kafka.mode=development speaks PLAINTEXT only" $v.kafka.security.protocol) }}
{{- end }}
{{- range $address := splitList "," $v.kafka.bootstrapServers }}
{{- $scheme := regexFind "^[A-Za-z_]+://" (trim $address) | trimSuffix "://" | upper }}
{{- if and (has $scheme (list "PLAINTEXT" "SSL" "SASL_PLAINTEXT" "SASL_SSL")) (ne $scheme $v.kafka.security.protocol) }}
{{- $wrong = append $wrong (printf "kafka.bootstrapServers has %s and kafka.security.protocol is %s: set kafka.security.protocol=%s, and the address needs no scheme" (trim $address) $v.kafka.security.protocol $scheme) }}
{{- end }}
{{- end }}
{{- if and (include "usesSasl" .) (not (and $v.kafka.security.sasl.username $v.kafka.security.sasl.password.secret)) }}
{{- $wrong = append $wrong (printf "kafka.security.protocol is %s: it needs kafka.security.sasl.username and kafka.security.sasl.password.secret, the name of a Secret" $v.kafka.security.protocol) }}
{{- end }}
{{- if and (not (include "usesSasl" .)) (or $v.kafka.security.sasl.username $v.kafka.security.sasl.password.secret) }}
{{- $wrong = append $wrong (printf "kafka.security.sasl has a user, and with kafka.security.protocol=%s nobody logs in: set SASL_SSL or SASL_PLAINTEXT" $v.kafka.security.protocol) }}
{{- end }}
{{- if and (not (include "usesTls" .)) $v.kafka.security.ca.secret }}
{{- $wrong = append $wrong (printf "kafka.security.ca.secret is set, and with kafka.security.protocol=%s nothing is encrypted: set SSL or SASL_SSL" $v.kafka.security.protocol) }}
{{- end }}

{{- if lt (int (include "graceSeconds" .)) (int (include "neededGraceSeconds" .)) }}
{{- $wrong = append $wrong (printf "stop.gracePeriodSeconds is %s: Kubernetes would kill running handlers; it must be at least %s, which is preStopSeconds (%s) and drainDeadlineSeconds (%v) and marginSeconds (%v). Leave it out to have the sum" (include "graceSeconds" .) (include "neededGraceSeconds" .) (include "preStopSeconds" .) $v.stop.drainDeadlineSeconds $v.stop.marginSeconds) }}
{{- end }}

{{- if ne $v.autoscaling.by "none" }}
{{- if gt (int $v.autoscaling.minReplicas) (int $v.autoscaling.maxReplicas) }}
{{- $wrong = append $wrong (printf "autoscaling.minReplicas (%v) is more than autoscaling.maxReplicas (%v)" $v.autoscaling.minReplicas $v.autoscaling.maxReplicas) }}
{{- end }}
{{- if and (eq (int $v.autoscaling.minReplicas) 0) $v.service.enabled }}
{{- $wrong = append $wrong "autoscaling.minReplicas is 0: nobody would answer HTTP. Set 1, or service.enabled=false for a service that only listens to Kafka" }}
{{- end }}
{{- end }}
{{- if eq $v.autoscaling.by "cpu" }}
{{- if eq (int $v.autoscaling.minReplicas) 0 }}
{{- $wrong = append $wrong "autoscaling.minReplicas is 0: without a pod there is no processor time to scale by. Set 1, or autoscaling.by=lag" }}
{{- end }}
{{- if not (dig "requests" "cpu" "" $v.resources) }}
{{- $wrong = append $wrong "autoscaling.by is cpu and resources.requests.cpu is not set: the target is a percentage of it" }}
{{- end }}
{{- end }}
{{- if and (eq $v.autoscaling.by "lag") (not (and $v.autoscaling.lag.group $v.autoscaling.lag.topic)) }}
{{- $wrong = append $wrong "autoscaling.by is lag: it needs autoscaling.lag.group and autoscaling.lag.topic, those of the listener to scale" }}
{{- end }}

{{- if and $v.persistence.enabled (hasPrefix "ReadWriteOnce" $v.persistence.accessMode) }}
{{- if or (gt (int $v.replicas) 1) (ne $v.autoscaling.by "none") }}
{{- $wrong = append $wrong (printf "persistence.accessMode is %s: only one pod can have the volume. Set replicas=1 and autoscaling.by=none, or ReadWriteMany with a storage class that has it" $v.persistence.accessMode) }}
{{- end }}
{{- end }}
{{- if and $v.service.enabled (eq (int $v.service.targetPort) (int $v.health.port)) }}
{{- $wrong = append $wrong (printf "service.targetPort and health.port are both %v: the service and its health need a port each" $v.health.port) }}
{{- end }}

{{- $own := dict }}
{{- range $key, $value := include "ownKeys" . | fromYaml }}{{ $own = set $own (include "canonical" $key) $value }}{{ end }}
{{- $seen := dict }}
{{- range $place := list "config" "secrets" "existingSecrets" }}
{{- range $key := keys (get $v $place) | sortAlpha }}
{{- $name := include "canonical" $key }}
{{- if hasKey $own $name }}
{{- $wrong = append $wrong (printf "%s has %s, which the chart sets: set %s" $place $key (get $own $name)) }}
{{- else if hasKey $seen $name }}
{{- $wrong = append $wrong (printf "%s has %s, which is the same setting as that in %s" $place $key (get $seen $name)) }}
{{- else if and (eq $place "config") (include "isSecret" $key) }}
{{- $wrong = append $wrong (printf "config has %s, by its name a secret: a ConfigMap is readable by many; put it under existingSecrets or secrets" $key) }}
{{- else if and (ne $place "config") (not (include "isSecret" $key)) }}
{{- $wrong = append $wrong (printf "%s has %s, by its name no secret: the SDK reads only secrets (…password…, …secret…, …token…) from files; put it under config" $place $key) }}
{{- end }}
{{- $seen = set $seen $name (printf "%s under %s" $key $place) }}
{{- end }}
{{- end }}

{{- if $wrong }}
{{- fail (printf "these values cannot work:\n  - %s" (join "\n  - " $wrong)) }}
{{- end }}
{{- end }}
