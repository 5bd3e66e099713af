{{/* A duration in days as Prometheus writes it: whole years and weeks have units of their own. */}}
{{- define "CHART.duration" -}}
{{- $days := trimSuffix "d" . | int -}}
{{- if not (mod $days 365) -}}{{- div $days 365 -}}y
{{- else if not (mod $days 7) -}}{{- div $days 7 -}}w
{{- else -}}{{- $days -}}d
{{- end -}}
{{- end }}

{{/* The address of a dashboard: (list namespace name), cut where Grafana would refuse it. */}}
{{- define "CHART.dashboardUID" -}}
{{- $uid := printf "%s-%s" (index . 0) (index . 1) -}}
{{- if le (len $uid) 40 -}}
{{- $uid -}}
{{- else -}}
{{- printf "%s-%s" (trunc 31 $uid | regexFind "^.*[^-]") (sha256sum $uid | trunc 8) -}}
{{- end -}}
{{- end }}

{{/* (list path request path limit unit): a request is not above its limit. */}}
{{- define "CHART.checkRequest" -}}
{{- $request := include (printf "CHART.%s" (index . 4)) (index . 1) | int64 -}}
{{- $limit := include (printf "CHART.%s" (index . 4)) (index . 3) | int64 -}}
{{- if gt $request $limit -}}
{{- fail (printf "%s: %v is above %s, which is %v" (index . 0) (index . 1) (index . 2) (index . 3)) -}}
{{- end -}}
{{- end }}

{{/* (list path amount least): an amount is within what has a use. */}}
{{- define "CHART.checkBytes" -}}
{{- $amount := include "CHART.bytes" (index . 1) | int64 -}}
{{- if or (lt $amount (include "CHART.bytes" (index . 2) | int64)) (gt $amount (include "CHART.bytes" "1024Ti" | int64)) -}}
{{- fail (printf "%s: %s must be at least %s and at most 1Pi" (index . 0) (index . 1) (index . 2)) -}}
{{- end -}}
{{- end }}

{{/* (list path autoscaling): the greatest number of pods is not below the least. */}}
{{- define "CHART.checkReplicas" -}}
{{- $autoscaling := index . 1 -}}
{{- if and $autoscaling.enabled (lt (int $autoscaling.maxReplicas) (int $autoscaling.minReplicas)) -}}
{{- fail (printf "%s: %v must not be below minReplicas, which is %v" (index . 0) $autoscaling.maxReplicas $autoscaling.minReplicas) -}}
{{- end -}}
{{- end }}

{{/* (list backend): a volume for one node is for one pod. */}}
{{- define "CHART.checkFiles" -}}
{{- $backend := index . 0 -}}
{{- if ne $backend.storage.accessMode "ReadWriteMany" -}}
{{- if or $backend.autoscaling.enabled (gt (int $backend.replicaCount) 1) -}}
{{- fail (printf "backend.storage.accessMode: %s allows one node only, and there may be several replicas: use ReadWriteMany, or one replica without autoscaling" $backend.storage.accessMode) -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* (list path host): an Ingress has no address for a host. */}}
{{- define "CHART.checkHost" -}}
{{- if regexMatch "^[0-9]+(\\.[0-9]+){3}$" (index . 1) -}}
{{- fail (printf "%s: %s must be a DNS name, not an IP address" (index . 0) (index . 1)) -}}
{{- end -}}
{{- end }}

{{/* (list root): the namespace stands in the configuration of Prometheus, which is YAML. */}}
{{- define "CHART.checkNamespace" -}}
{{- $root := index . 0 -}}
{{- if and $root.Values.monitoring.enabled (not (kindIs "string" (fromYaml (printf "name: %s" $root.Release.Namespace)).name)) -}}
{{- fail (printf "the namespace's name %q is no text to YAML: choose another one, or set monitoring.enabled to false" $root.Release.Namespace) -}}
{{- end -}}
{{- end }}
