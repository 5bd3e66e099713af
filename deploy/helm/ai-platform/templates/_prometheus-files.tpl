{{- /* Generated from the constructs by "make synth". DO NOT EDIT. */}}

{{- define "ai-platform.file.ai-platform-prometheus-files.prometheus.yml" -}}
global:
  scrape_interval: 30s
  evaluation_interval: 30s
rule_files:
  - /etc/prometheus/rules.yml
alerting:
  alertmanagers:
    - static_configs:
        - targets:
            - ai-platform-alertmanager:9093
scrape_configs:
  - job_name: ai-platform-database
    metrics_path: /metrics
    dns_sd_configs:
      - names:
          - ai-platform-database-metrics
        type: A
        port: 9187
      - names:
          - ai-platform-database-metrics
        type: AAAA
        port: 9187
    relabel_configs:
      - target_label: namespace
        replacement: "{{ .Release.Namespace }}"
      - target_label: component
        replacement: "database"
  - job_name: ai-platform-redis
    metrics_path: /metrics
    dns_sd_configs:
      - names:
          - ai-platform-redis-metrics
        type: A
        port: 9121
      - names:
          - ai-platform-redis-metrics
        type: AAAA
        port: 9121
    relabel_configs:
      - target_label: namespace
        replacement: "{{ .Release.Namespace }}"
      - target_label: component
        replacement: "redis"
  - job_name: ai-platform-backend
    metrics_path: /metrics
    dns_sd_configs:
      - names:
          - ai-platform-backend-metrics
        type: A
        port: 9464
      - names:
          - ai-platform-backend-metrics
        type: AAAA
        port: 9464
    relabel_configs:
      - target_label: namespace
        replacement: "{{ .Release.Namespace }}"
      - target_label: component
        replacement: "backend"
  - job_name: ai-platform-kube-state-metrics
    honor_labels: true
    metrics_path: /metrics
    dns_sd_configs:
      - names:
          - ai-platform-kube-state-metrics-metrics
        type: A
        port: 8080
      - names:
          - ai-platform-kube-state-metrics-metrics
        type: AAAA
        port: 8080
    relabel_configs:
      - target_label: namespace
        replacement: "{{ .Release.Namespace }}"
      - target_label: component
        replacement: "kube-state-metrics"
  - job_name: ai-platform-blackbox-exporter
    metrics_path: /metrics
    dns_sd_configs:
      - names:
          - ai-platform-blackbox-exporter-metrics
        type: A
        port: 9115
      - names:
          - ai-platform-blackbox-exporter-metrics
        type: AAAA
        port: 9115
    relabel_configs:
      - target_label: namespace
        replacement: "{{ .Release.Namespace }}"
      - target_label: component
        replacement: "blackbox-exporter"
  - job_name: ai-platform-alertmanager
    metrics_path: /metrics
    dns_sd_configs:
      - names:
          - ai-platform-alertmanager-metrics
        type: A
        port: 9093
      - names:
          - ai-platform-alertmanager-metrics
        type: AAAA
        port: 9093
    relabel_configs:
      - target_label: namespace
        replacement: "{{ .Release.Namespace }}"
      - target_label: component
        replacement: "alertmanager"
  - job_name: ai-platform-frontend
    metrics_path: /probe
    static_configs:
      - targets:
          - http://ai-platform-frontend:80/health
          - http://ai-platform-frontend:80/
        labels:
          __param_module: http
          probe: service
{{- if .Values.monitoring.publicProbe.enabled }}
      - targets:
          - https://{{ .Values.ingress.host }}/
        labels:
{{- if .Values.monitoring.publicProbe.anyCertificate }}
          __param_module: http_tls_any_certificate
{{- else }}
          __param_module: http_tls
{{- end }}
          probe: public
{{- end }}
    relabel_configs:
      - source_labels: [__address__]
        target_label: __param_target
      - source_labels: [__param_target]
        target_label: instance
      - target_label: __address__
        replacement: "ai-platform-blackbox-exporter:9115"
      - target_label: namespace
        replacement: "{{ .Release.Namespace }}"
      - target_label: component
        replacement: "frontend"
  - job_name: ai-platform-prometheus
    static_configs:
      - targets:
          - localhost:9090
    relabel_configs:
      - target_label: namespace
        replacement: "{{ .Release.Namespace }}"
      - target_label: component
        replacement: "prometheus"
{{- if not .Values.database.backup.enabled }}
{{- end }}
{{- end }}

