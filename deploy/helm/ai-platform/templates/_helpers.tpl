{{- /* Generated from the constructs by "make synth". DO NOT EDIT. */}}

{{/* The number that digits are: "08" is eight, and not a mistake in base eight. */}}
{{- define "ai-platform.integer" -}}
{{- regexReplaceAll "^0+([0-9])" . "${1}" | int64 -}}
{{- end }}

{{/* The thousandths that a number is: 1250 for "1.25". It has three decimals at most. */}}
{{- define "ai-platform.thousandths" -}}
{{- $parts := splitList "." . -}}
{{- $decimals := "" -}}
{{- if gt (len $parts) 1 -}}{{- $decimals = index $parts 1 -}}{{- end -}}
{{- $whole := include "ai-platform.integer" (index $parts 0) | int64 -}}
{{- add (mul $whole 1000) (include "ai-platform.integer" (printf "%s000" $decimals | trunc 3) | int64) -}}
{{- end }}

{{/* The thousandths of a core that an amount of CPU is: 250 for "250m", for "0.25" and for 0.25. */}}
{{- define "ai-platform.millicores" -}}
{{- $text := toString . -}}
{{- if kindIs "float64" . -}}{{- /* Else a million is 1e+06. */ -}}{{- $text = printf "%.3f" . -}}{{- end -}}
{{- if hasSuffix "m" $text -}}
{{- include "ai-platform.integer" (trimSuffix "m" $text) -}}
{{- else -}}
{{- include "ai-platform.thousandths" $text -}}
{{- end -}}
{{- end }}

{{/* An amount of CPU as the API server writes it. */}}
{{- define "ai-platform.cpu" -}}
{{- $millicores := include "ai-platform.millicores" . | int64 -}}
{{- if mod $millicores 1000 -}}{{- $millicores -}}m{{- else -}}{{- include "ai-platform.quantity" (div $millicores 1000 | toString) -}}{{- end -}}
{{- end }}

{{/* An amount of CPU as a number of cores: 0.25. */}}
{{- define "ai-platform.cores" -}}
{{- $millicores := include "ai-platform.millicores" . | int64 -}}
{{- printf "%d.%03d" (div $millicores 1000) (mod $millicores 1000) | regexFind "^[0-9]+(\\.[0-9]*[1-9])?" -}}
{{- end }}

