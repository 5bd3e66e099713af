package monitoring

// exporters are where the metrics come from that rules and dashboards ask for. A name that no exporter has gives no error
// in Prometheus, only an alert that never fires, and a graph that stays empty.
var exporters = map[string]string{
	// https://opentelemetry.io/docs/specs/semconv/http/http-metrics/
	"http_server_active_requests":                 "the tier itself",
	"http_server_request_duration_seconds_bucket": "the tier itself",
	"http_server_request_duration_seconds_count":  "the tier itself",
	// https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics
	"process_cpu_seconds_total":     "the tier itself",
	"process_resident_memory_bytes": "the tier itself",

	// https://github.com/prometheus-community/postgres_exporter
	"pg_database_size_bytes":         "postgres_exporter",
	"pg_settings_max_connections":    "postgres_exporter",
	"pg_stat_database_blks_hit":      "postgres_exporter",
	"pg_stat_database_blks_read":     "postgres_exporter",
	"pg_stat_database_deadlocks":     "postgres_exporter",
	"pg_stat_database_numbackends":   "postgres_exporter",
	"pg_stat_database_temp_bytes":    "postgres_exporter",
	"pg_stat_database_xact_commit":   "postgres_exporter",
	"pg_stat_database_xact_rollback": "postgres_exporter",
	"pg_up":                          "postgres_exporter",
	"pg_wal_size_bytes":              "postgres_exporter",

	// https://github.com/oliver006/redis_exporter
	"redis_aof_last_bgrewrite_status": "redis_exporter",
	"redis_aof_last_write_status":     "redis_exporter",
	"redis_commands_processed_total":  "redis_exporter",
	"redis_connected_clients":         "redis_exporter",
	"redis_db_keys":                   "redis_exporter",
	"redis_evicted_keys_total":        "redis_exporter",
	"redis_expired_keys_total":        "redis_exporter",
	"redis_keyspace_hits_total":       "redis_exporter",
	"redis_keyspace_misses_total":     "redis_exporter",
	"redis_memory_max_bytes":          "redis_exporter",
	"redis_memory_used_bytes":         "redis_exporter",
	"redis_rdb_last_bgsave_status":    "redis_exporter",
	"redis_up":                        "redis_exporter",

	// https://github.com/kubernetes/kube-state-metrics/tree/main/docs/metrics/workload
	"kube_cronjob_created":                          "kube-state-metrics",
	"kube_cronjob_status_last_successful_time":      "kube-state-metrics",
	"kube_deployment_spec_replicas":                 "kube-state-metrics",
	"kube_deployment_status_condition":              "kube-state-metrics",
	"kube_deployment_status_replicas_available":     "kube-state-metrics",
	"kube_pod_container_resource_limits":            "kube-state-metrics",
	"kube_pod_container_resource_requests":          "kube-state-metrics",
	"kube_pod_container_status_restarts_total":      "kube-state-metrics",
	"kube_pod_container_status_waiting":             "kube-state-metrics",
	"kube_pod_container_status_waiting_reason":      "kube-state-metrics",
	"kube_pod_init_container_status_waiting_reason": "kube-state-metrics",
	"kube_pod_status_phase":                         "kube-state-metrics",
	"kube_job_failed":                               "kube-state-metrics",
	"kube_job_owner":                                "kube-state-metrics",
	"kube_job_status_start_time":                    "kube-state-metrics",

	// https://github.com/google/cadvisor/blob/master/docs/storage/prometheus.md
	"container_cpu_cfs_periods_total":           "cAdvisor in kubelet",
	"container_cpu_cfs_throttled_periods_total": "cAdvisor in kubelet",
	"container_cpu_usage_seconds_total":         "cAdvisor in kubelet",
	"container_memory_working_set_bytes":        "cAdvisor in kubelet",
	"container_spec_memory_limit_bytes":         "cAdvisor in kubelet",

	// https://kubernetes.io/docs/reference/instrumentation/metrics/
	"kubelet_volume_stats_available_bytes": "kubelet",
	"kubelet_volume_stats_capacity_bytes":  "kubelet",

	// https://cert-manager.io/docs/devops-tips/prometheus-metrics/
	"certmanager_certificate_expiration_timestamp_seconds": "cert-manager",

	// https://github.com/prometheus/blackbox_exporter
	"probe_duration_seconds":         "blackbox_exporter",
	"probe_http_duration_seconds":    "blackbox_exporter",
	"probe_http_status_code":         "blackbox_exporter",
	"probe_ssl_earliest_cert_expiry": "blackbox_exporter",
	"probe_success":                  "blackbox_exporter",

	// https://github.com/prometheus/alertmanager
	"alertmanager_notifications_failed_total": "Alertmanager",

	// https://github.com/prometheus/prometheus
	"prometheus_notifications_dropped_total":    "Prometheus",
	"prometheus_rule_evaluation_failures_total": "Prometheus",
	"prometheus_tsdb_compactions_failed_total":  "Prometheus",

	"up":     "Prometheus, of each target",
	"ALERTS": "Prometheus, of each alert",

	"orders_open":  "the application that the golden files imagine",
	"orders_total": "the application that the golden files imagine",
}
