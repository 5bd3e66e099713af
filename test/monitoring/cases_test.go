package monitoring

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// ruleCases is a file of cases, as far as it is looked at here; promtool reads all of it.
// https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/
type ruleCases struct {
	Tests []ruleCase
}

// ruleCase is series, and questions on them.
type ruleCase struct {
	Name       string
	AlertTests []struct {
		Alert    string `json:"alertname"`
		Expected []any  `json:"exp_alerts"`
	} `json:"alert_rule_test"`
}

func caseFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	return files
}

func readCases(t *testing.T, content []byte) []ruleCase {
	t.Helper()
	var cases ruleCases
	require.NoError(t, yaml.Unmarshal(content, &cases))
	return cases.Tests
}

// playCases plays cases on rules. A file of cases names the rules as its neighbour.
func playCases(t *testing.T, j judge, rules file, cases []byte) (string, error) {
	t.Helper()
	folder := write(t, rulesFile, rules.content)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "cases.yaml"), cases, 0o600))
	return j.run(t, folder, "test", "rules", "cases.yaml")
}

func TestAlerts(t *testing.T) {
	rules := fileIn(t, everyAlert, rulesFile)
	eachVersion(t, promtools, func(t *testing.T, j judge) {
		for _, name := range caseFiles(t) {
			t.Run(filepath.Base(name), func(t *testing.T) {
				cases, err := os.ReadFile(name)
				require.NoError(t, err)
				printed, err := playCases(t, j, rules, cases)
				require.NoError(t, err, printed)
			})
		}
	})
}

// outcomes are the alerts that fire in some case, and those that stay silent throughout one.
type outcomes struct{ firing, silent map[string]bool }

func (o outcomes) add(c ruleCase) {
	asked, fired := map[string]bool{}, map[string]bool{}
	for _, test := range c.AlertTests {
		asked[test.Alert] = true
		if len(test.Expected) > 0 {
			fired[test.Alert] = true
		}
	}
	maps.Copy(o.firing, fired)
	for alert := range asked {
		if !fired[alert] {
			o.silent[alert] = true
		}
	}
}

func outcomesOf(cases []ruleCase) outcomes {
	found := outcomes{firing: map[string]bool{}, silent: map[string]bool{}}
	for _, c := range cases {
		found.add(c)
	}
	return found
}

// heartbeat is the alert that always fires. Nobody is called.
const heartbeat = "Watchdog"

func TestEveryAlertHasAFiringAndASilentCase(t *testing.T) {
	var cases []ruleCase
	for _, name := range caseFiles(t) {
		content, err := os.ReadFile(name)
		require.NoError(t, err)
		cases = append(cases, readCases(t, content)...)
	}
	found := outcomesOf(cases)
	found.silent[heartbeat] = true // As it never is.
	alerts := alertsIn(t, filesNamed(t, rulesFile))
	require.Equal(t, alerts, slices.Sorted(maps.Keys(found.firing)), "alerts, and those that fire in a case")
	require.Equal(t, alerts, slices.Sorted(maps.Keys(found.silent)), "alerts, and those that are silent throughout a case")
}

// An alert that is silent at first and fires later is not silent.
func TestOutcomes(t *testing.T) {
	found := outcomesOf(readCases(t, []byte(`
tests:
  - name: two alerts
    alert_rule_test:
      - {eval_time: 1m, alertname: Late, exp_alerts: []}
      - {eval_time: 2m, alertname: Late, exp_alerts: [{exp_labels: {job: shop}}]}
      - {eval_time: 1m, alertname: Never, exp_alerts: []}
`)))
	require.Equal(t, map[string]bool{"Late": true}, found.firing)
	require.Equal(t, map[string]bool{"Never": true}, found.silent)
}

