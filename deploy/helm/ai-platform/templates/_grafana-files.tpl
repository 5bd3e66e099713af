{{- /* Generated from the constructs by "make synth". DO NOT EDIT. */}}

{{- define "ai-platform.file.ai-platform-grafana-files.dashboards.yaml" -}}
apiVersion: 1
providers:
  - name: ai-platform
    type: file
    disableDeletion: true
    allowUiUpdates: false
    options:
      path: /etc/grafana/dashboards
{{- end }}

{{- define "ai-platform.file.ai-platform-grafana-files.prometheus.yaml" -}}
apiVersion: 1
datasources:
  - name: Prometheus
    uid: prometheus
    type: prometheus
    access: proxy
    url: http://ai-platform-prometheus:9090
    isDefault: true
    editable: false
    jsonData:
      timeInterval: 30s
{{- end }}
