{{- /* Generated from the constructs by "make synth". DO NOT EDIT. */}}

{{- define "ai-platform.file.ai-platform-alertmanager-files.alertmanager.yml" -}}
route:
  receiver: people
  group_by:
    - alertname
    - namespace
    - job
  group_wait: 30s
  group_interval: 5m
  repeat_interval: 12h
  routes:
    - matchers:
        - severity="critical"
      group_wait: 10s
      repeat_interval: 1h
inhibit_rules:
  - source_matchers:
      - alertname="TierDown"
    target_matchers:
      - alertname!="TierDown"
    equal:
      - namespace
      - job
  - source_matchers:
      - alertname="ErrorBudgetBurnFast"
    target_matchers:
      - alertname="ErrorBudgetBurnSlow"
    equal:
      - namespace
      - job
receivers:
  - name: people
    slack_configs:
      - api_url_file: /etc/alertmanager/secrets/slack-url
        send_resolved: true
        title: '[{{ "{{" }} .Status }}] {{ "{{" }} .CommonLabels.alertname }} in {{ "{{" }} .CommonLabels.namespace }}'
        text: |-
          {{ "{{" }} range .Alerts }}{{ "{{" }} .Annotations.summary }} ({{ "{{" }} .Labels.severity }})
          {{ "{{" }} .Annotations.runbook_url }}
          {{ "{{" }} end }}
{{- end }}
