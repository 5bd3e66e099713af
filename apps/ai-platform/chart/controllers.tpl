{{/* The description of the ingress controller, as JSON. */}}
{{- define "CHART.controller" -}}
{{- index (include "CHART.controllers" . | fromJson) .Values.ingress.controller.profile | default dict | toJson -}}
{{- end }}

{{/* The controller's pods: their namespace and labels, or nothing if requests arrive from addresses. */}}
{{- define "CHART.controllerPods" -}}
{{- $controller := include "CHART.controller" . | fromJson -}}
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
{{- define "CHART.controllerPodPeers" -}}
{{- $peers := list -}}
{{- with include "CHART.controllerPods" . -}}
{{- $pods := fromJson . -}}
{{- $namespace := dict "matchLabels" (dict "kubernetes.io/metadata.name" $pods.namespace) -}}
{{- $peers = list (dict "namespaceSelector" $namespace "podSelector" (dict "matchLabels" $pods.podLabels)) -}}
{{- end -}}
{{- toJson $peers -}}
{{- end }}

{{/* (list families cidrs): CIDR blocks as network policy peers. Of 0.0.0.0/0 and ::/0 together, the one of a family that the cluster lacks is omitted. */}}
{{- define "CHART.blockPeers" -}}
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
{{- define "CHART.ingressPeers" -}}
{{- $controller := include "CHART.controller" . | fromJson -}}
{{- $cidrs := .Values.ingress.controller.cidrs | default $controller.cidrs | default list -}}
{{- $blocks := include "CHART.blockPeers" (list (.Values.cluster.ipFamilies | default list) $cidrs) | fromJsonArray -}}
{{- $pods := include "CHART.controllerPodPeers" . | fromJsonArray -}}
{{- if eq (include "CHART.controllerPods" .) (toJson (dict "namespace" $controller.namespace "podLabels" $controller.podLabels)) -}}
{{- $pods = list $controller.peer -}}
{{- end -}}
{{- toYaml (concat $pods $blocks) -}}
{{- end }}

{{/* Egress rules for the public probe: to any address, and to the controller's pods, which may listen on another port. */}}
{{- define "CHART.publicProbeRules" -}}
{{- $tls := .Values.ingress.tls.enabled -}}
{{- $port := ternary 443 80 $tls -}}
{{- $podPort := index (include "CHART.controller" . | fromJson).ports (ternary 1 0 $tls) | int -}}
{{- $pods := include "CHART.controllerPodPeers" . | fromJsonArray -}}
{{- $blocks := include "CHART.blockPeers" (list (.Values.cluster.ipFamilies | default list) (list "0.0.0.0/0" "::/0")) | fromJsonArray -}}
{{- $ports := list (dict "port" $port "protocol" "TCP") -}}
{{- if or (not $pods) (eq $port $podPort) -}}
{{- toYaml (list (dict "ports" $ports "to" (concat $pods $blocks))) -}}
{{- else -}}
{{- toYaml (list (dict "ports" $ports "to" $blocks) (dict "ports" (list (dict "port" $podPort "protocol" "TCP")) "to" $pods)) -}}
{{- end -}}
{{- end }}

{{/* The name of the blackbox exporter's module for the public host. */}}
{{- define "CHART.publicModuleName" -}}
http
{{- if .Values.ingress.tls.enabled -}}_tls{{- end -}}
{{- if .Values.monitoring.publicProbe.insecureSkipVerify -}}_any_certificate{{- end -}}
{{- if eq (join "," .Values.cluster.ipFamilies) "IPv6" -}}_ipv6{{- end -}}
{{- end }}

{{- define "CHART.publicModuleLabel" -}}
__param_module: {{ include "CHART.publicModuleName" . }}
{{- end }}

{{/* The module for the public host, unless it is the one for Services. */}}
{{- define "CHART.publicModule" -}}
{{- $name := include "CHART.publicModuleName" . -}}
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

{{- define "CHART.className" -}}
{{- .Values.ingress.className | default (include "CHART.controller" . | fromJson).class -}}
{{- end }}

{{/* The field ingressClassName, for controllers that read it. */}}
{{- define "CHART.ingressClass" -}}
{{- if (include "CHART.controller" . | fromJson).classField -}}
ingressClassName: {{ include "CHART.className" . | quote }}
{{- end -}}
{{- end }}

{{/* The field secretName, for controllers that read it. */}}
{{- define "CHART.ingressSecret" -}}
{{- if not (include "CHART.controller" . | fromJson).noSecrets -}}
secretName: {{ .Values.ingress.tls.secretName | quote }}
{{- end -}}
{{- end }}

{{/* The issuer of the certificate, if there is one and the controller reads Secrets. */}}
{{- define "CHART.clusterIssuer" -}}
{{- if not (include "CHART.controller" . | fromJson).noSecrets -}}
{{- .Values.ingress.tls.clusterIssuer -}}
{{- end -}}
{{- end }}

{{/* The annotations of the Ingress: the controller's, overridden by those in the values, and the issuer's. */}}
{{- define "CHART.ingressAnnotations" -}}
{{- $controller := include "CHART.controller" . | fromJson -}}
{{- $tls := .Values.ingress.tls -}}
{{- $annotations := index $controller.annotations (ternary (ternary "redirect" "tls" $tls.redirect) "plain" $tls.enabled) | default dict -}}
{{- if hasKey $annotations "kubernetes.io/ingress.class" -}}
{{- $_ := set $annotations "kubernetes.io/ingress.class" (include "CHART.className" .) -}}
{{- end -}}
{{- $annotations = mergeOverwrite $annotations (.Values.ingress.annotations | default dict) -}}
{{- $issuer := include "CHART.clusterIssuer" . -}}
{{- if and $tls.enabled $issuer -}}
{{- $annotations = merge $annotations (dict "cert-manager.io/cluster-issuer" $issuer) ($controller.issuer | default dict) -}}
{{- end -}}
{{- with $annotations -}}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end -}}
{{- end }}

{{/* (list values): reports settings that the ingress controller does not support. */}}
{{- define "CHART.checkController" -}}
{{- $values := index . 0 -}}
{{- $ingress := $values.ingress -}}
{{- $given := $ingress.controller -}}
{{- $problems := list -}}
{{- if $ingress.enabled -}}
{{- $root := dict "Values" $values -}}
{{- $profile := $given.profile -}}
{{- $controller := include "CHART.controller" $root | fromJson -}}
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
{{- with include "CHART.controllerPods" $root -}}
{{- $pods := fromJson . -}}
{{- if not $pods.namespace -}}
{{- $problems = append $problems "ingress.controller.namespace: is required with podLabels" -}}
{{- end -}}
{{- if not $pods.podLabels -}}
{{- $problems = append $problems "ingress.controller.podLabels: is required with namespace: without labels all pods there would be let in" -}}
{{- end -}}
{{- end -}}
{{- if not (or $given.cidrs $controller.cidrs (include "CHART.controllerPods" $root)) -}}
{{- $problems = append $problems (printf "ingress.controller.cidrs: is required, as requests of %s come from addresses: list the blocks, such as the subnets of the load balancer" $profile) -}}
{{- end -}}
{{- $cidrs := $given.cidrs | default $controller.cidrs | default list -}}
{{- range $cidrs -}}
{{- with include "CHART.checkCIDR" (list "ingress.controller.cidrs" . $cidrs ($values.cluster.ipFamilies | default list)) -}}
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
{{- define "CHART.checkCIDR" -}}
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
