{{/* A digest of files of ConfigMaps: (list root path template key…), each with the path at which it is mounted. */}}
{{- define "CHART.checksum" -}}
{{- $root := index . 0 -}}
{{- $all := "" -}}
{{- range chunk 3 (slice . 1) -}}
{{- $path := index . 0 -}}
{{- $configMap := include (print $root.Template.BasePath "/" (index . 1)) $root | fromYaml -}}
{{- $content := index $configMap.data (index . 2) -}}
{{- $all = printf "%s%d %s %d %s" $all (len $path) $path (len $content) $content -}}
{{- end -}}
{{- sha256sum $all -}}
{{- end }}

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

{{/* The checks are for what no schema says well: mostly what the constructs refuse. Each gives a sentence if something is wrong. */}}

{{/* (list path image): an image is a reference with a tag or a digest. */}}
{{- define "CHART.checkImage" -}}
{{- $registry := "[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?" -}}
{{- $path := "[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*" -}}
{{- $name := printf "(%s(\\.%s)*(:[0-9]+)?/)?%s(/%s)*" $registry $registry $path $path -}}
{{- $digest := "@(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})" -}}
{{- $tag := "[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}" -}}
{{- if not (regexMatch (printf "^%s(:%s(%s)?|%s)$" $name $tag $digest $digest) (index . 1)) -}}
{{- printf "%s: %q must be [registry/]path:tag or [registry/]path@digest, with the path in lower case" (index . 0) (index . 1) -}}
{{- end -}}
{{- end }}

{{/* (list path cpu): an amount of CPU is not nothing, unless it is no limit. */}}
{{- define "CHART.checkCPU" -}}
{{- if and (ne (toString (index . 1)) "none") (eq (include "CHART.millicores" (index . 1)) "0") -}}
{{- printf "%s: %q must be at least 1m" (index . 0) (toString (index . 1)) -}}
{{- end -}}
{{- end }}

{{/* (list path amount least): an amount of memory or storage is within what has a use. */}}
{{- define "CHART.checkBytes" -}}
{{- $millibytes := include "CHART.millibytes" (index . 1) | int64 -}}
{{- $least := include "CHART.millibytes" (index . 2) | int64 -}}
{{- $most := include "CHART.millibytes" "1Pi" | int64 -}}
{{- if or (lt $millibytes $least) (gt $millibytes $most) -}}
{{- printf "%s: %q must be at least %s and at most 1Pi" (index . 0) (index . 1) (index . 2) -}}
{{- else if mod $millibytes 1000 -}}
{{- printf "%s: %q must be whole bytes" (index . 0) (index . 1) -}}
{{- end -}}
{{- end }}

{{/* (list path request path limit unit): a request is not above its limit, if there is one. */}}
{{- define "CHART.checkRequest" -}}
{{- $inUnits := printf "CHART.%s" (index . 4) -}}
{{- if eq (toString (index . 3)) "none" -}}
{{- else if gt (include $inUnits (index . 1) | int64) (include $inUnits (index . 3) | int64) -}}
{{- printf "%s: %q must not exceed %s, which is %q" (index . 0) (toString (index . 1)) (index . 2) (toString (index . 3)) -}}
{{- end -}}
{{- end }}

{{/* The names that a text refers to as $(NAME), as JSON. $$ is a dollar sign, and anything that is not a name stays as it is. */}}
{{- define "CHART.references" -}}
{{- $names := list -}}
{{- range regexFindAll "\\$\\([^)]*\\)" (replace "$$" " " .) -1 -}}
{{- $name := trimSuffix ")" (trimPrefix "$(" .) -}}
{{- if regexMatch "^[-._a-zA-Z][-._a-zA-Z0-9]*$" $name -}}
{{- $names = append $names $name -}}
{{- end -}}
{{- end -}}
{{- $names | uniq | sortAlpha | toJson -}}
{{- end }}

{{/* Variables as a list of names and values: sorted by name, except that each follows those it refers to, as Kubernetes resolves no others. */}}
{{- define "CHART.inOrder" -}}
{{- $given := . -}}
{{- $variables := list -}}
{{- range index (include "CHART.ordering" . | fromJson) "placed" -}}
{{- $variables = append $variables (dict "name" . "value" (index $given .)) -}}
{{- end -}}
{{- toJson $variables -}}
{{- end }}

