package monitoring

import (
	"fmt"
	"time"

	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
)

const (
	kubeletPort = 10250
	kubeletJob  = "kubelet"
	cadvisorJob = "cadvisor"

	// tokenFile is where a pod finds its ServiceAccount's token.
	tokenFile = "/var/run/secrets/kubernetes.io/serviceaccount/token"
)

// kubeletRules are the permissions that scraping kubelets takes: "nodes/metrics", which is no more than to read, and to find
// the nodes. https://kubernetes.io/docs/reference/access-authn-authz/kubelet-authn-authz/
func kubeletRules() []*k8s.PolicyRule {
	return []*k8s.PolicyRule{
		allow("", []string{"get", "list", "watch"}, []string{"nodes"}),
		allow("", []string{"get"}, []string{"nodes/metrics"}),
	}
}

// kubeletConfigs scrape what kubelet knows of volumes, and what cAdvisor in it knows of containers.
func (s scraping) kubeletConfigs() []scrapeConfig {
	var configs []scrapeConfig
	for _, of := range []struct{ job, path string }{{kubeletJob, "/metrics"}, {cadvisorJob, "/metrics/cadvisor"}} {
		configs = append(configs, scrapeConfig{
			JobName:       of.job,
			HonorLabels:   true,
			Scheme:        "https",
			MetricsPath:   of.path,
			Authorization: &authorizationConfig{tokenFile},
			// Most clusters let kubelets sign their own certificates.
			TLSConfig:            &tlsConfig{InsecureSkipVerify: true},
			KubernetesConfigs:    []kubernetesConfig{{Role: "node"}},
			MetricRelabelConfigs: s.onlyHere("namespace"),
		})
	}
	return configs
}

func (s scraping) kubeletAlerts() []Alert {
	return []Alert{
		newAlert("ContainerCPUThrottled", SeverityWarning, 15*time.Minute, s.throttled("5m")+" > 0.5",
			"Container {{ $labels.container }} of pod {{ $labels.pod }} is throttled by its CPU limit {{ $value | humanizePercentage }} of the time"),
		newAlert("ContainerMemoryNearLimit", SeverityWarning, 15*time.Minute, s.containerMemoryUse()+" > 0.9",
			"Container {{ $labels.container }} of pod {{ $labels.pod }} is using {{ $value | humanizePercentage }} of its memory limit"),
		newAlert("VolumeFillingUp", SeverityWarning, 30*time.Minute,
			fmt.Sprintf("%s < 0.3\nand on (namespace, persistentvolumeclaim)\npredict_linear(%s[6h], 4 * 86400) < 0", s.volumeFree(), s.samplesIn(volumeAvailable)),
			"Volume {{ $labels.persistentvolumeclaim }} has {{ $value | humanizePercentage }} of its space left: at this rate it is full within 4 days"),
		newAlert("VolumeAlmostFull", SeverityCritical, 5*time.Minute, s.volumeFree()+" < 0.05",
			"Volume {{ $labels.persistentvolumeclaim }} has only {{ $value | humanizePercentage }} of its space left"),
	}
}

// What kubelet and cAdvisor export. https://kubernetes.io/docs/reference/instrumentation/metrics/
const (
	volumeAvailable = "kubelet_volume_stats_available_bytes"
	volumeCapacity  = "kubelet_volume_stats_capacity_bytes"

	claimLabel = "persistentvolumeclaim"
)

// ofContainers excludes the sums that cAdvisor exports in addition to the containers.
const ofContainers = `container!=""`

// throttled is the share of CPU periods in which a container was stopped by its limit.
func (s scraping) throttled(window string, more ...string) string {
	periods := func(metric string) string {
		return s.byContainer("sum", fmt.Sprintf("rate(%s[%s])", s.samplesIn(metric, append([]string{ofContainers}, more...)...), window))
	}
	return periods("container_cpu_cfs_throttled_periods_total") + " / " + periods("container_cpu_cfs_periods_total")
}

// containerMemoryUse takes the limit from cAdvisor or, where an operator's Prometheus drops what cAdvisor says of it, from
// kube-state-metrics.
func (s scraping) containerMemoryUse() string {
	return s.byContainer("max", s.samplesIn("container_memory_working_set_bytes", ofContainers)) +
		" / " + s.byContainer("max", s.samplesIn("container_spec_memory_limit_bytes", ofContainers)+" > 0 or "+
		s.samplesIn(limited, `resource="memory"`))
}

func (s scraping) byContainer(aggregation, expr string) string {
	return fmt.Sprintf("%s by (namespace, pod, container) (%s)", aggregation, expr)
}

func (s scraping) volumeFree() string {
	return fmt.Sprintf("max by (namespace, persistentvolumeclaim) (%s / %s)", s.samplesIn(volumeAvailable), s.samplesIn(volumeCapacity))
}

func (s scraping) kubeletDashboard() Dashboard {
	ofContainer := func(title, unit, expr, description string) Panel {
		return Panel{Title: title, Description: description, Unit: unit, Queries: []Query{{Expr: expr, Legend: "{{pod}} {{container}}"}}}
	}
	used := fmt.Sprintf("rate(%s[%s])", s.samplesIn("container_cpu_usage_seconds_total", ofContainers, chosenPod), rateInterval)
	working := s.samplesIn("container_memory_working_set_bytes", ofContainers, chosenPod)
	of := func(use, amounts, resource string) string {
		return s.byContainer("sum", use) + " / " + s.byContainer("max", s.samplesIn(amounts, `resource="`+resource+`"`, chosenPod))
	}
	return Dashboard{
		choices: s.samplesIn("container_memory_working_set_bytes", ofContainers),
		Name:    "containers",
		Title:   s.Namespace + ": containers",
		Rows: []DashboardRow{
			{Title: "CPU", Panels: []Panel{
				ofContainer("CPU usage", "short", s.byContainer("sum", used),
					"CPU cores used by each container. Compare with earlier days if a container uses unusually much."),
				ofContainer("CPU (% of request)", "percentunit", of(used, requested, "cpu"),
					"CPU usage, relative to the request. If it stays above 100%, raise the request: on a busy node the container gets no more than it requests."),
				ofContainer("CPU (% of limit)", "percentunit", of(used, limited, "cpu"),
					"CPU usage, relative to the limit. Near 100%, the container is throttled."),
				ofContainer("CPU throttling", "percentunit", s.throttled(rateInterval, chosenPod),
					"Percentage of CPU periods in which the container was throttled. If it stays above 50%, raise the limit: the container responds slowly."),
			}},
			{Title: "Memory", Panels: []Panel{
				ofContainer("Memory usage", "bytes", s.byContainer("sum", working),
					"Working set of each container: memory that the kernel cannot easily reclaim. Steady growth suggests a leak."),
				ofContainer("Memory (% of request)", "percentunit", of(working, requested, "memory"),
					"Memory usage, relative to the request. Above 100%, the pod is among the first to be evicted when the node runs low on memory."),
				ofContainer("Memory (% of limit)", "percentunit", of(working, limited, "memory"),
					"Memory usage, relative to the limit. Above 90%, the container is likely to be OOMKilled."),
			}},
			{Title: "Volumes", Panels: []Panel{{
				Title:       "Free space",
				Description: "Free space of each volume. Below 30%, watch the trend. Below 5%, expand the volume immediately.",
				Unit:        "percentunit", Queries: []Query{{Expr: s.volumeFree(), Legend: "{{persistentvolumeclaim}}"}},
			}}},
		},
	}
}