{{/* How many bytes the suffix of an amount of memory or storage stands for. */}}
{{- define "ai-platform.unit" -}}
{{- $units := dict "" 1 "k" 1000 "M" 1000000 "G" 1000000000 "T" 1000000000000 "P" 1000000000000000 -}}
{{- $units = merge $units (dict "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 "Pi" 1125899906842624) -}}
{{- index $units (regexReplaceAll "^[0-9.]+" . "") -}}
{{- end }}

{{/* The thousandths of a byte that an amount of memory or storage is. More than 1Pi may be too many for 64 bits, and counts as 1Pi and a byte. */}}
{{- define "ai-platform.millibytes" -}}
{{- $most := 1125899906842624 -}}
{{- $unit := include "ai-platform.unit" . | int64 -}}
{{- if gt (include "ai-platform.integer" (regexFind "^[0-9]+" .) | int64) (div $most $unit) -}}
{{- mul (add $most 1) 1000 -}}
{{- else -}}
{{- mul (include "ai-platform.thousandths" (regexFind "^[0-9.]+" .) | int64) $unit -}}
{{- end -}}
{{- end }}

{{/* The number of bytes that an amount of memory or storage is. */}}
{{- define "ai-platform.bytes" -}}
{{- div (include "ai-platform.millibytes" . | int64) 1000 -}}
{{- end }}

{{/* An amount as the API server writes it. */}}
{{- define "ai-platform.quantity" -}}
{{- $amount := include "ai-platform.bytes" . | int64 -}}
{{- include "ai-platform.suffixed" (list $amount (and (hasSuffix "i" .) (ge $amount 1024))) -}}
{{- end }}

{{/* (list bytes binary): a number of bytes with the largest suffix that leaves it whole. */}}
{{- define "ai-platform.suffixed" -}}
{{- $amount := index . 0 | int64 -}}
{{- $step := 1000 -}}
{{- $suffixes := list "k" "M" "G" "T" "P" -}}
{{- if index . 1 -}}
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

{{/* A part of an amount that is not below the last, with a binary suffix: (list "2Gi" 1 8 "64Mi") is 256Mi. */}}
{{- define "ai-platform.binaryShare" -}}
{{- include "ai-platform.suffixed" (list (max (include "ai-platform.share" . | int64) (include "ai-platform.bytes" (index . 3) | int64)) true) -}}
{{- end }}

{{/* A digest of files of ConfigMaps: (list root path template key…), each with the path at which it is mounted. */}}
{{- define "ai-platform.checksum" -}}
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

{{/* The checks are for what no schema says well: mostly what the constructs refuse. Each gives a sentence if something is wrong. */}}

{{/* (list path image): an image is a reference with a tag or a digest. */}}
{{- define "ai-platform.checkImage" -}}
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
{{- define "ai-platform.checkCPU" -}}
{{- if and (ne (toString (index . 1)) "none") (eq (include "ai-platform.millicores" (index . 1)) "0") -}}
{{- printf "%s: %q must be at least 1m" (index . 0) (toString (index . 1)) -}}
{{- end -}}
{{- end }}

{{/* (list path amount least): an amount of memory or storage is within what has a use. */}}
{{- define "ai-platform.checkBytes" -}}
{{- $millibytes := include "ai-platform.millibytes" (index . 1) | int64 -}}
{{- $least := include "ai-platform.millibytes" (index . 2) | int64 -}}
{{- $most := include "ai-platform.millibytes" "1Pi" | int64 -}}
{{- if or (lt $millibytes $least) (gt $millibytes $most) -}}
{{- printf "%s: %q must be at least %s and at most 1Pi" (index . 0) (index . 1) (index . 2) -}}
{{- else if mod $millibytes 1000 -}}
{{- printf "%s: %q must be whole bytes" (index . 0) (index . 1) -}}
{{- end -}}
{{- end }}

{{/* (list path request path limit unit): a request is not above its limit, if there is one. */}}
{{- define "ai-platform.checkRequest" -}}
{{- $inUnits := printf "ai-platform.%s" (index . 4) -}}
{{- if eq (toString (index . 3)) "none" -}}
{{- else if gt (include $inUnits (index . 1) | int64) (include $inUnits (index . 3) | int64) -}}
{{- printf "%s: %q must not exceed %s, which is %q" (index . 0) (toString (index . 1)) (index . 2) (toString (index . 3)) -}}
{{- end -}}
{{- end }}

{{/* The names that a text refers to as $(NAME), as JSON. $$ is a dollar sign, and anything that is not a name stays as it is. */}}
{{- define "ai-platform.references" -}}
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
{{- define "ai-platform.inOrder" -}}
{{- $given := . -}}
{{- $variables := list -}}
{{- range index (include "ai-platform.ordering" . | fromJson) "placed" -}}
{{- $variables = append $variables (dict "name" . "value" (index $given .)) -}}
{{- end -}}
{{- toJson $variables -}}
{{- end }}

{{/* The names of variables in order, and those that lead back to themselves: each with the reference that does. */}}
{{- define "ai-platform.ordering" -}}
{{- $ordering := dict "variables" (include "ai-platform.given" . | fromJson) "begun" (dict) "placed" (list) "circular" (dict) -}}
{{- range $name, $_ := $ordering.variables -}}
{{- include "ai-platform.place" (list $ordering $name) -}}
{{- end -}}
{{- pick $ordering "placed" "circular" | toJson -}}
{{- end }}

{{/* Variables without those that a later values file takes away with null. */}}
{{- define "ai-platform.given" -}}
{{- $given := dict -}}
{{- range $name, $text := . -}}
{{- if not (kindIs "invalid" $text) -}}
{{- $_ := set $given $name $text -}}
{{- end -}}
{{- end -}}
{{- toJson $given -}}
{{- end }}

{{/* (list ordering name): a variable is placed after those that it refers to. */}}
{{- define "ai-platform.place" -}}
{{- $ordering := index . 0 -}}
{{- $name := index . 1 -}}
{{- if not (hasKey $ordering.begun $name) -}}
{{- $_ := set $ordering.begun $name true -}}
{{- range include "ai-platform.references" (index $ordering.variables $name) | fromJsonArray -}}
{{- if and (hasKey $ordering.begun .) (not (has . $ordering.placed)) -}}
{{- $_ := set $ordering.circular $name . -}}
{{- else if hasKey $ordering.variables . -}}
{{- include "ai-platform.place" (list $ordering .) -}}
{{- end -}}
{{- end -}}
{{- $_ := set $ordering "placed" (append $ordering.placed $name) -}}
{{- end -}}
{{- end }}

{{/* (list path text): Helm's toYaml, which writes maps and lists, makes a space of one character. */}}
{{- define "ai-platform.checkText" -}}
{{- if contains "\u0085" (index . 1) -}}
{{- printf "%s: %q must not contain U+0085, which Helm would turn into a space" (index . 0) (index . 1) -}}
{{- end -}}
{{- end }}

{{/* (list path map pattern): keys are as long as Kubernetes takes them, and those that match the pattern are the objects' own. */}}
{{- define "ai-platform.checkKeys" -}}
{{- $path := index . 0 -}}
{{- $taken := index . 2 -}}
{{- $problems := list -}}
{{- range $name, $text := index . 1 -}}
{{- if gt (regexFind "^.*/" $name | len) 254 -}}
{{- $problems = append $problems (printf "%s: %q must have at most 253 characters before the slash" $path $name) -}}
{{- else if and $taken (regexMatch $taken $name) -}}
{{- $problems = append $problems (printf "%s: %q is set by the chart itself: choose another name" $path $name) -}}
{{- end -}}
{{- with include "ai-platform.checkText" (list (printf "%s.%s" $path $name) $text) -}}
{{- $problems = append $problems . -}}
{{- end -}}
{{- end -}}
{{- join "\n- " $problems -}}
{{- end }}

{{/* (list path variables taken…): a variable from a Secret has a name that Kubernetes takes and no connection has. */}}
{{- define "ai-platform.checkNames" -}}
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
{{- define "ai-platform.checkVariables" -}}
{{- $path := index . 0 -}}
{{- $fromSecrets := keys (index . 2) -}}
{{- $taken := concat $fromSecrets (slice . 4) -}}
{{- $variables := include "ai-platform.given" (index . 1) | fromJson -}}
{{- $problems := compact (list (include "ai-platform.checkNames" (concat (list $path $variables) (slice . 4)))) -}}
{{- $circular := index (include "ai-platform.ordering" $variables | fromJson) "circular" -}}
{{- $others := ternary "." (include "ai-platform.clusterVariables" .) (not (empty (index . 3))) -}}
{{- range $name, $text := $variables -}}
{{- if has $name $fromSecrets -}}
{{- $problems = append $problems (printf "%s: %q is also in secretEnv" $path $name) -}}
{{- end -}}
{{- if contains "\x00" $text -}}
{{- $problems = append $problems (printf "%s.%s: %q must not contain NUL: the container would not start" $path $name $text) -}}
{{- end -}}
{{- range $to := include "ai-platform.references" $text | fromJsonArray -}}
{{- if eq $to (index $circular $name | default "") -}}
{{- $problems = append $problems (printf "%s.%s: %q refers to $(%s), which leads back to this variable: remove one of the references, or write $$(%s) for the text itself" $path $name $text $to $to) -}}
{{- else if not (or (hasKey $variables $to) (has $to $taken) (regexMatch $others $to)) -}}
{{- $problems = append $problems (printf "%s.%s: %q refers to $(%s), which the container does not have: add it to env or secretEnv, or write $$(%s) for the text itself" $path $name $text $to $to) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- join "\n- " $problems -}}
{{- end }}

{{- define "ai-platform.frontendProgram" -}}
{{- include "ai-platform.program" .Values.frontend -}}
{{- end }}

{{- define "ai-platform.backendProgram" -}}
{{- include "ai-platform.program" .Values.backend -}}
{{- end }}

{{/* The fields of a container that say what it runs instead of what its image says, and its variables from whole Secrets. */}}
{{- define "ai-platform.program" -}}
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
{{- define "ai-platform.checkWords" -}}
{{- $path := index . 0 -}}
{{- $known := concat (include "ai-platform.given" (index . 2) | fromJson | keys) (keys (index . 3)) (index . 5) -}}
{{- $others := ternary "." (include "ai-platform.clusterVariables" .) (not (empty (index . 4))) -}}
{{- $program := index . 6 -}}
{{- $problems := list -}}
{{- range $at, $word := index . 1 -}}
{{- if and $program (eq $at 0) (not $word) -}}
{{- $problems = append $problems (printf "%s[0]: must be the program to run" $path) -}}
{{- end -}}
{{- if contains "\x00" $word -}}
{{- $problems = append $problems (printf "%s[%d]: %q must not contain NUL: the container would not start" $path $at $word) -}}
{{- end -}}
{{- with include "ai-platform.checkText" (list (printf "%s[%d]" $path $at) $word) -}}
{{- $problems = append $problems . -}}
{{- end -}}
{{- range $to := include "ai-platform.references" $word | fromJsonArray -}}
{{- if not (or (has $to $known) (regexMatch $others $to)) -}}
{{- $problems = append $problems (printf "%s[%d]: %q refers to $(%s), which the container does not have: add it to env or secretEnv, or write $$(%s) for the text itself" $path $at $word $to $to) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- join "\n- " $problems -}}
{{- end }}

{{/* (list path directory): Kubernetes resolves no variables in it. */}}
{{- define "ai-platform.checkDirectory" -}}
{{- $directory := index . 1 | default "" -}}
{{- if contains "\x00" $directory -}}
{{- printf "%s: %q must not contain NUL: the container would not start" (index . 0) $directory -}}
{{- else if include "ai-platform.references" $directory | fromJsonArray -}}
{{- printf "%s: %q must not refer to variables: Kubernetes resolves none here" (index . 0) $directory -}}
{{- else -}}
{{- include "ai-platform.checkText" (list (index . 0) $directory) -}}
{{- end -}}
{{- end }}

{{/* The names of the variables that Kubernetes sets in every container. */}}
{{- define "ai-platform.clusterVariables" -}}
^KUBERNETES_(SERVICE_(HOST|PORT|PORT_HTTPS)|PORT(_443_TCP(_(PROTO|PORT|ADDR))?)?)$
{{- end }}

{{/* (list root): the namespace that the release closes is none of the cluster's own. */}}
{{- define "ai-platform.checkNamespace" -}}
{{- $root := index . 0 -}}
{{- if and $root.Values.namespace.create (regexMatch "^(default|kube-.*)$" $root.Release.Namespace) -}}
{{- printf "namespace.create: %q must not be one of the cluster's own namespaces, whose pods would lose all connections: choose another one, or set namespace.create to false" $root.Release.Namespace -}}
{{- end -}}
{{- end }}

{{/* (list path autoscaling): the greatest number of pods is not below the least. */}}
{{- define "ai-platform.checkReplicas" -}}
{{- $autoscaling := index . 1 -}}
{{- if and $autoscaling.enabled (lt (int $autoscaling.maxReplicas) (int $autoscaling.minReplicas)) -}}
{{- printf "%s: %v must not be below minReplicas, which is %v" (index . 0) $autoscaling.maxReplicas $autoscaling.minReplicas -}}
{{- end -}}
{{- end }}

{{/* (list backend): a volume for one node is for one pod. */}}
{{- define "ai-platform.checkFiles" -}}
{{- $backend := index . 0 -}}
{{- $several := or $backend.autoscaling.enabled (gt (int $backend.replicaCount) 1) -}}
{{- if and $several (ne $backend.storage.accessMode "ReadWriteMany") -}}
{{- printf "backend.storage.accessMode: %q must be ReadWriteMany for several replicas: use it, or one replica without autoscaling" $backend.storage.accessMode -}}
{{- end -}}
{{- end }}

{{/* (list values): a host that is a pattern, or any, cannot be asked, and one without TLS has no certificate. */}}
{{- define "ai-platform.checkPublicProbe" -}}
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
{{- define "ai-platform.checkHost" -}}
{{- $octet := "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])" -}}
{{- if regexMatch (printf "^%s(\\.%s){3}$" $octet $octet) (index . 1) -}}
{{- printf "%s: %q must be a DNS name, not an IP address" (index . 0) (index . 1) -}}
{{- end -}}
{{- end }}

{{/* What the constructs write for each ingress controller. */}}
{{- define "ai-platform.controllers" -}}
{"ingress-nginx": {"class":"nginx","classField":true,"namespace":"ingress-nginx","podLabels":{"app.kubernetes.io/name":"ingress-nginx"},"peer":{"podSelector":{"matchLabels":{"app.kubernetes.io/name":"ingress-nginx"}},"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"ingress-nginx"}}},"ports":[80,443],"annotations":{"plain":{"kubernetes.io/ingress.class":"nginx","nginx.ingress.kubernetes.io/rewrite-target":"/","nginx.ingress.kubernetes.io/ssl-redirect":"false"},"redirect":{"kubernetes.io/ingress.class":"nginx","nginx.ingress.kubernetes.io/rewrite-target":"/","nginx.ingress.kubernetes.io/ssl-redirect":"true"},"tls":{"kubernetes.io/ingress.class":"nginx","nginx.ingress.kubernetes.io/rewrite-target":"/","nginx.ingress.kubernetes.io/ssl-redirect":"false"}}},
"f5-nginx": {"class":"nginx","classField":true,"namespace":"nginx-ingress","podLabels":{"app.kubernetes.io/name":"nginx-ingress"},"peer":{"podSelector":{"matchLabels":{"app.kubernetes.io/name":"nginx-ingress"}},"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"nginx-ingress"}}},"ports":[80,443],"annotations":{"plain":{"nginx.org/ssl-redirect":"false"},"redirect":{"nginx.org/ssl-redirect":"true"},"tls":{"nginx.org/ssl-redirect":"false"}},"issuer":{"acme.cert-manager.io/http01-edit-in-place":"true"},"needsHost":true},
"traefik": {"class":"traefik","classField":true,"namespace":"traefik","podLabels":{"app.kubernetes.io/name":"traefik"},"peer":{"podSelector":{"matchLabels":{"app.kubernetes.io/name":"traefik"}},"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"traefik"}}},"ports":[8000,8443],"annotations":{"plain":{"traefik.ingress.kubernetes.io/router.entrypoints":"web"},"redirect":{"traefik.ingress.kubernetes.io/router.entrypoints":"websecure","traefik.ingress.kubernetes.io/router.tls":"true"},"tls":{"traefik.ingress.kubernetes.io/router.entrypoints":"web,websecure"}}},
"haproxy": {"class":"haproxy","classField":true,"namespace":"haproxy-controller","podLabels":{"app.kubernetes.io/name":"kubernetes-ingress"},"peer":{"podSelector":{"matchLabels":{"app.kubernetes.io/name":"kubernetes-ingress"}},"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"haproxy-controller"}}},"ports":[8080,8443],"annotations":{"plain":{"haproxy.org/ssl-redirect":"false"},"redirect":{"haproxy.org/ssl-redirect":"true","haproxy.org/ssl-redirect-code":"301","haproxy.org/ssl-redirect-port":"443"},"tls":{"haproxy.org/ssl-redirect":"false"}}},
"aws": {"class":"alb","classField":true,"ports":[80,443],"annotations":{"plain":{"alb.ingress.kubernetes.io/listen-ports":"[{\"HTTP\": 80}]","alb.ingress.kubernetes.io/target-type":"ip"},"redirect":{"alb.ingress.kubernetes.io/listen-ports":"[{\"HTTP\": 80}, {\"HTTPS\": 443}]","alb.ingress.kubernetes.io/ssl-redirect":"443","alb.ingress.kubernetes.io/target-type":"ip"},"tls":{"alb.ingress.kubernetes.io/listen-ports":"[{\"HTTP\": 80}, {\"HTTPS\": 443}]","alb.ingress.kubernetes.io/target-type":"ip"}},"noSecrets":true},
"gce": {"class":"gce","cidrs":["130.211.0.0/22","35.191.0.0/16"],"ports":[80,443],"annotations":{"plain":{"kubernetes.io/ingress.class":"gce"},"redirect":{"kubernetes.io/ingress.class":"gce"},"tls":{"kubernetes.io/ingress.class":"gce"}},"issuer":{"acme.cert-manager.io/http01-edit-in-place":"true"}},
"openshift": {"class":"openshift-default","classField":true,"namespace":"openshift-ingress","podLabels":{"ingresscontroller.operator.openshift.io/deployment-ingresscontroller":"default"},"peer":{"podSelector":{},"namespaceSelector":{"matchLabels":{"policy-group.network.openshift.io/ingress":""}}},"ports":[80,443],"annotations":{"plain":null,"redirect":null,"tls":null},"needsHost":true,"alwaysRedirects":true}}
{{- end }}

{{/* The description of the ingress controller, as JSON. */}}
{{- define "ai-platform.controller" -}}
{{- index (include "ai-platform.controllers" . | fromJson) .Values.ingress.controller.profile | default dict | toJson -}}
{{- end }}

{{/* The controller's pods: their namespace and labels, or nothing if requests arrive from addresses. */}}
{{- define "ai-platform.controllerPods" -}}
{{- $controller := include "ai-platform.controller" . | fromJson -}}
{{- $given := .Values.ingress.controller -}}
{{- if or $given.namespace $given.podLabels (not $given.cidrs) -}}
{{- $namespace := $given.namespace | default $controller.namespace -}}
{{- $labels := $given.podLabels | default $controller.podLabels -}}
{{- if or $namespace $labels -}}
{{- toJson (dict "namespace" $namespace "podLabels" $labels) -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* The controller's pods as a list of network policy peers: one, or none. */}}
{{- define "ai-platform.controllerPodPeers" -}}
{{- $peers := list -}}
{{- with include "ai-platform.controllerPods" . -}}
{{- $pods := fromJson . -}}
{{- $namespace := dict "matchLabels" (dict "kubernetes.io/metadata.name" $pods.namespace) -}}
{{- $peers = list (dict "namespaceSelector" $namespace "podSelector" (dict "matchLabels" $pods.podLabels)) -}}
{{- end -}}
{{- toJson $peers -}}
{{- end }}

{{/* (list families cidrs): CIDR blocks as network policy peers. Of 0.0.0.0/0 and ::/0 together, the one of a family that the cluster lacks is omitted. */}}
{{- define "ai-platform.blockPeers" -}}
{{- $families := index . 0 -}}
{{- $cidrs := index . 1 -}}
{{- $both := and (has "0.0.0.0/0" $cidrs) (has "::/0" $cidrs) $families -}}
{{- $peers := list -}}
{{- range $cidrs -}}
{{- $lacking := or (and (eq . "0.0.0.0/0") (not (has "IPv4" $families))) (and (eq . "::/0") (not (has "IPv6" $families))) -}}
{{- if not (and $both $lacking) -}}
{{- $peers = append $peers (dict "ipBlock" (dict "cidr" .)) -}}
{{- end -}}
{{- end -}}
{{- toJson $peers -}}
{{- end }}

{{/* The network policy peers from which the controller's requests arrive. */}}
{{- define "ai-platform.ingressPeers" -}}
{{- $controller := include "ai-platform.controller" . | fromJson -}}
{{- $cidrs := .Values.ingress.controller.cidrs | default $controller.cidrs | default list -}}
{{- $blocks := include "ai-platform.blockPeers" (list (.Values.cluster.ipFamilies | default list) $cidrs) | fromJsonArray -}}
{{- $pods := include "ai-platform.controllerPodPeers" . | fromJsonArray -}}
{{- if eq (include "ai-platform.controllerPods" .) (toJson (dict "namespace" $controller.namespace "podLabels" $controller.podLabels)) -}}
{{- $pods = list $controller.peer -}}
{{- end -}}
{{- toYaml (concat $pods $blocks) -}}
{{- end }}

{{/* Egress rules for the public probe: to any address, and to the controller's pods, which may listen on another port. */}}
{{- define "ai-platform.publicProbeRules" -}}
{{- $tls := .Values.ingress.tls.enabled -}}
{{- $port := ternary 443 80 $tls -}}
{{- $podPort := index (include "ai-platform.controller" . | fromJson).ports (ternary 1 0 $tls) | int -}}
{{- $pods := include "ai-platform.controllerPodPeers" . | fromJsonArray -}}
{{- $blocks := include "ai-platform.blockPeers" (list (.Values.cluster.ipFamilies | default list) (list "0.0.0.0/0" "::/0")) | fromJsonArray -}}
{{- $ports := list (dict "port" $port "protocol" "TCP") -}}
{{- if or (not $pods) (eq $port $podPort) -}}
{{- toYaml (list (dict "ports" $ports "to" (concat $pods $blocks))) -}}
{{- else -}}
{{- toYaml (list (dict "ports" $ports "to" $blocks) (dict "ports" (list (dict "port" $podPort "protocol" "TCP")) "to" $pods)) -}}
{{- end -}}
{{- end }}

{{/* The name of the blackbox exporter's module for the public host. */}}
{{- define "ai-platform.publicModuleName" -}}
http
{{- if .Values.ingress.tls.enabled -}}_tls{{- end -}}
{{- if .Values.monitoring.publicProbe.insecureSkipVerify -}}_any_certificate{{- end -}}
{{- if eq (join "," .Values.cluster.ipFamilies) "IPv6" -}}_ipv6{{- end -}}
{{- end }}

{{- define "ai-platform.publicModuleLabel" -}}
__param_module: {{ include "ai-platform.publicModuleName" . }}
{{- end }}

{{/* The module for the public host, unless it is the one for Services. */}}
{{- define "ai-platform.publicModule" -}}
{{- $name := include "ai-platform.publicModuleName" . -}}
{{- if and .Values.ingress.enabled .Values.monitoring.publicProbe.enabled (ne $name "http") -}}
{{ $name }}:
  prober: http
  timeout: 5s
  http:
    preferred_ip_protocol: {{ if hasSuffix "_ipv6" $name }}ip6{{ else }}ip4{{ end }}
    body_size_limit: 10MB
    {{- if .Values.ingress.tls.enabled }}
    fail_if_not_ssl: true
    {{- end }}
    {{- if .Values.monitoring.publicProbe.insecureSkipVerify }}
    tls_config:
      insecure_skip_verify: true
    {{- end }}
{{- end -}}
{{- end }}

{{- define "ai-platform.className" -}}
{{- .Values.ingress.className | default (include "ai-platform.controller" . | fromJson).class -}}
{{- end }}

{{/* The field ingressClassName, for controllers that read it. */}}
{{- define "ai-platform.ingressClass" -}}
{{- if (include "ai-platform.controller" . | fromJson).classField -}}
ingressClassName: {{ include "ai-platform.className" . | quote }}
{{- end -}}
{{- end }}

{{/* The field secretName, for controllers that read it. */}}
{{- define "ai-platform.ingressSecret" -}}
{{- if not (include "ai-platform.controller" . | fromJson).noSecrets -}}
secretName: {{ .Values.ingress.tls.secretName | quote }}
{{- end -}}
{{- end }}

{{/* The issuer of the certificate, if there is one and the controller reads Secrets. */}}
{{- define "ai-platform.clusterIssuer" -}}
{{- if not (include "ai-platform.controller" . | fromJson).noSecrets -}}
{{- .Values.ingress.tls.clusterIssuer -}}
{{- end -}}
{{- end }}

{{/* The annotations of the Ingress: the controller's, overridden by those in the values, and the issuer's. */}}
{{- define "ai-platform.ingressAnnotations" -}}
{{- $controller := include "ai-platform.controller" . | fromJson -}}
{{- $tls := .Values.ingress.tls -}}
{{- $annotations := index $controller.annotations (ternary (ternary "redirect" "tls" $tls.redirect) "plain" $tls.enabled) | default dict -}}
{{- if hasKey $annotations "kubernetes.io/ingress.class" -}}
{{- $_ := set $annotations "kubernetes.io/ingress.class" (include "ai-platform.className" .) -}}
{{- end -}}
{{- $annotations = mergeOverwrite $annotations (.Values.ingress.annotations | default dict) -}}
{{- $issuer := include "ai-platform.clusterIssuer" . -}}
{{- if and $tls.enabled $issuer -}}
{{- $annotations = merge $annotations (dict "cert-manager.io/cluster-issuer" $issuer) ($controller.issuer | default dict) -}}
{{- end -}}
{{- with $annotations -}}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end -}}
{{- end }}

{{/* (list values): reports settings that the ingress controller does not support. */}}
{{- define "ai-platform.checkController" -}}
{{- $values := index . 0 -}}
{{- $ingress := $values.ingress -}}
{{- $given := $ingress.controller -}}
{{- $problems := list -}}
{{- if $ingress.enabled -}}
{{- $root := dict "Values" $values -}}
{{- $profile := $given.profile -}}
{{- $controller := include "ai-platform.controller" $root | fromJson -}}
{{- if and (eq $profile "traefik") $ingress.tls.enabled $ingress.tls.redirect (not $given.redirects) -}}
{{- $problems = append $problems "ingress.controller.redirects: must be true with the profile traefik, which cannot redirect one Ingress by annotations: configure Traefik's entry point \"web\" to redirect (in its chart ports.web.http.redirections.entryPoint), or set ingress.tls.redirect to false" -}}
{{- end -}}
{{- if and $given.redirects (ne $profile "traefik") -}}
{{- $problems = append $problems (printf "ingress.controller.redirects: is for the profile traefik only: remove it, as %s redirects by annotations" $profile) -}}
{{- end -}}
{{- if and (eq $profile "gce") $ingress.tls.enabled $ingress.tls.redirect (not (index ($ingress.annotations | default dict) "networking.gke.io/v1beta1.FrontendConfig")) -}}
{{- $problems = append $problems "ingress.tls.redirect: must be false with the profile gce, which redirects by a FrontendConfig only: create one and name it in ingress.annotations, as networking.gke.io/v1beta1.FrontendConfig" -}}
{{- end -}}
{{- if and $controller.alwaysRedirects $ingress.tls.enabled (not $ingress.tls.redirect) -}}
{{- $problems = append $problems (printf "ingress.tls.redirect: must be true with the profile %s, which redirects all hosts with TLS" $profile) -}}
{{- end -}}
{{- with include "ai-platform.controllerPods" $root -}}
{{- $pods := fromJson . -}}
{{- if not $pods.namespace -}}
{{- $problems = append $problems "ingress.controller.namespace: is required with podLabels" -}}
{{- end -}}
{{- if not $pods.podLabels -}}
{{- $problems = append $problems "ingress.controller.podLabels: is required with namespace: without labels all pods there would be let in" -}}
{{- end -}}
{{- end -}}
{{- if not (or $given.cidrs $controller.cidrs (include "ai-platform.controllerPods" $root)) -}}
{{- $problems = append $problems (printf "ingress.controller.cidrs: is required, as requests of %s come from addresses: list the blocks, such as the subnets of the load balancer" $profile) -}}
{{- end -}}
{{- $cidrs := $given.cidrs | default $controller.cidrs | default list -}}
{{- range $cidrs -}}
{{- with include "ai-platform.checkCIDR" (list "ingress.controller.cidrs" . $cidrs ($values.cluster.ipFamilies | default list)) -}}
{{- $problems = append $problems . -}}
{{- end -}}
{{- end -}}
{{- range $key, $_ := $ingress.annotations -}}
{{- range $prefix, $of := dict "nginx.ingress.kubernetes.io/" "ingress-nginx" "nginx.org/" "f5-nginx" "traefik.ingress.kubernetes.io/" "traefik" "haproxy.org/" "haproxy" "alb.ingress.kubernetes.io/" "aws" "networking.gke.io/" "gce" "route.openshift.io/" "openshift" "haproxy.router.openshift.io/" "openshift" -}}
{{- if and (hasPrefix $prefix $key) (ne $of $profile) -}}
{{- $problems = append $problems (printf "ingress.annotations: %q is for %s, and %s ignores it: remove it, or set ingress.controller.profile" $key $of $profile) -}}
{{- end -}}
{{- end -}}
{{- if and (has $key (list "cert-manager.io/issuer" "kubernetes.io/tls-acme")) (or (not $ingress.tls.enabled) $controller.noSecrets) -}}
{{- $problems = append $problems (printf "ingress.annotations: %q asks for a certificate, which no Secret of this Ingress holds: remove it" $key) -}}
{{- end -}}
{{- end -}}
{{- if not $ingress.host -}}
{{- if $ingress.tls.enabled -}}
{{- $problems = append $problems "ingress.host: is empty, and no certificate is for every host: set it, or set ingress.tls.enabled to false" -}}
{{- end -}}
{{- if $controller.needsHost -}}
{{- $problems = append $problems (printf "ingress.host: is empty, and %s serves no Ingress without a host: set it" $profile) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- join "\n- " $problems -}}
{{- end }}

{{/* (list path cidr cidrs families): reports a malformed CIDR block, and one of a family that the cluster lacks. */}}
{{- define "ai-platform.checkCIDR" -}}
{{- $path := index . 0 -}}
{{- $cidr := index . 1 -}}
{{- $families := index . 3 -}}
{{- $octet := "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])" -}}
{{- $family := ternary "IPv6" "IPv4" (contains ":" $cidr) -}}
{{- $both := and (has "0.0.0.0/0" (index . 2)) (has "::/0" (index . 2)) (has $cidr (list "0.0.0.0/0" "::/0")) -}}
{{- if eq $family "IPv4" -}}
{{- if not (regexMatch (printf "^%s([.]%s){3}/(3[0-2]|[12]?[0-9])$" $octet $octet) $cidr) -}}
{{- printf "%s: %q must be an address block such as \"10.20.0.0/16\"" $path $cidr -}}
{{- else -}}
{{- $parts := splitList "/" $cidr -}}
{{- $address := 0 -}}
{{- range splitList "." (index $parts 0) -}}{{- $address = add (mul $address 256) (atoi .) -}}{{- end -}}
{{- $size := 1 -}}
{{- range until (sub 32 (index $parts 1 | atoi) | int) -}}{{- $size = mul $size 2 -}}{{- end -}}
{{- if mod $address $size -}}
{{- printf "%s: %q must begin with the first address of the block" $path $cidr -}}
{{- end -}}
{{- end -}}
{{- else -}}
{{- $groups := "([1-9a-f][0-9a-f]{0,3}|0)(:([1-9a-f][0-9a-f]{0,3}|0)){0,6}" -}}
{{- $whole := "([1-9a-f][0-9a-f]{0,3}|0)(:([1-9a-f][0-9a-f]{0,3}|0)){7}" -}}
{{- $address := first (splitList "/" $cidr) -}}
{{- if not (regexMatch (printf "^((%s)?::(%s)?|%s)/(12[0-8]|1[01][0-9]|[1-9]?[0-9])$" $groups $groups $whole) $cidr) -}}
{{- printf "%s: %q must be an address block such as \"2001:db8::/32\"" $path $cidr -}}
{{- else if and (contains "::" $address) (gt (len (compact (splitList ":" $address))) 7) -}}
{{- printf "%s: %q must be an address block such as \"2001:db8::/32\"" $path $cidr -}}
{{- end -}}
{{- end -}}
{{- if and $families (not (has $family $families)) (not $both) -}}
{{- printf "%s: %q is of %s, which cluster.ipFamilies does not have: remove one of them" $path $cidr $family -}}
{{- end -}}
{{- end }}