{{/* The names of variables in order, and those that lead back to themselves: each with the reference that does. */}}
{{- define "CHART.ordering" -}}
{{- $ordering := dict "variables" (include "CHART.given" . | fromJson) "begun" (dict) "placed" (list) "circular" (dict) -}}
{{- range $name, $_ := $ordering.variables -}}
{{- include "CHART.place" (list $ordering $name) -}}
{{- end -}}
{{- pick $ordering "placed" "circular" | toJson -}}
{{- end }}

{{/* Variables without those that a later values file takes away with null. */}}
{{- define "CHART.given" -}}
{{- $given := dict -}}
{{- range $name, $text := . -}}
{{- if not (kindIs "invalid" $text) -}}
{{- $_ := set $given $name $text -}}
{{- end -}}
{{- end -}}
{{- toJson $given -}}
{{- end }}

{{/* (list ordering name): a variable is placed after those that it refers to. */}}
{{- define "CHART.place" -}}
{{- $ordering := index . 0 -}}
{{- $name := index . 1 -}}
{{- if not (hasKey $ordering.begun $name) -}}
{{- $_ := set $ordering.begun $name true -}}
{{- range include "CHART.references" (index $ordering.variables $name) | fromJsonArray -}}
{{- if and (hasKey $ordering.begun .) (not (has . $ordering.placed)) -}}
{{- $_ := set $ordering.circular $name . -}}
{{- else if hasKey $ordering.variables . -}}
{{- include "CHART.place" (list $ordering .) -}}
{{- end -}}
{{- end -}}
{{- $_ := set $ordering "placed" (append $ordering.placed $name) -}}
{{- end -}}
{{- end }}

{{/* (list path text): Helm's toYaml, which writes maps and lists, makes a space of one character. */}}
{{- define "CHART.checkText" -}}
{{- if contains "\u0085" (index . 1) -}}
{{- printf "%s: %q must not contain U+0085, which Helm would turn into a space" (index . 0) (index . 1) -}}
{{- end -}}
{{- end }}

{{/* (list path map pattern): keys are as long as Kubernetes takes them, and those that match the pattern are the objects' own. */}}
{{- define "CHART.checkKeys" -}}
{{- $path := index . 0 -}}
{{- $taken := index . 2 -}}
{{- $problems := list -}}
{{- range $name, $text := index . 1 -}}
{{- if gt (regexFind "^.*/" $name | len) 254 -}}
{{- $problems = append $problems (printf "%s: %q must have at most 253 characters before the slash" $path $name) -}}
{{- else if and $taken (regexMatch $taken $name) -}}
{{- $problems = append $problems (printf "%s: %q is set by the chart itself: choose another name" $path $name) -}}
{{- end -}}
{{- with include "CHART.checkText" (list (printf "%s.%s" $path $name) $text) -}}
{{- $problems = append $problems . -}}
{{- end -}}
{{- end -}}
{{- join "\n- " $problems -}}
{{- end }}

{{/* (list path variables taken…): a variable from a Secret has a name that Kubernetes takes and no connection has. */}}
{{- define "CHART.checkNames" -}}
{{- $path := index . 0 -}}
{{- $taken := slice . 2 -}}
{{- $problems := list -}}
{{- range $name, $_ := index . 1 -}}
{{- if has $name $taken -}}
{{- $problems = append $problems (printf "%s: %q is set by a connection" $path $name) -}}
{{- else if or (not (regexMatch "^[-._a-zA-Z][-._a-zA-Z0-9]*$" $name)) (eq $name ".") (hasPrefix ".." $name) -}}
{{- $problems = append $problems (printf "%s: %q must consist of letters, digits, '_', '-' and '.', and not begin with a digit or two dots" $path $name) -}}
{{- else if has $name (list "true" "false") -}}
{{- $problems = append $problems (printf "%s: %q is what YAML makes of names such as y, on, n and off: quote the name" $path $name) -}}
{{- end -}}
{{- end -}}
{{- join "\n- " $problems -}}
{{- end }}

