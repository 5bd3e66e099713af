{{/* The thousandths of a core that an amount of CPU is: 250 for "250m", for "0.25" and for 0.25. */}}
{{- define "ai-platform.millicores" -}}
{{- $text := toString . -}}
{{- if hasSuffix "m" $text -}}
{{- trimSuffix "m" $text -}}
{{- else -}}
{{- $parts := splitList "." $text -}}
{{- $fraction := "" -}}
{{- if gt (len $parts) 1 -}}{{- $fraction = index $parts 1 -}}{{- end -}}
{{- if gt (len $fraction) 3 -}}{{- fail (printf "%s must be whole thousandths of a core" $text) -}}{{- end -}}
{{- /* Digits after a zero would be octal, so the fraction gets a one before it. */ -}}
{{- $thousandths := sub (printf "1%s" (printf "%s000" $fraction | trunc 3) | int64) 1000 -}}
{{- add (mul (index $parts 0 | int64) 1000) $thousandths -}}
{{- end -}}
{{- end }}

{{/* An amount of CPU as the API server writes it. */}}
{{- define "ai-platform.cpu" -}}
{{- $millicores := include "ai-platform.millicores" . | int64 -}}
{{- if mod $millicores 1000 -}}{{- $millicores -}}m{{- else -}}{{- div $millicores 1000 -}}{{- end -}}
{{- end }}

{{/* An amount of CPU as a number of cores: 0.25. */}}
{{- define "ai-platform.cores" -}}
{{- $millicores := include "ai-platform.millicores" . | int64 -}}
{{- printf "%d.%03d" (div $millicores 1000) (mod $millicores 1000) | regexFind "^[0-9]+(\\.[0-9]*[1-9])?" -}}
{{- end }}

{{/* The number of bytes that an amount of memory or storage is. */}}
{{- define "ai-platform.bytes" -}}
{{- $number := regexFind "^[0-9.]+" . -}}
{{- $units := dict "" 1 "k" 1000 "M" 1000000 "G" 1000000000 "T" 1000000000000 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 -}}
{{- $unit := index $units (trimPrefix $number .) -}}
{{- $parts := splitList "." $number -}}
{{- $whole := mul (index $parts 0 | int64) $unit -}}
{{- if eq (len $parts) 1 -}}
{{- $whole -}}
{{- else -}}
{{- $fraction := index $parts 1 -}}
{{- $scale := printf "1%s" (repeat (len $fraction) "0") | int64 -}}
{{- $part := mul (sub (printf "1%s" $fraction | int64) $scale) $unit -}}
{{- if mod $part $scale -}}{{- fail (printf "%q is not a whole number of bytes" .) -}}{{- end -}}
{{- add $whole (div $part $scale) -}}
{{- end -}}
{{- end }}

{{/* An amount of memory or storage as the API server writes it. */}}
{{- define "ai-platform.quantity" -}}
{{- $amount := include "ai-platform.bytes" . | int64 -}}
{{- $step := 1000 -}}
{{- $suffixes := list "k" "M" "G" "T" "P" -}}
{{- if and (hasSuffix "i" .) (ge $amount 1024) -}}
{{- $step = 1024 -}}
{{- $suffixes = list "Ki" "Mi" "Gi" "Ti" "Pi" -}}
{{- end -}}
{{- $suffix := "" -}}
{{- range $suffixes -}}
{{- if not (mod $amount $step) -}}
{{- $amount = div $amount $step -}}
{{- $suffix = . -}}
{{- end -}}
{{- end -}}
{{- $amount -}}{{- $suffix -}}
{{- end }}

{{/* The bytes of a part of an amount: (list "512Mi" 3 4) is three quarters of it. */}}
{{- define "ai-platform.share" -}}
{{- mul (div (include "ai-platform.bytes" (index . 0) | int64) (index . 2)) (index . 1) -}}
{{- end }}

{{/* A digest of files, which are given in turn with their paths. */}}
{{- define "ai-platform.checksum" -}}
{{- $all := "" -}}
{{- range chunk 2 . -}}
{{- $path := index . 0 -}}
{{- $content := printf "%s\n" (index . 1) -}}
{{- $all = printf "%s%d %s %d %s" $all (len $path) $path (len $content) $content -}}
{{- end -}}
{{- sha256sum $all -}}
{{- end }}

