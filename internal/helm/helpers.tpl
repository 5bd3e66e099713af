{{/* The thousandths of a core that an amount of CPU is: 250 for "250m", for "0.25" and for 0.25. */}}
{{- define "CHART.millicores" -}}
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
{{- define "CHART.cpu" -}}
{{- $millicores := include "CHART.millicores" . | int64 -}}
{{- if mod $millicores 1000 -}}{{- $millicores -}}m{{- else -}}{{- div $millicores 1000 -}}{{- end -}}
{{- end }}

{{/* An amount of CPU as a number of cores: 0.25. */}}
{{- define "CHART.cores" -}}
{{- $millicores := include "CHART.millicores" . | int64 -}}
{{- printf "%d.%03d" (div $millicores 1000) (mod $millicores 1000) | regexFind "^[0-9]+(\\.[0-9]*[1-9])?" -}}
{{- end }}

{{/* The number of bytes that an amount of memory or storage is. */}}
{{- define "CHART.bytes" -}}
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
{{- define "CHART.quantity" -}}
{{- $amount := include "CHART.bytes" . | int64 -}}
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
{{- define "CHART.share" -}}
{{- mul (div (include "CHART.bytes" (index . 0) | int64) (index . 2)) (index . 1) -}}
{{- end }}

{{/* A digest of files, which are given in turn with their paths. */}}
{{- define "CHART.checksum" -}}
{{- $all := "" -}}
{{- range chunk 2 . -}}
{{- $path := index . 0 -}}
{{- $content := printf "%s\n" (index . 1) -}}
{{- $all = printf "%s%d %s %d %s" $all (len $path) $path (len $content) $content -}}
{{- end -}}
{{- sha256sum $all -}}
{{- end }}