{{/* (list path variables fromSecrets secrets taken…): a variable has a name that Kubernetes takes and no connection has, and text that a container can start with. */}}
{{- define "CHART.checkVariables" -}}
{{- $path := index . 0 -}}
{{- $fromSecrets := keys (index . 2) -}}
{{- $taken := concat $fromSecrets (slice . 4) -}}
{{- $variables := include "CHART.given" (index . 1) | fromJson -}}
{{- $problems := compact (list (include "CHART.checkNames" (concat (list $path $variables) (slice . 4)))) -}}
{{- $circular := index (include "CHART.ordering" $variables | fromJson) "circular" -}}
{{- $others := ternary "." (include "CHART.clusterVariables" .) (not (empty (index . 3))) -}}
{{- range $name, $text := $variables -}}
{{- if has $name $fromSecrets -}}
{{- $problems = append $problems (printf "%s: %q is also in secretEnv" $path $name) -}}
{{- end -}}
{{- if contains "\x00" $text -}}
{{- $problems = append $problems (printf "%s.%s: %q must not contain NUL: the container would not start" $path $name $text) -}}
{{- end -}}
{{- range $to := include "CHART.references" $text | fromJsonArray -}}
{{- if eq $to (index $circular $name | default "") -}}
{{- $problems = append $problems (printf "%s.%s: %q refers to $(%s), which leads back to this variable: remove one of the references, or write $$(%s) for the text itself" $path $name $text $to $to) -}}
{{- else if not (or (hasKey $variables $to) (has $to $taken) (regexMatch $others $to)) -}}
{{- $problems = append $problems (printf "%s.%s: %q refers to $(%s), which the container does not have: add it to env or secretEnv, or write $$(%s) for the text itself" $path $name $text $to $to) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- join "\n- " $problems -}}
{{- end }}

{{- define "CHART.frontendProgram" -}}
{{- include "CHART.program" .Values.frontend -}}
{{- end }}

{{- define "CHART.backendProgram" -}}
{{- include "CHART.program" .Values.backend -}}
{{- end }}

{{/* The fields of a container that say what it runs instead of what its image says, and its variables from whole Secrets. */}}
{{- define "CHART.program" -}}
{{- $fields := dict -}}
{{- range $field := list "command" "args" "workingDir" -}}
{{- with index $ $field -}}
{{- $_ := set $fields $field . -}}
{{- end -}}
{{- end -}}
{{- $sources := list -}}
{{- range .envFromSecrets -}}
{{- $sources = append $sources (dict "secretRef" (dict "name" .)) -}}
{{- end -}}
{{- with $sources -}}
{{- $_ := set $fields "envFrom" . -}}
{{- end -}}
{{- with $fields -}}
{{- toYaml . -}}
{{- end -}}
{{- end }}

{{/* (list path words variables fromSecrets secrets taken program): words that a container can start with, the first of which may be a program. */}}
{{- define "CHART.checkWords" -}}
{{- $path := index . 0 -}}
{{- $known := concat (include "CHART.given" (index . 2) | fromJson | keys) (keys (index . 3)) (index . 5) -}}
{{- $others := ternary "." (include "CHART.clusterVariables" .) (not (empty (index . 4))) -}}
{{- $program := index . 6 -}}
{{- $problems := list -}}
{{- range $at, $word := index . 1 -}}
{{- if and $program (eq $at 0) (not $word) -}}
{{- $problems = append $problems (printf "%s[0]: must be the program to run" $path) -}}
{{- end -}}
{{- if contains "\x00" $word -}}
{{- $problems = append $problems (printf "%s[%d]: %q must not contain NUL: the container would not start" $path $at $word) -}}
{{- end -}}
{{- with include "CHART.checkText" (list (printf "%s[%d]" $path $at) $word) -}}
{{- $problems = append $problems . -}}
{{- end -}}
{{- range $to := include "CHART.references" $word | fromJsonArray -}}
{{- if not (or (has $to $known) (regexMatch $others $to)) -}}
{{- $problems = append $problems (printf "%s[%d]: %q refers to $(%s), which the container does not have: add it to env or secretEnv, or write $$(%s) for the text itself" $path $at $word $to $to) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- join "\n- " $problems -}}
{{- end }}