{{- define "ai-platform.file.ai-platform-prometheus-files.rules.yml" -}}
groups:
  - name: ai-platform-database
    rules:
      - alert: PostgresDown
        expr: pg_up{namespace="{{ .Release.Namespace }}",job="ai-platform-database"} == 0
        for: 1m
        labels:
          severity: critical
        annotations:
          runbook_url: https://github.com/ai-platform/manifests/blob/main/docs/runbooks.md#postgresdown
          summary: '{{ "{{" }} $labels.job }} does not answer its exporter'
      - alert: ConnectionsExhausted
        expr: sum by (namespace, job) (pg_stat_database_numbackends{namespace="{{ .Release.Namespace }}",job="ai-platform-database"}) / min by (namespace, job) (pg_settings_max_connections{namespace="{{ .Release.Namespace }}",job="ai-platform-database"}) > 0.9
        for: 5m
        labels:
          severity: critical
        annotations:
          runbook_url: https://github.com/ai-platform/manifests/blob/main/docs/runbooks.md#connectionsexhausted
          summary: '{{ "{{" }} $labels.job }} has {{ "{{" }} $value | humanizePercentage }} of its connections in use'
      - alert: PostgresVolumeFillingUp
        expr: (sum by (namespace, job) (pg_database_size_bytes{namespace="{{ .Release.Namespace }}",job="ai-platform-database"}) + max by (namespace, job) (pg_wal_size_bytes{namespace="{{ .Release.Namespace }}",job="ai-platform-database"})) / {{ include "ai-platform.bytes" .Values.database.storage.size }} > 0.8
        for: 30m
        labels:
          persistentvolumeclaim: postgres-data-pvc
          severity: warning
        annotations:
          runbook_url: https://github.com/ai-platform/manifests/blob/main/docs/runbooks.md#postgresvolumefillingup
          summary: The data and the write-ahead log of {{ "{{" }} $labels.job }} take {{ "{{" }} $value | humanizePercentage }} of the size of its volume
      - alert: PostgresVolumeAlmostFull
        expr: (sum by (namespace, job) (pg_database_size_bytes{namespace="{{ .Release.Namespace }}",job="ai-platform-database"}) + max by (namespace, job) (pg_wal_size_bytes{namespace="{{ .Release.Namespace }}",job="ai-platform-database"})) / {{ include "ai-platform.bytes" .Values.database.storage.size }} > 0.9
        for: 5m
        labels:
          persistentvolumeclaim: postgres-data-pvc
          severity: critical
        annotations:
          runbook_url: https://github.com/ai-platform/manifests/blob/main/docs/runbooks.md#postgresvolumealmostfull
          summary: The data and the write-ahead log of {{ "{{" }} $labels.job }} take {{ "{{" }} $value | humanizePercentage }} of the size of its volume
  - name: ai-platform-redis
    rules:
      - alert: RedisDown
        expr: redis_up{namespace="{{ .Release.Namespace }}",job="ai-platform-redis"} == 0
        for: 1m
        labels:
          severity: critical
        annotations:
          runbook_url: https://github.com/ai-platform/manifests/blob/main/docs/runbooks.md#redisdown
          summary: '{{ "{{" }} $labels.job }} does not answer its exporter'
      - alert: RedisPersistenceFailing
        expr: |-
          min by (namespace, job) (redis_aof_last_write_status{namespace="{{ .Release.Namespace }}",job="ai-platform-redis"}) == 0
          or
          min by (namespace, job) (redis_aof_last_bgrewrite_status{namespace="{{ .Release.Namespace }}",job="ai-platform-redis"}) == 0
          or
          min by (namespace, job) (redis_rdb_last_bgsave_status{namespace="{{ .Release.Namespace }}",job="ai-platform-redis"}) == 0
        for: 5m
        labels:
          severity: critical
        annotations:
          runbook_url: https://github.com/ai-platform/manifests/blob/main/docs/runbooks.md#redispersistencefailing
          summary: '{{ "{{" }} $labels.job }} cannot write to its volume: it refuses writes, or its files only grow'
      - alert: CacheFull
        expr: max by (namespace, job) (redis_memory_used_bytes{namespace="{{ .Release.Namespace }}",job="ai-platform-redis"} / redis_memory_max_bytes{namespace="{{ .Release.Namespace }}",job="ai-platform-redis"}) > 0.9
        for: 10m
        labels:
          severity: warning
        annotations:
          runbook_url: https://github.com/ai-platform/manifests/blob/main/docs/runbooks.md#cachefull
          summary: '{{ "{{" }} $labels.job }} uses {{ "{{" }} $value | humanizePercentage }} of its memory'
  - name: ai-platform-backend
    rules:
      - alert: ErrorBudgetBurnFast
        expr: |-
          sum by (namespace, job) (rate(http_server_request_duration_seconds_count{namespace="{{ .Release.Namespace }}",job="ai-platform-backend",http_response_status_code=~"5.."}[1h])) / sum by (namespace, job) (rate(http_server_request_duration_seconds_count{namespace="{{ .Release.Namespace }}",job="ai-platform-backend"}[1h])) > 14.4 * (1 - 99.9 / 100)
          and
          sum by (namespace, job) (rate(http_server_request_duration_seconds_count{namespace="{{ .Release.Namespace }}",job="ai-platform-backend",http_response_status_code=~"5.."}[5m])) / sum by (namespace, job) (rate(http_server_request_duration_seconds_count{namespace="{{ .Release.Namespace }}",job="ai-platform-backend"}[5m])) > 14.4 * (1 - 99.9 / 100)
        for: 2m
        labels:
          severity: critical
        annotations:
          runbook_url: https://github.com/ai-platform/manifests/blob/main/docs/runbooks.md#errorbudgetburnfast
          summary: '{{ "{{" }} $labels.job }} answers {{ "{{" }} $value | humanizePercentage }} of the requests with a server error: in two days its error budget of 30 days is gone'
      - alert: ErrorBudgetBurnSlow
        expr: |-
          sum by (namespace, job) (rate(http_server_request_duration_seconds_count{namespace="{{ .Release.Namespace }}",job="ai-platform-backend",http_response_status_code=~"5.."}[6h])) / sum by (namespace, job) (rate(http_server_request_duration_seconds_count{namespace="{{ .Release.Namespace }}",job="ai-platform-backend"}[6h])) > 6 * (1 - 99.9 / 100)
          and
          sum by (namespace, job) (rate(http_server_request_duration_seconds_count{namespace="{{ .Release.Namespace }}",job="ai-platform-backend",http_response_status_code=~"5.."}[30m])) / sum by (namespace, job) (rate(http_server_request_duration_seconds_count{namespace="{{ .Release.Namespace }}",job="ai-platform-backend"}[30m])) > 6 * (1 - 99.9 / 100)
        for: 15m
        labels:
          severity: warning
        annotations:
          runbook_url: https://github.com/ai-platform/manifests/blob/main/docs/runbooks.md#errorbudgetburnslow
          summary: '{{ "{{" }} $labels.job }} answers {{ "{{" }} $value | humanizePercentage }} of the requests with a server error: in five days its error budget of 30 days is gone'
      - alert: SlowResponses
        expr: histogram_quantile(0.95, sum by (namespace, job, le) (rate(http_server_request_duration_seconds_bucket{namespace="{{ .Release.Namespace }}",job="ai-platform-backend"}[5m]))) > 0.5
        for: 10m
        labels:
          severity: warning
        annotations:
          runbook_url: https://github.com/ai-platform/manifests/blob/main/docs/runbooks.md#slowresponses
          summary: One of twenty requests to {{ "{{" }} $labels.job }} takes longer than {{ "{{" }} $value | humanizeDuration }}
      - alert: CPUSaturated
        expr: max by (namespace, job) (rate(process_cpu_seconds_total{namespace="{{ .Release.Namespace }}",job="ai-platform-backend"}[5m]) / {{ include "ai-platform.cores" .Values.backend.resources.limits.cpu }}) > 0.9
        for: 15m
        labels:
          severity: warning
        annotations:
          runbook_url: https://github.com/ai-platform/manifests/blob/main/docs/runbooks.md#cpusaturated
          summary: A pod of {{ "{{" }} $labels.job }} uses {{ "{{" }} $value | humanizePercentage }} of the CPU that it may
      - alert: MemorySaturated
        expr: max by (namespace, job) (process_resident_memory_bytes{namespace="{{ .Release.Namespace }}",job="ai-platform-backend"} / {{ include "ai-platform.bytes" .Values.backend.resources.limits.memory }}) > 0.9
        for: 15m
        labels:
          severity: warning
        annotations:
          runbook_url: https://github.com/ai-platform/manifests/blob/main/docs/runbooks.md#memorysaturated
          summary: A pod of {{ "{{" }} $labels.job }} uses {{ "{{" }} $value | humanizePercentage }} of the memory that it may
  - name: ai-platform-kube-state-metrics
    rules:
      - alert: RestartLoop
        expr: |-
          max by (namespace, pod, container) (increase(kube_pod_container_status_restarts_total{namespace="{{ .Release.Namespace }}",job="ai-platform-kube-state-metrics"}[1h])) > 2.5
          and
          max by (namespace, pod, container) (increase(kube_pod_container_status_restarts_total{namespace="{{ .Release.Namespace }}",job="ai-platform-kube-state-metrics"}[15m])) > 0
        for: 1m
        labels:
          severity: critical
        annotations:
          runbook_url: https://github.com/ai-platform/manifests/blob/main/docs/runbooks.md#restartloop
          summary: The container {{ "{{" }} $labels.container }} of {{ "{{" }} $labels.pod }} has restarted {{ "{{" }} $value | printf "%.0f" }} times within an hour
      - alert: PodNotStarting
        expr: |-
          label_replace(max by (namespace, pod) (
            kube_pod_status_phase{namespace="{{ .Release.Namespace }}",job="ai-platform-kube-state-metrics",phase="Pending"} == 1
            or kube_pod_container_status_waiting_reason{namespace="{{ .Release.Namespace }}",job="ai-platform-kube-state-metrics",reason!~"ContainerCreating|PodInitializing|CrashLoopBackOff"} == 1
            or kube_pod_init_container_status_waiting_reason{namespace="{{ .Release.Namespace }}",job="ai-platform-kube-state-metrics",reason!~"ContainerCreating|PodInitializing|CrashLoopBackOff"} == 1
          ), "job", "$1", "pod", "(.+)-[a-z0-9]+-[a-z0-9]+")
        for: 15m
        labels:
          severity: warning
        annotations:
          runbook_url: https://github.com/ai-platform/manifests/blob/main/docs/runbooks.md#podnotstarting
          summary: The pod {{ "{{" }} $labels.pod }} has been waiting to start for 15 minutes
      - alert: RolloutStuck
        expr: |-
          label_replace(max by (namespace, deployment) (kube_deployment_status_condition{namespace="{{ .Release.Namespace }}",job="ai-platform-kube-state-metrics",condition="Progressing",status="false"}) == 1, "job", "$1", "deployment", "(.+)")
          unless on (namespace, job)
          label_replace(max by (namespace, pod) (
            kube_pod_status_phase{namespace="{{ .Release.Namespace }}",job="ai-platform-kube-state-metrics",phase="Pending"} == 1
            or kube_pod_container_status_waiting_reason{namespace="{{ .Release.Namespace }}",job="ai-platform-kube-state-metrics",reason!~"ContainerCreating|PodInitializing|CrashLoopBackOff"} == 1
            or kube_pod_init_container_status_waiting_reason{namespace="{{ .Release.Namespace }}",job="ai-platform-kube-state-metrics",reason!~"ContainerCreating|PodInitializing|CrashLoopBackOff"} == 1
          ), "job", "$1", "pod", "(.+)-[a-z0-9]+-[a-z0-9]+")
          unless on (namespace, job)
          label_replace(max by (namespace, pod, container) (increase(kube_pod_container_status_restarts_total{namespace="{{ .Release.Namespace }}",job="ai-platform-kube-state-metrics"}[1h])) > 2.5
          and
          max by (namespace, pod, container) (increase(kube_pod_container_status_restarts_total{namespace="{{ .Release.Namespace }}",job="ai-platform-kube-state-metrics"}[15m])) > 0, "job", "$1", "pod", "(.+)-[a-z0-9]+-[a-z0-9]+")
        for: 1m
        labels:
          severity: warning
        annotations:
          runbook_url: https://github.com/ai-platform/manifests/blob/main/docs/runbooks.md#rolloutstuck
          summary: The rollout of {{ "{{" }} $labels.job }} makes no progress
      - alert: ReplicasMissing
        expr: |-
          label_replace(max by (namespace, deployment) (kube_deployment_spec_replicas{namespace="{{ .Release.Namespace }}",job="ai-platform-kube-state-metrics"}) - max by (namespace, deployment) (kube_deployment_status_replicas_available{namespace="{{ .Release.Namespace }}",job="ai-platform-kube-state-metrics"}) > 0, "job", "$1", "deployment", "(.+)")
          unless on (namespace, job)
          label_replace(max by (namespace, deployment) (kube_deployment_status_condition{namespace="{{ .Release.Namespace }}",job="ai-platform-kube-state-metrics",condition="Progressing",status="false"}) == 1, "job", "$1", "deployment", "(.+)")
          unless on (namespace, job)
          label_replace(max by (namespace, pod) (
            kube_pod_status_phase{namespace="{{ .Release.Namespace }}",job="ai-platform-kube-state-metrics",phase="Pending"} == 1
            or kube_pod_container_status_waiting_reason{namespace="{{ .Release.Namespace }}",job="ai-platform-kube-state-metrics",reason!~"ContainerCreating|PodInitializing|CrashLoopBackOff"} == 1
            or kube_pod_init_container_status_waiting_reason{namespace="{{ .Release.Namespace }}",job="ai-platform-kube-state-metrics",reason!~"ContainerCreating|PodInitializing|CrashLoopBackOff"} == 1
          ), "job", "$1", "pod", "(.+)-[a-z0-9]+-[a-z0-9]+")
          unless on (namespace, job)
          label_replace(max by (namespace, pod, container) (increase(kube_pod_container_status_restarts_total{namespace="{{ .Release.Namespace }}",job="ai-platform-kube-state-metrics"}[1h])) > 2.5
          and
          max by (namespace, pod, container) (increase(kube_pod_container_status_restarts_total{namespace="{{ .Release.Namespace }}",job="ai-platform-kube-state-metrics"}[15m])) > 0, "job", "$1", "pod", "(.+)-[a-z0-9]+-[a-z0-9]+")
        for: 15m
        labels:
          severity: warning
        annotations:
          runbook_url: https://github.com/ai-platform/manifests/blob/main/docs/runbooks.md#replicasmissing
          summary: '{{ "{{" }} $labels.job }} lacks {{ "{{" }} $value | printf "%.0f" }} of its replicas'
  - name: ai-platform-alertmanager
    rules:
      - alert: AlertsUndelivered
        expr: sum by (namespace, job, integration) (increase(alertmanager_notifications_failed_total{namespace="{{ .Release.Namespace }}",job="ai-platform-alertmanager"}[10m])) > 0
        for: 15m
        labels:
          severity: critical
        annotations:
          runbook_url: https://github.com/ai-platform/manifests/blob/main/docs/runbooks.md#alertsundelivered
          summary: '{{ "{{" }} $labels.job }} cannot deliver alerts by {{ "{{" }} $labels.integration }}'
  - name: ai-platform-frontend-probes
    rules:
      - alert: TierDown
        expr: |-
          max by (namespace, job) (probe_success{namespace="{{ .Release.Namespace }}",job="ai-platform-frontend",probe="service"}) == 0
          or
          absent(probe_success{namespace="{{ .Release.Namespace }}",job="ai-platform-frontend",probe="service"}) and on () max(up{namespace="{{ .Release.Namespace }}",job="ai-platform-blackbox-exporter"}) == 1
        for: 3m
        labels:
          probe: service
          severity: critical
        annotations:
          runbook_url: https://github.com/ai-platform/manifests/blob/main/docs/runbooks.md#tierdown
          summary: '{{ "{{" }} $labels.job }} fails all its probes'
      - alert: ProbeFailing
        expr: |-
          probe_http_status_code{namespace="{{ .Release.Namespace }}",job="ai-platform-frontend",probe="service"}
          and on (namespace, job, instance)
          probe_success{namespace="{{ .Release.Namespace }}",job="ai-platform-frontend",probe="service"} == 0
          unless on (namespace, job)
          max by (namespace, job) (probe_success{namespace="{{ .Release.Namespace }}",job="ai-platform-frontend",probe="service"}) == 0
        for: 3m
        labels:
          severity: critical
        annotations:
          runbook_url: https://github.com/ai-platform/manifests/blob/main/docs/runbooks.md#probefailing
          summary: '{{ "{{" }} $labels.instance }} {{ "{{" }} if eq $value 0.0 }}does not answer{{ "{{" }} else }}fails its probe with status {{ "{{" }} $value | printf "%.0f" }}{{ "{{" }} end }}'
{{- if .Values.monitoring.publicProbe.enabled }}
      - alert: PublicHostDown
        expr: |-
          probe_http_status_code{namespace="{{ .Release.Namespace }}",job="ai-platform-frontend",probe="public"}
          and on (namespace, job, instance)
          probe_success{namespace="{{ .Release.Namespace }}",job="ai-platform-frontend",probe="public"} == 0
          unless on (namespace, job)
          max by (namespace, job) (probe_success{namespace="{{ .Release.Namespace }}",job="ai-platform-frontend",probe="service"}) == 0
        for: 3m
        labels:
          severity: critical
        annotations:
          runbook_url: https://github.com/ai-platform/manifests/blob/main/docs/runbooks.md#publichostdown
          summary: '{{ "{{" }} $labels.instance }} {{ "{{" }} if eq $value 0.0 }}does not answer{{ "{{" }} else }}fails its probe with status {{ "{{" }} $value | printf "%.0f" }}{{ "{{" }} end }}, probed from outside'
      - alert: PublicHostSlow
        expr: |-
          avg_over_time(probe_duration_seconds{namespace="{{ .Release.Namespace }}",job="ai-platform-frontend",probe="public"}[5m]) > 1
          and on (namespace, job, instance)
          probe_success{namespace="{{ .Release.Namespace }}",job="ai-platform-frontend",probe="public"} == 1
        for: 10m
        labels:
          severity: warning
        annotations:
          runbook_url: https://github.com/ai-platform/manifests/blob/main/docs/runbooks.md#publichostslow
          summary: '{{ "{{" }} $labels.instance }} takes {{ "{{" }} $value | humanizeDuration }} to answer, probed from outside'
      - alert: PublicCertificateExpiring
        expr: probe_ssl_earliest_cert_expiry{namespace="{{ .Release.Namespace }}",job="ai-platform-frontend",probe="public"} - time() < 14 * 86400 >= 3 * 86400
        for: 1h
        labels:
          severity: warning
        annotations:
          runbook_url: https://github.com/ai-platform/manifests/blob/main/docs/runbooks.md#publiccertificateexpiring
          summary: The certificate of {{ "{{" }} $labels.instance }} expires in {{ "{{" }} $value | humanizeDuration }}
      - alert: PublicCertificateAboutToExpire
        expr: probe_ssl_earliest_cert_expiry{namespace="{{ .Release.Namespace }}",job="ai-platform-frontend",probe="public"} - time() < 3 * 86400
        for: 10m
        labels:
          severity: critical
        annotations:
          runbook_url: https://github.com/ai-platform/manifests/blob/main/docs/runbooks.md#publiccertificateabouttoexpire
          summary: The certificate of {{ "{{" }} $labels.instance }} expires in {{ "{{" }} $value | humanizeDuration }}
{{- end }}
  - name: ai-platform-prometheus
    rules:
      - alert: TierDown
        expr: |-
          max by (namespace, job) (up{namespace="{{ .Release.Namespace }}",job=~"ai-platform-database|ai-platform-redis|ai-platform-backend|ai-platform-kube-state-metrics|ai-platform-blackbox-exporter|ai-platform-alertmanager"}) == 0
          or
          absent(up{namespace="{{ .Release.Namespace }}",job="ai-platform-database"})
          or
          absent(up{namespace="{{ .Release.Namespace }}",job="ai-platform-redis"})
          or
          absent(up{namespace="{{ .Release.Namespace }}",job="ai-platform-backend"})
          or
          absent(up{namespace="{{ .Release.Namespace }}",job="ai-platform-kube-state-metrics"})
          or
          absent(up{namespace="{{ .Release.Namespace }}",job="ai-platform-blackbox-exporter"})
          or
          absent(up{namespace="{{ .Release.Namespace }}",job="ai-platform-alertmanager"})
        for: 3m
        labels:
          severity: critical
        annotations:
          runbook_url: https://github.com/ai-platform/manifests/blob/main/docs/runbooks.md#tierdown
          summary: No pod of {{ "{{" }} $labels.job }} can be scraped
      - alert: TargetDown
        expr: |-
          (up{namespace="{{ .Release.Namespace }}",job=~"ai-platform-database|ai-platform-redis|ai-platform-backend|ai-platform-kube-state-metrics|ai-platform-blackbox-exporter|ai-platform-alertmanager"}) == 0
          unless on (namespace, job)
          max by (namespace, job) (up{namespace="{{ .Release.Namespace }}",job=~"ai-platform-database|ai-platform-redis|ai-platform-backend|ai-platform-kube-state-metrics|ai-platform-blackbox-exporter|ai-platform-alertmanager"}) == 0
        for: 5m
        labels:
          severity: warning
        annotations:
          runbook_url: https://github.com/ai-platform/manifests/blob/main/docs/runbooks.md#targetdown
          summary: '{{ "{{" }} $labels.instance }} of {{ "{{" }} $labels.job }} cannot be scraped'
{{- if .Values.database.backup.enabled }}
      - alert: CronJobFailed
        expr: |-
          max by (namespace, cronjob) (label_replace(
            max by (namespace, job_name) (kube_job_status_start_time{namespace="{{ .Release.Namespace }}"} and on (namespace, job_name) kube_job_failed{namespace="{{ .Release.Namespace }}",condition="true"} == 1)
            * on (namespace, job_name) group_right () kube_job_owner{namespace="{{ .Release.Namespace }}",owner_kind="CronJob",owner_name=~"ai-platform-database-backup"},
            "cronjob", "$1", "owner_name", "(.+)"
          ))
          > on (namespace, cronjob) (max by (namespace, cronjob) (kube_cronjob_status_last_successful_time{namespace="{{ .Release.Namespace }}",cronjob=~"ai-platform-database-backup"}) or max by (namespace, cronjob) (kube_cronjob_created{namespace="{{ .Release.Namespace }}",cronjob=~"ai-platform-database-backup"}))
        for: 1m
        labels:
          severity: warning
        annotations:
          runbook_url: https://github.com/ai-platform/manifests/blob/main/docs/runbooks.md#cronjobfailed
          summary: The last Job of {{ "{{" }} $labels.cronjob }} has failed
      - alert: CronJobOverdue
        expr: |-
          time() - (max by (namespace, cronjob) (kube_cronjob_status_last_successful_time{namespace="{{ .Release.Namespace }}",cronjob="ai-platform-database-backup"}) or max by (namespace, cronjob) (kube_cronjob_created{namespace="{{ .Release.Namespace }}",cronjob="ai-platform-database-backup"})) > 111600
          or absent(kube_cronjob_created{namespace="{{ .Release.Namespace }}",cronjob="ai-platform-database-backup"}) * 111600 and on () count(kube_deployment_spec_replicas{namespace="{{ .Release.Namespace }}"})
        for: 15m
        labels:
          severity: warning
        annotations:
          runbook_url: https://github.com/ai-platform/manifests/blob/main/docs/runbooks.md#cronjoboverdue
          summary: '{{ "{{" }} $labels.cronjob }} has not succeeded for {{ "{{" }} $value | humanizeDuration }}, or is gone'
{{- end }}
      - alert: RuleEvaluationFailing
        expr: sum by (namespace, job, rule_group) (increase(prometheus_rule_evaluation_failures_total{namespace="{{ .Release.Namespace }}",job="ai-platform-prometheus"}[10m])) > 0
        for: 10m
        labels:
          severity: critical
        annotations:
          runbook_url: https://github.com/ai-platform/manifests/blob/main/docs/runbooks.md#ruleevaluationfailing
          summary: '{{ "{{" }} $labels.job }} cannot evaluate alerts of {{ "{{" }} $labels.rule_group }}'
      - alert: PrometheusStorageFailing
        expr: sum by (namespace, job) (increase(prometheus_tsdb_compactions_failed_total{namespace="{{ .Release.Namespace }}",job="ai-platform-prometheus"}[3h])) > 0
        for: 15m
        labels:
          severity: warning
        annotations:
          runbook_url: https://github.com/ai-platform/manifests/blob/main/docs/runbooks.md#prometheusstoragefailing
          summary: '{{ "{{" }} $labels.job }} cannot compact what it has stored'
      - alert: AlertsDropped
        expr: sum by (namespace, job) (increase(prometheus_notifications_dropped_total{namespace="{{ .Release.Namespace }}",job="ai-platform-prometheus"}[10m])) > 0
        for: 5m
        labels:
          severity: critical
        annotations:
          runbook_url: https://github.com/ai-platform/manifests/blob/main/docs/runbooks.md#alertsdropped
          summary: '{{ "{{" }} $labels.job }} cannot send alerts to Alertmanager'
{{- end }}
