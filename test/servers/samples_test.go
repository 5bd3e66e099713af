//go:build linux

package servers

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// samples are those of a pod that has little to do, when it is asked for the nth time.
func (p *pod) samples(n int64) string {
	text := map[string]string{
		"database":           postgresSamples,
		"redis":              redisSamples,
		"backend":            httpSamples,
		"blackbox-exporter":  "",
		"kube-state-metrics": kubeSamples(p.cluster),
	}[p.component()]
	up := "0"
	if p.server.Load() {
		up = "1"
	}
	return strings.NewReplacer("SERVER_UP", up, "GROWING", strconv.FormatInt(n, 10)).Replace(text)
}

// httpSamples are what constructs.Metrics asks for: answers of 50 to 100 ms, and one error, of long ago.
const httpSamples = `# TYPE http_server_request_duration_seconds histogram
http_server_request_duration_seconds_bucket{http_request_method="GET",http_route="/",http_response_status_code="200",le="0.05"} 0
http_server_request_duration_seconds_bucket{http_request_method="GET",http_route="/",http_response_status_code="200",le="0.1"} GROWING
http_server_request_duration_seconds_bucket{http_request_method="GET",http_route="/",http_response_status_code="200",le="0.5"} GROWING
http_server_request_duration_seconds_bucket{http_request_method="GET",http_route="/",http_response_status_code="200",le="+Inf"} GROWING
http_server_request_duration_seconds_sum{http_request_method="GET",http_route="/",http_response_status_code="200"} GROWING
http_server_request_duration_seconds_count{http_request_method="GET",http_route="/",http_response_status_code="200"} GROWING
http_server_request_duration_seconds_bucket{http_request_method="GET",http_route="/",http_response_status_code="503",le="0.05"} 0
http_server_request_duration_seconds_bucket{http_request_method="GET",http_route="/",http_response_status_code="503",le="0.1"} 1
http_server_request_duration_seconds_bucket{http_request_method="GET",http_route="/",http_response_status_code="503",le="0.5"} 1
http_server_request_duration_seconds_bucket{http_request_method="GET",http_route="/",http_response_status_code="503",le="+Inf"} 1
http_server_request_duration_seconds_sum{http_request_method="GET",http_route="/",http_response_status_code="503"} 0.1
http_server_request_duration_seconds_count{http_request_method="GET",http_route="/",http_response_status_code="503"} 1
# TYPE http_server_active_requests gauge
http_server_active_requests{http_request_method="GET"} 1
# TYPE process_cpu_seconds_total counter
process_cpu_seconds_total GROWING
# TYPE process_resident_memory_bytes gauge
process_resident_memory_bytes 5e+07
`

// probeSamples are some of blackbox_exporter's, of a host that answers. A certificate is only behind https.
func probeSamples(url string) string {
	samples := `# TYPE probe_success gauge
probe_success 1
# TYPE probe_duration_seconds gauge
probe_duration_seconds 0.05
# TYPE probe_http_status_code gauge
probe_http_status_code 200
# TYPE probe_http_duration_seconds gauge
probe_http_duration_seconds{phase="connect"} 0.01
probe_http_duration_seconds{phase="processing"} 0.02
probe_http_duration_seconds{phase="resolve"} 0.01
probe_http_duration_seconds{phase="tls"} 0.01
probe_http_duration_seconds{phase="transfer"} 0
`
	if strings.HasPrefix(url, "https://") {
		samples += fmt.Sprintf("# TYPE probe_ssl_earliest_cert_expiry gauge\nprobe_ssl_earliest_cert_expiry %d\n", time.Now().AddDate(0, 0, 60).Unix())
	}
	return samples
}

