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
