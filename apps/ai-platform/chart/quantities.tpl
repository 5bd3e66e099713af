{{/* The number that digits are: "08" is eight, and not a mistake in base eight. */}}
{{- define "CHART.integer" -}}
{{- regexReplaceAll "^0+([0-9])" . "${1}" | int64 -}}
{{- end }}

{{/* The thousandths that a number is: 1250 for "1.25". It has three decimals at most. */}}
{{- define "CHART.thousandths" -}}
{{- $parts := splitList "." . -}}
{{- $decimals := "" -}}
{{- if gt (len $parts) 1 -}}{{- $decimals = index $parts 1 -}}{{- end -}}
{{- $whole := include "CHART.integer" (index $parts 0) | int64 -}}
{{- add (mul $whole 1000) (include "CHART.integer" (printf "%s000" $decimals | trunc 3) | int64) -}}
{{- end }}

{{/* The thousandths of a core that an amount of CPU is: 250 for "250m", for "0.25" and for 0.25. */}}
{{- define "CHART.millicores" -}}
{{- $text := toString . -}}
{{- if kindIs "float64" . -}}{{- /* Else a million is 1e+06. */ -}}{{- $text = printf "%.3f" . -}}{{- end -}}
{{- if hasSuffix "m" $text -}}
{{- include "CHART.integer" (trimSuffix "m" $text) -}}
{{- else -}}
{{- include "CHART.thousandths" $text -}}
{{- end -}}
{{- end }}

{{/* An amount of CPU as the API server writes it. */}}
{{- define "CHART.cpu" -}}
{{- $millicores := include "CHART.millicores" . | int64 -}}
{{- if mod $millicores 1000 -}}{{- $millicores -}}m{{- else -}}{{- include "CHART.quantity" (div $millicores 1000 | toString) -}}{{- end -}}
{{- end }}

{{/* An amount of CPU as a number of cores: 0.25. */}}
{{- define "CHART.cores" -}}
{{- $millicores := include "CHART.millicores" . | int64 -}}
{{- printf "%d.%03d" (div $millicores 1000) (mod $millicores 1000) | regexFind "^[0-9]+(\\.[0-9]*[1-9])?" -}}
{{- end }}

{{/* How many bytes the suffix of an amount of memory or storage stands for. */}}
{{- define "CHART.unit" -}}
{{- $units := dict "" 1 "k" 1000 "M" 1000000 "G" 1000000000 "T" 1000000000000 "P" 1000000000000000 -}}
{{- $units = merge $units (dict "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 "Pi" 1125899906842624) -}}
{{- index $units (regexReplaceAll "^[0-9.]+" . "") -}}
{{- end }}

{{/* The thousandths of a byte that an amount of memory or storage is. More than 1Pi may be too many for 64 bits, and counts as 1Pi and a byte. */}}
{{- define "CHART.millibytes" -}}
{{- $most := 1125899906842624 -}}
{{- $unit := include "CHART.unit" . | int64 -}}
{{- if gt (include "CHART.integer" (regexFind "^[0-9]+" .) | int64) (div $most $unit) -}}
{{- mul (add $most 1) 1000 -}}
{{- else -}}
{{- mul (include "CHART.thousandths" (regexFind "^[0-9.]+" .) | int64) $unit -}}
{{- end -}}
{{- end }}

{{/* The number of bytes that an amount of memory or storage is. */}}
{{- define "CHART.bytes" -}}
{{- div (include "CHART.millibytes" . | int64) 1000 -}}
{{- end }}

{{/* An amount as the API server writes it. */}}
{{- define "CHART.quantity" -}}
{{- $amount := include "CHART.bytes" . | int64 -}}
{{- include "CHART.suffixed" (list $amount (and (hasSuffix "i" .) (ge $amount 1024))) -}}
{{- end }}

{{/* (list bytes binary): a number of bytes with the largest suffix that leaves it whole. */}}
{{- define "CHART.suffixed" -}}
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
{{- define "CHART.share" -}}
{{- mul (div (include "CHART.bytes" (index . 0) | int64) (index . 2)) (index . 1) -}}
{{- end }}

{{/* A part of an amount that is not below the last, with a binary suffix: (list "2Gi" 1 8 "64Mi") is 256Mi. */}}
{{- define "CHART.binaryShare" -}}
{{- include "CHART.suffixed" (list (max (include "CHART.share" . | int64) (include "CHART.bytes" (index . 3) | int64)) true) -}}
{{- end }}
