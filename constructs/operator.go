package constructs

import (
	"slices"

	"k8s.io/apimachinery/pkg/util/validation/field"
)

// PrometheusOperator says how the Prometheus of a prometheus-operator is told what to scrape, and where it runs.
// https://prometheus-operator.dev/docs/developer/getting-started/
type PrometheusOperator struct {
	// Labels are those by which the operator's Prometheus selects ServiceMonitors and PrometheusRules, such as
	// release: kube-prometheus-stack. Default to none.
	Labels map[string]string

	// Namespace is where the pods of Prometheus are. Defaults to "monitoring".
	Namespace string

	// PodLabels are the labels of the pods of Prometheus. Default to app.kubernetes.io/name: prometheus.
	PodLabels map[string]string
}

const operatorVersion = "monitoring.coreos.com/v1"

// pods fills in the defaults.
func (o PrometheusOperator) pods() foreignPods {
	return foreignPods{o.Namespace, o.PodLabels}.or(
		foreignPods{"monitoring", map[string]string{"app.kubernetes.io/name": "prometheus"}})
}

func (o PrometheusOperator) validate(path *field.Path) field.ErrorList {
	return slices.Concat(
		checkLabels(path.Child("labels"), o.Labels),
		checkReserved(path.Child("labels"), o.Labels),
		o.pods().validate(path),
	)
}

func (p PrometheusProps) validateLeftToOperator(path *field.Path) field.ErrorList {
	return checkUnset(path, "the operator has a Prometheus of its own",
		unsetProp{"alertmanager", !isNil(p.Alertmanager)},
		unsetProp{"retention", p.Retention},
		unsetProp{"retentionSize", p.RetentionSize},
		unsetProp{"kubernetesAPI", p.KubernetesAPI},
		unsetProp{"image", p.Image},
		unsetProp{"imagePullPolicy", p.ImagePullPolicy},
		unsetProp{"resources", p.Resources},
		unsetProp{"storage", p.Storage},
		unsetProp{"pod", p.Pod},
	)
}

// operatorObjects are what the operator reads, and the policies that let its Prometheus in.
func (s scraping) operatorObjects(operator PrometheusOperator) []object {
	var monitors, openings []object
	for _, target := range s.targets {
		monitors = append(monitors, target.serviceMonitor(operator, promDuration(s.interval)))
		openings = append(openings, ingressFrom("opening-"+target.name(), target.suffixed("from-"+s.component),
			podsOf(target.place), operator.pods().peer(), target.port))
	}
	return slices.Concat(monitors, s.prometheusRules(operator), openings)
}

func (s scraping) prometheusRules(operator PrometheusOperator) []object {
	groups := s.groups()
	if len(groups) == 0 {
		return nil
	}
	return []object{{
		id: "prometheus-rule", apiVersion: operatorVersion, kind: "PrometheusRule", name: s.name(), labels: operator.Labels,
		fields: map[string]any{"spec": map[string]any{"groups": groups}},
	}}
}

// serviceMonitor gives the samples the labels that the alerts ask for: the label "namespace" is the operator's doing.
func (t target) serviceMonitor(operator PrometheusOperator, interval string) object {
	endpoint := map[string]any{"port": metricsPortName, "path": t.path, "interval": interval}
	if t.honorLabels {
		endpoint["honorLabels"] = true
	}
	return object{
		id: "service-monitor-" + t.component, apiVersion: operatorVersion, kind: "ServiceMonitor", name: t.name(), labels: operator.Labels,
		fields: map[string]any{"spec": map[string]any{
			"jobLabel":  "app.kubernetes.io/name",
			"selector":  podsOf(t.place),
			"endpoints": []any{endpoint},
		}},
	}
}
