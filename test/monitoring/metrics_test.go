package monitoring

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"
)

// exporters are where the metrics of rules and dashboards come from. A name that no exporter has is no error in Prometheus, only an alert
// that never fires and an empty graph.
var exporters = []struct{ name, page, metrics string }{
	{"the tier itself", "https://opentelemetry.io/docs/specs/semconv/http/http-metrics/", `
		http_server_active_requests http_server_request_duration_seconds_bucket http_server_request_duration_seconds_count`},
	{"the tier itself", "https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics", `
		process_cpu_seconds_total process_resident_memory_bytes`},
	{"postgres_exporter", "https://github.com/prometheus-community/postgres_exporter", `
		pg_database_size_bytes pg_settings_max_connections pg_stat_database_blks_hit pg_stat_database_blks_read pg_stat_database_deadlocks
		pg_stat_database_numbackends pg_stat_database_temp_bytes pg_stat_database_xact_commit pg_stat_database_xact_rollback pg_up
		pg_wal_size_bytes`},
	{"redis_exporter", "https://github.com/oliver006/redis_exporter", `
		redis_aof_last_bgrewrite_status redis_aof_last_write_status redis_commands_processed_total redis_connected_clients redis_db_keys
		redis_evicted_keys_total redis_expired_keys_total redis_keyspace_hits_total redis_keyspace_misses_total redis_memory_max_bytes
		redis_memory_used_bytes redis_rdb_last_bgsave_status redis_up`},
	{"kube-state-metrics", "https://github.com/kubernetes/kube-state-metrics/tree/main/docs/metrics/workload", `
		kube_cronjob_created kube_cronjob_status_last_successful_time kube_deployment_spec_replicas kube_deployment_status_condition
		kube_deployment_status_replicas_available kube_job_failed kube_job_owner kube_job_status_start_time
		kube_pod_container_resource_limits kube_pod_container_resource_requests kube_pod_container_status_restarts_total
		kube_pod_container_status_waiting kube_pod_container_status_waiting_reason kube_pod_init_container_status_waiting_reason
		kube_pod_status_phase`},
	{"cAdvisor in kubelet", "https://github.com/google/cadvisor/blob/master/docs/storage/prometheus.md", `
		container_cpu_cfs_periods_total container_cpu_cfs_throttled_periods_total container_cpu_usage_seconds_total
		container_memory_working_set_bytes container_spec_memory_limit_bytes`},
	{"kubelet", "https://kubernetes.io/docs/reference/instrumentation/metrics/", `
		kubelet_volume_stats_available_bytes kubelet_volume_stats_capacity_bytes`},
	{"cert-manager", "https://cert-manager.io/docs/devops-tips/prometheus-metrics/", `
		certmanager_certificate_expiration_timestamp_seconds`},
	{"blackbox_exporter", "https://github.com/prometheus/blackbox_exporter", `
		probe_duration_seconds probe_http_duration_seconds probe_http_status_code probe_ssl_earliest_cert_expiry probe_success`},
	{"Alertmanager", "https://github.com/prometheus/alertmanager", `
		alertmanager_notifications_failed_total`},
	{"Prometheus", "https://github.com/prometheus/prometheus", `
		prometheus_notifications_dropped_total prometheus_rule_evaluation_failures_total prometheus_tsdb_compactions_failed_total up ALERTS`},
	{"the application that the golden files imagine", "", `
		orders_open orders_total`},
}

// promQL is the parser of the Prometheus that the default image holds, without what is experimental there.
var promQL = parser.NewParser(parser.Options{})

// grafanaVariable is an interval that Grafana fills in.
var grafanaVariable = regexp.MustCompile(`\$\{?__(rate_interval|interval|range)\b\}?`)

// metricsIn returns the names of the metrics that an expression asks for.
func metricsIn(expression string) ([]string, error) {
	parsed, err := promQL.ParseExpr(grafanaVariable.ReplaceAllLiteralString(expression, "5m"))
	if err != nil {
		return nil, err
	}
	var names []string
	parser.Inspect(parsed, func(node parser.Node, _ []parser.Node) error {
		if selector, is := node.(*parser.VectorSelector); is {
			names = append(names, metricOf(selector.LabelMatchers))
		}
		return nil
	})
	return names, nil
}

// metricOf is empty for a selector of several metrics, which no exporter is known for.
func metricOf(matchers []*labels.Matcher) string {
	for _, matcher := range matchers {
		if matcher.Name == model.MetricNameLabel && matcher.Type == labels.MatchEqual {
			return matcher.Value
		}
	}
	return ""
}

func TestEveryMetricHasAnExporter(t *testing.T) {
	expressions := map[string]string{} // By where one of them is.
	eachRule(t, func(f file, r rule) { expressions[r.Expr] = f.String() + " " + r.Alert })
	for _, f := range filesNamed(t, dashboardFiles) {
		for _, p := range panelsOf(decoded(t, f)) {
			for _, query := range p.queries {
				expressions[query.Expr] = f.String() + " " + p.title
			}
		}
	}
	known, asked := map[string]bool{}, map[string]bool{}
	for _, exporter := range exporters {
		for name := range strings.FieldsSeq(exporter.metrics) {
			known[name] = true
		}
	}
	for expression, at := range expressions {
		names, err := metricsIn(expression)
		require.NoError(t, err, "%s: %s", at, expression)
		for _, name := range names {
			require.Contains(t, known, name, "%s: %s", at, expression)
			asked[name] = true
		}
	}
	require.Equal(t, slices.Sorted(maps.Keys(known)), slices.Sorted(maps.Keys(asked)), "metrics of exporters, and those asked for")
}

func TestMetricsIn(t *testing.T) {
	for _, c := range []struct {
		expression string
		want       []string
	}{
		{`sum(rate(http_requests_total{job="shop"}[$__rate_interval]))`, []string{"http_requests_total"}},
		{`max_over_time(used[${__range}]) / limit > bool 0.9`, []string{"used", "limit"}},
		{`absent(up{job="shop"}) or {__name__="down"}`, []string{"up", "down"}},
		{`count({__name__=~"http_.*"})`, []string{""}},
		{`vector(1)`, nil},
	} {
		names, err := metricsIn(c.expression)
		require.NoError(t, err, c.expression)
		require.Equal(t, c.want, names, c.expression)
	}
	_, err := metricsIn(`upp(1)`)
	require.Error(t, err)
}
