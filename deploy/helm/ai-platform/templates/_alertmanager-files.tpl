{{- /* Generated from the constructs by "make synth". DO NOT EDIT. */}}

{{- define "ai-platform.file.ai-platform-alertmanager-files.alertmanager.yml" -}}
route:
  receiver: nobody
  group_by:
    - alertname
    - namespace
    - job
  group_wait: 30s
  group_interval: 5m
  repeat_interval: 12h
  routes:
    - receiver: slack
      matchers:
        - severity="critical"
      group_wait: 10s
      repeat_interval: 1h
    - receiver: slack
      matchers:
        - severity="warning"
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
      - alertname=~"ErrorBudgetBurnSlow"
    equal:
      - namespace
      - job
  - source_matchers:
      - alertname="CronJobFailed"
    target_matchers:
      - alertname=~"CronJobOverdue"
    equal:
      - namespace
      - cronjob
  - source_matchers:
      - alertname="VolumeAlmostFull"
    target_matchers:
      - alertname=~"VolumeFillingUp|PostgresVolumeAlmostFull|PostgresVolumeFillingUp"
    equal:
      - namespace
      - persistentvolumeclaim
  - source_matchers:
      - alertname="PostgresVolumeAlmostFull"
    target_matchers:
      - alertname=~"VolumeFillingUp|PostgresVolumeFillingUp"
    equal:
      - namespace
      - persistentvolumeclaim
  - source_matchers:
      - alertname="VolumeFillingUp"
    target_matchers:
      - alertname=~"PostgresVolumeFillingUp"
    equal:
      - namespace
      - persistentvolumeclaim
  - source_matchers:
      - alertname="CertificateAboutToExpire"
    target_matchers:
      - alertname=~"CertificateExpiring"
    equal:
      - namespace
      - name
receivers:
  - name: nobody
  - name: slack
    slack_configs:
      - api_url_file: /etc/alertmanager/secrets/slack/slack-url
        send_resolved: true
        title: '[{{ "{{" }} .Status }}] {{ "{{" }} .CommonLabels.alertname }} in {{ "{{" }} .CommonLabels.namespace }}'
        text: |-
          {{ "{{" }} range .Alerts }}{{ "{{" }} .Annotations.summary }} ({{ "{{" }} .Labels.severity }})
          {{ "{{" }} .Annotations.runbook_url }}
          {{ "{{" }} end }}
{{- end }}