{{/* (list path directory): Kubernetes resolves no variables in it. */}}
{{- define "CHART.checkDirectory" -}}
{{- $directory := index . 1 | default "" -}}
{{- if contains "\x00" $directory -}}
{{- printf "%s: %q must not contain NUL: the container would not start" (index . 0) $directory -}}
{{- else if include "CHART.references" $directory | fromJsonArray -}}
{{- printf "%s: %q must not refer to variables: Kubernetes resolves none here" (index . 0) $directory -}}
{{- else -}}
{{- include "CHART.checkText" (list (index . 0) $directory) -}}
{{- end -}}
{{- end }}

{{/* The names of the variables that Kubernetes sets in every container. */}}
{{- define "CHART.clusterVariables" -}}
^KUBERNETES_(SERVICE_(HOST|PORT|PORT_HTTPS)|PORT(_443_TCP(_(PROTO|PORT|ADDR))?)?)$
{{- end }}

{{/* (list root): the namespace that the release closes is none of the cluster's own. */}}
{{- define "CHART.checkNamespace" -}}
{{- $root := index . 0 -}}
{{- if and $root.Values.namespace.create (regexMatch "^(default|kube-.*)$" $root.Release.Namespace) -}}
{{- printf "namespace.create: %q must not be one of the cluster's own namespaces, whose pods would lose all connections: choose another one, or set namespace.create to false" $root.Release.Namespace -}}
{{- end -}}
{{- end }}

{{/* (list path autoscaling): the greatest number of pods is not below the least. */}}
{{- define "CHART.checkReplicas" -}}
{{- $autoscaling := index . 1 -}}
{{- if and $autoscaling.enabled (lt (int $autoscaling.maxReplicas) (int $autoscaling.minReplicas)) -}}
{{- printf "%s: %v must not be below minReplicas, which is %v" (index . 0) $autoscaling.maxReplicas $autoscaling.minReplicas -}}
{{- end -}}
{{- end }}

{{/* (list backend): a volume for one node is for one pod. */}}
{{- define "CHART.checkFiles" -}}
{{- $backend := index . 0 -}}
{{- $several := or $backend.autoscaling.enabled (gt (int $backend.replicaCount) 1) -}}
{{- if and $several (ne $backend.storage.accessMode "ReadWriteMany") -}}
{{- printf "backend.storage.accessMode: %q must be ReadWriteMany for several replicas: use it, or one replica without autoscaling" $backend.storage.accessMode -}}
{{- end -}}
{{- end }}

{{/* (list values): a host that is a pattern, or any, cannot be asked, and one without TLS has no certificate. */}}
{{- define "CHART.checkPublicProbe" -}}
{{- $values := index . 0 -}}
{{- if and $values.monitoring.enabled $values.monitoring.publicProbe.enabled $values.ingress.enabled -}}
{{- if not $values.ingress.host -}}
{{- print "monitoring.publicProbe.enabled: ingress.host is empty, so that there is no single host to probe: disable it" -}}
{{- else if hasPrefix "*." $values.ingress.host -}}
{{- printf "monitoring.publicProbe.enabled: ingress.host is %q, which is no single host that can be asked: disable it" $values.ingress.host -}}
{{- else if and $values.monitoring.publicProbe.insecureSkipVerify (not $values.ingress.tls.enabled) -}}
{{- print "monitoring.publicProbe.insecureSkipVerify: there is no certificate, as ingress.tls.enabled is false: set it to false" -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* (list path host): an Ingress has no address for a host. */}}
{{- define "CHART.checkHost" -}}
{{- $octet := "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])" -}}
{{- if regexMatch (printf "^%s(\\.%s){3}$" $octet $octet) (index . 1) -}}
{{- printf "%s: %q must be a DNS name, not an IP address" (index . 0) (index . 1) -}}
{{- end -}}
{{- end }}
