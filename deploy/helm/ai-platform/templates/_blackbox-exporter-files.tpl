{{- /* Generated from the constructs by "make synth". DO NOT EDIT. */}}

{{- define "ai-platform.file.ai-platform-blackbox-exporter-files.config.yml" -}}
modules:
  http:
    prober: http
    timeout: 5s
    http:
      preferred_ip_protocol: ip4
      body_size_limit: 10MB
{{- if .Values.monitoring.publicProbe.enabled }}
{{- if .Values.monitoring.publicProbe.anyCertificate }}
  http_tls_any_certificate:
    prober: http
    timeout: 5s
    http:
      preferred_ip_protocol: ip4
      body_size_limit: 10MB
      fail_if_not_ssl: true
      tls_config:
        insecure_skip_verify: true
{{- else }}
  http_tls:
    prober: http
    timeout: 5s
    http:
      preferred_ip_protocol: ip4
      body_size_limit: 10MB
      fail_if_not_ssl: true
{{- end }}
{{- end }}
{{- if not .Values.database.backup.enabled }}
{{- end }}
{{- end }}