// Each of these changes of the rules fails the case that is there for it.
func TestCasesBite(t *testing.T) {
	accepted := fileIn(t, everyAlert, rulesFile)
	for _, c := range []struct{ cases, old, replacement, want string }{
		{"errorbudget.yaml", "and\n", "or\n", "a burst of errors that is over before the hour counts it"},
		{"errorbudget.yaml", "and\n", "or\n", "the errors are over"},
		{"errorbudget.yaml", `namespace="shop",`, "", "the errors are another namespace's"},
		{"errorbudget-hours.yaml", "5..", "[45]..", "clients ask for what is not there"},
		{"errorbudget-hours.yaml", "> 6 *", "> 16 *", "one of a hundred requests fails"},
		{"errorbudget-hours.yaml", "> 6 *", "> 4 *", "more errors than the budget has, and too few to be called for"},
		{"slowresponses.yaml", "histogram_quantile(0.95,", "histogram_quantile(0.97,", "one of twenty-five requests takes longer than half a second"},
		{"slowresponses.yaml", "(namespace, job, le)", "(namespace, job, instance, le)", "the few requests of one pod are slow"},
		{"saturation.yaml", "max by (namespace, job) (", "sum by (namespace, job) (", "both pods use three quarters"},
		{"saturation.yaml", "for: 15m", "for: 5m", "a pod is near its limits for ten minutes, and starts again"},
		{"postgres.yaml", "for: 1m\n", "for: 30s\n", "the server does not answer"},
		{"redis.yaml", "rate(redis_evicted_keys_total{", "increase(redis_evicted_keys_total{", "the cache throws out 60 keys"},
		{"restarts.yaml", "max by (namespace, pod, container) (increase", "sum by (namespace) (increase", "three containers restart once each"},
		{"restarts.yaml", "[1h]", "[6h]", "five restarts spread over five hours"},
		{"restarts.yaml", "[15m]", "[1h]", "a container that takes a while to fail"},
		{"alertmanager.yaml", "(increase(alertmanager", "(max_over_time(alertmanager", "messages failed long ago"},
		{"down.yaml", "absent(", "0 > absent(", "a tier has no pod any more"},
		{"down.yaml", "unless on (namespace, job)", "or on (namespace, job)", "both pods of a tier are down"},
		{"containers.yaml", `,container!=""`, "", "only the sum of a pod is over the line"},
		{"containers.yaml", "} > 0 or ", "} or ", "a container without limits"},
		{"containers.yaml", `or kube_pod_container_resource_limits`, `unless kube_pod_container_resource_limits`, "an operator's Prometheus has no limit of cAdvisor"},
		{"volumes.yaml", "and on (namespace, persistentvolumeclaim)", "or on (namespace, persistentvolumeclaim)", "little space, and no trend"},
		{"volumes.yaml", "< 0.3", "< 1", "a trend, and much space"},
		{"certificates.yaml", "< 14 * 86400", "< 16 * 86400", "a certificate has fifteen days left"},
		{"certificates.yaml", "{{ $value | humanizeDuration }}", "{{ $value }}", "a certificate has two days left"},
		{"pods.yaml", "|CrashLoopBackOff", "", "a container waits until it is started again"},
		{"pods.yaml", "or kube_pod_init_container_status_waiting_reason{", "unless kube_pod_init_container_status_waiting_reason{", "an init container lacks a key"},
		{"pods.yaml", "max by (namespace, pod) (", "max by (namespace, pod, reason) (", "a kubelet tries to pull an image again and again"},
		{"rollouts.yaml", `status="false"`, `status="true"`, "the new pods run and never get ready"},
		{"rollouts.yaml", "unless on (namespace, job)", "or on (namespace, job)", "a rollout that is stuck for want of an image"},
		{"rollouts.yaml", "> 2.5", "> 250", "the new pods end again and again"},
		{"cronjobs.yaml", "max by (namespace, job_name) (kube_job_status", "(kube_job_status", "found duplicate series"},
		{"cronjobs.yaml", "> on (namespace, cronjob)", "== on (namespace, cronjob)", "the first dump fails"},
		{"cronjobs.yaml", "> 111600", "> 86400", "a dump succeeds at night, and no other one"},
		{"cronjobs.yaml", "and on () count(", "or on () count(", "kube-state-metrics is down"},
		{"postgres.yaml", " + max by (namespace, job) (pg_wal", " - max by (namespace, job) (pg_wal", "the data and the write-ahead log outgrow the volume"},
		{"redis.yaml", "redis_rdb_last_bgsave_status{", "redis_rdb_last_save_status{", "a snapshot fails"},
		{"prometheus.yaml", "increase(prometheus_tsdb", "max_over_time(prometheus_tsdb", "the volume has no room for a compaction, and works again"},
		{"probes.yaml", "max by (namespace, job) (probe_success{", "min by (namespace, job) (probe_success{", "there is no page, and health is well"},
		{"probes.yaml", "unless on (namespace, job)\n", "or on (namespace, job)\n", "the Service answers nothing, and so the public host neither"},
		{"probes.yaml", "and on () max(up{", "or on () max(up{", "all is well"},
		{"probes.yaml", `) and on () max(up{namespace="shop",job="shop-blackbox-exporter"}) == 1`, ")", "the exporter is down"},
		{"probes.yaml", "avg_over_time(probe_duration", "max_over_time(probe_duration", "one of ten answers of the public host is slow"},
		{"probes.yaml", `probe="public"} == 1`, `probe="public"} >= 0`, "the public host does not answer"},
		{"probes.yaml", "{{ if eq $value 0.0 }}", "{{ if gt $value 0.0 }}", "the controller has no server for the public host"},
		{"probes-certificates.yaml", ">= 3 * 86400", ">= 1 * 86400", "the host's certificate has two days left"},
		{"probes-certificates.yaml", "unless on (namespace)\n", "and on (namespace)\n", "cert-manager tells of it first"},
		{"orders.yaml", "hour() > 6", "hour() > 5", "no orders at eight"},
	} {
		t.Run(c.cases+" "+c.replacement, func(t *testing.T) {
			cases, err := os.ReadFile(filepath.Join("testdata", c.cases))
			require.NoError(t, err)
			printed, err := playCases(t, promtool, spoil(t, accepted, c.old, c.replacement), cases)
			require.Error(t, err)
			require.Contains(t, printed, c.want)
		})
	}
}