// postgresSamples are some of postgres_exporter's.
const postgresSamples = `# TYPE pg_up gauge
pg_up SERVER_UP
# TYPE pg_settings_max_connections gauge
pg_settings_max_connections{server="127.0.0.1:5432"} 100
# TYPE pg_stat_database_numbackends gauge
pg_stat_database_numbackends{datid="1",datname="template1"} 0
pg_stat_database_numbackends{datid="16384",datname="app"} 4
# TYPE pg_stat_database_xact_commit counter
pg_stat_database_xact_commit{datid="16384",datname="app"} GROWING
# TYPE pg_stat_database_xact_rollback counter
pg_stat_database_xact_rollback{datid="16384",datname="app"} 1
# TYPE pg_stat_database_deadlocks counter
pg_stat_database_deadlocks{datid="16384",datname="app"} 0
# TYPE pg_stat_database_temp_bytes counter
pg_stat_database_temp_bytes{datid="16384",datname="app"} 0
# TYPE pg_stat_database_blks_hit counter
pg_stat_database_blks_hit{datid="16384",datname="app"} GROWING
# TYPE pg_stat_database_blks_read counter
pg_stat_database_blks_read{datid="16384",datname="app"} 1
# TYPE pg_database_size_bytes gauge
pg_database_size_bytes{datname="app"} 8e+06
# TYPE pg_wal_size_bytes gauge
pg_wal_size_bytes 1.6777216e+07
`

// redisSamples are some of redis_exporter's.
const redisSamples = `# TYPE redis_up gauge
redis_up SERVER_UP
# TYPE redis_memory_used_bytes gauge
redis_memory_used_bytes 1e+06
# TYPE redis_memory_max_bytes gauge
redis_memory_max_bytes 4e+08
# TYPE redis_keyspace_hits_total counter
redis_keyspace_hits_total GROWING
# TYPE redis_keyspace_misses_total counter
redis_keyspace_misses_total 1
# TYPE redis_evicted_keys_total counter
redis_evicted_keys_total 0
# TYPE redis_expired_keys_total counter
redis_expired_keys_total GROWING
# TYPE redis_commands_processed_total counter
redis_commands_processed_total GROWING
# TYPE redis_connected_clients gauge
redis_connected_clients 4
# TYPE redis_db_keys gauge
redis_db_keys{db="db0"} 1
# TYPE redis_aof_last_write_status gauge
redis_aof_last_write_status 1
# TYPE redis_aof_last_bgrewrite_status gauge
redis_aof_last_bgrewrite_status 1
# TYPE redis_rdb_last_bgsave_status gauge
redis_rdb_last_bgsave_status 1
`

// kubeSamples are some of kube-state-metrics's, on all pods of the cluster.
func kubeSamples(c *cluster) string {
	var samples strings.Builder
	for i, p := range c.pods {
		if p.first {
			fmt.Fprintf(&samples, "kube_deployment_spec_replicas{namespace=%q,deployment=%q} %d\n", p.Namespace, p.Name, *p.Spec.Replicas)
			fmt.Fprintf(&samples, "kube_deployment_status_replicas_available{namespace=%q,deployment=%q} %d\n", p.Namespace, p.Name, *p.Spec.Replicas)
			fmt.Fprintf(&samples, "kube_deployment_status_condition{namespace=%q,deployment=%q,reason=\"NewReplicaSetAvailable\",condition=\"Progressing\",status=\"false\"} 0\n", p.Namespace, p.Name)
		}
		fmt.Fprintf(&samples, "kube_pod_status_phase{namespace=%q,pod=\"%s-7d9c5b6f4-zq8l%d\",phase=\"Pending\"} 0\n", p.Namespace, p.Name, i)
		for _, container := range p.Spec.Template.Spec.Containers {
			// As a Deployment names its pods, with two hashes.
			of := fmt.Sprintf(`namespace=%q,pod="%s-7d9c5b6f4-zq8l%d",container=%q`, p.Namespace, p.Name, i, container.Name)
			fmt.Fprintf(&samples, "kube_pod_container_status_restarts_total{%s} 1\n", of)
			fmt.Fprintf(&samples, "kube_pod_container_status_waiting{%s} 0\n", of)
			writeResources(&samples, "kube_pod_container_resource_requests", of, container.Resources.Requests)
			writeResources(&samples, "kube_pod_container_resource_limits", of, container.Resources.Limits)
		}
	}
	for _, backup := range c.cronJobs {
		fmt.Fprintf(&samples, "kube_cronjob_created{namespace=%q,cronjob=%q} %d\n", backup.Namespace, backup.Name, time.Now().Unix())
	}
	return samples.String()
}

func writeResources(samples *strings.Builder, metric, of string, resources corev1.ResourceList) {
	for name, quantity := range resources {
		fmt.Fprintf(samples, "%s{%s,resource=%q} %g\n", metric, of, name, quantity.AsApproximateFloat64())
	}
}
