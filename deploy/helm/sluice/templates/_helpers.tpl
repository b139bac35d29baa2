{{- define "sluice.name" -}}
{{- default .Release.Name .Values.nameOverride | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{- define "sluice.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "sluice.labels" -}}
{{ include "sluice.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "sluice.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end -}}
{{- end -}}

{{- define "sluice.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{ default (include "sluice.name" .) .Values.serviceAccount.name }}
{{- else -}}
{{ default "default" .Values.serviceAccount.name }}
{{- end -}}
{{- end -}}

{{/* Pods that share nothing must not be several: each would have limits, keys and a ledger of its own. */}}
{{- define "sluice.check" -}}
{{- if and .Values.embedded.enabled .Values.autoscaling.enabled -}}
{{- fail "embedded.enabled is one pod: set autoscaling.enabled=false." -}}
{{- end -}}
{{- if not (or .Values.embedded.enabled .Values.existingSecret) -}}
{{- fail "existingSecret is missing: it names a Secret with DATABASE_URL, REDIS_URL, SLUICE_ADMIN_KEY and SLUICE_MASTER_KEY. Or set embedded.enabled=true for one pod with a database of its own." -}}
{{- end -}}
{{- end -}}

{{/* `limits.drainMs` of the configuration in seconds, rounded up. */}}
{{- define "sluice.drainSeconds" -}}
{{- $limits := default dict (get .Values.config "limits") -}}
{{- divf (default 30000 (get $limits "drainMs")) 1000 | ceil | int -}}
{{- end -}}
