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
			"The container {{ $labels.container }} of {{ $labels.pod }} is held back {{ $value | humanizePercentage }} of the time, by its CPU limit"),
		newAlert("ContainerMemoryNearLimit", SeverityWarning, 15*time.Minute, s.containerMemoryUse()+" > 0.9",
			"The container {{ $labels.container }} of {{ $labels.pod }} uses {{ $value | humanizePercentage }} of the memory that it may"),
		newAlert("VolumeFillingUp", SeverityWarning, 30*time.Minute,
			fmt.Sprintf("%s < 0.3\nand on (namespace, persistentvolumeclaim)\npredict_linear(%s[6h], 4 * 86400) < 0", s.volumeFree(), s.samplesIn(volumeAvailable)),
			"The volume {{ $labels.persistentvolumeclaim }} will be full within four days: {{ $value | humanizePercentage }} are free"),
		newAlert("VolumeAlmostFull", SeverityCritical, 5*time.Minute, s.volumeFree()+" < 0.05",
			"The volume {{ $labels.persistentvolumeclaim }} has only {{ $value | humanizePercentage }} free"),
	}
}

// What kubelet and cAdvisor export. https://kubernetes.io/docs/reference/instrumentation/metrics/
const (
	volumeAvailable = "kubelet_volume_stats_available_bytes"
	volumeCapacity  = "kubelet_volume_stats_capacity_bytes"

	claimLabel = "persistentvolumeclaim"
)

// ofContainers leaves out the sums that cAdvisor has beside the containers.
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
				ofContainer("CPU", "short", s.byContainer("sum", used),
					"CPU cores that each container uses. Worry when one container uses far more than before."),
				ofContainer("CPU of request", "percentunit", of(used, requested, "cpu"),
					"CPU used as a share of what was requested. Above 100% for long, the request is too low: on a busy node the container gets no more than that."),
				ofContainer("CPU of limit", "percentunit", of(used, limited, "cpu"),
					"CPU used as a share of the limit. Near 100% the container is throttled."),
				ofContainer("Held back by the limit", "percentunit", s.throttled(rateInterval, chosenPod),
					"Share of the time in which the CPU limit stopped the container. Above 50% for long, it answers slowly: raise the limit."),
			}},
			{Title: "Memory", Panels: []Panel{
				ofContainer("Memory", "bytes", s.byContainer("sum", working),
					"Memory that each container uses and the kernel cannot take back. Memory that only grows is a leak."),
				ofContainer("Memory of request", "percentunit", of(working, requested, "memory"),
					"Memory used as a share of what was requested. Above 100%, the pod is among the first that a node short of memory evicts."),
				ofContainer("Memory of limit", "percentunit", of(working, limited, "memory"),
					"Memory used as a share of the limit. Above 90% the container is soon killed (OOMKilled)."),
			}},
			{Title: "Volumes", Panels: []Panel{{
				Title:       "Free space",
				Description: "Free space of each volume. Below 30% watch how fast it falls; below 5% enlarge the volume at once.",
				Unit:        "percentunit", Queries: []Query{{Expr: s.volumeFree(), Legend: "{{persistentvolumeclaim}}"}},
			}}},
		},
	}
}