{{/* A duration in days as Prometheus writes it: whole years and weeks have units of their own. */}}
{{- define "ai-platform.duration" -}}
{{- $days := trimSuffix "d" . | int -}}
{{- if not (mod $days 365) -}}{{- div $days 365 -}}y
{{- else if not (mod $days 7) -}}{{- div $days 7 -}}w
{{- else -}}{{- $days -}}d
{{- end -}}
{{- end }}

{{/* The address of a dashboard: (list namespace name), cut where Grafana would refuse it. */}}
{{- define "ai-platform.dashboardUID" -}}
{{- $uid := printf "%s-%s" (index . 0) (index . 1) -}}
{{- if le (len $uid) 40 -}}
{{- $uid -}}
{{- else -}}
{{- printf "%s-%s" (trunc 31 $uid | regexFind "^.*[^-]") (sha256sum $uid | trunc 8) -}}
{{- end -}}
{{- end }}

{{/* (list path request path limit unit): a request is not above its limit. */}}
{{- define "ai-platform.checkRequest" -}}
{{- $request := include (printf "ai-platform.%s" (index . 4)) (index . 1) | int64 -}}
{{- $limit := include (printf "ai-platform.%s" (index . 4)) (index . 3) | int64 -}}
{{- if gt $request $limit -}}
{{- fail (printf "%s: %v is above %s, which is %v" (index . 0) (index . 1) (index . 2) (index . 3)) -}}
{{- end -}}
{{- end }}

{{/* (list path amount least): an amount is within what has a use. */}}
{{- define "ai-platform.checkBytes" -}}
{{- $amount := include "ai-platform.bytes" (index . 1) | int64 -}}
{{- if or (lt $amount (include "ai-platform.bytes" (index . 2) | int64)) (gt $amount (include "ai-platform.bytes" "1024Ti" | int64)) -}}
{{- fail (printf "%s: %s must be at least %s and at most 1Pi" (index . 0) (index . 1) (index . 2)) -}}
{{- end -}}
{{- end }}

{{/* (list path autoscaling): the greatest number of pods is not below the least. */}}
{{- define "ai-platform.checkReplicas" -}}
{{- $autoscaling := index . 1 -}}
{{- if and $autoscaling.enabled (lt (int $autoscaling.maxReplicas) (int $autoscaling.minReplicas)) -}}
{{- fail (printf "%s: %v must not be below minReplicas, which is %v" (index . 0) $autoscaling.maxReplicas $autoscaling.minReplicas) -}}
{{- end -}}
{{- end }}

{{/* (list backend): a volume for one node is for one pod. */}}
{{- define "ai-platform.checkFiles" -}}
{{- $backend := index . 0 -}}
{{- if ne $backend.storage.accessMode "ReadWriteMany" -}}
{{- if or $backend.autoscaling.enabled (gt (int $backend.replicaCount) 1) -}}
{{- fail (printf "backend.storage.accessMode: %s allows one node only, and there may be several replicas: use ReadWriteMany, or one replica without autoscaling" $backend.storage.accessMode) -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* (list path host): an Ingress has no address for a host. */}}
{{- define "ai-platform.checkHost" -}}
{{- if regexMatch "^[0-9]+(\\.[0-9]+){3}$" (index . 1) -}}
{{- fail (printf "%s: %s must be a DNS name, not an IP address" (index . 0) (index . 1)) -}}
{{- end -}}
{{- end }}

{{/* (list root): the namespace stands in the configuration of Prometheus, which is YAML. */}}
{{- define "ai-platform.checkNamespace" -}}
{{- $root := index . 0 -}}
{{- if and $root.Values.monitoring.enabled (not (kindIs "string" (fromYaml (printf "name: %s" $root.Release.Namespace)).name)) -}}
{{- fail (printf "the namespace's name %q is no text to YAML: choose another one, or set monitoring.enabled to false" $root.Release.Namespace) -}}
{{- end -}}
{{- end }}
