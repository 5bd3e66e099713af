package cluster

import (
	"fmt"
	"strings"
)

// collections are the paths of the API by kind. The namespace of an object stands for %.
var collections = map[string]string{
	"Namespace":               "/api/v1/namespaces",
	"ConfigMap":               "/api/v1/namespaces/%/configmaps",
	"Secret":                  "/api/v1/namespaces/%/secrets",
	"Pod":                     "/api/v1/namespaces/%/pods",
	"ServiceAccount":          "/api/v1/namespaces/%/serviceaccounts",
	"PersistentVolumeClaim":   "/api/v1/namespaces/%/persistentvolumeclaims",
	"Service":                 "/api/v1/namespaces/%/services",
	"Deployment":              "/apis/apps/v1/namespaces/%/deployments",
	"StatefulSet":             "/apis/apps/v1/namespaces/%/statefulsets",
	"DaemonSet":               "/apis/apps/v1/namespaces/%/daemonsets",
	"Job":                     "/apis/batch/v1/namespaces/%/jobs",
	"CronJob":                 "/apis/batch/v1/namespaces/%/cronjobs",
	"HorizontalPodAutoscaler": "/apis/autoscaling/v2/namespaces/%/horizontalpodautoscalers",
	"PodDisruptionBudget":     "/apis/policy/v1/namespaces/%/poddisruptionbudgets",
	"NetworkPolicy":           "/apis/networking.k8s.io/v1/namespaces/%/networkpolicies",
	"Ingress":                 "/apis/networking.k8s.io/v1/namespaces/%/ingresses",
	"Role":                    "/apis/rbac.authorization.k8s.io/v1/namespaces/%/roles",
	"RoleBinding":             "/apis/rbac.authorization.k8s.io/v1/namespaces/%/rolebindings",
	"ClusterRole":             "/apis/rbac.authorization.k8s.io/v1/clusterroles",
	"ClusterRoleBinding":      "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
	"AppProject":              "/apis/argoproj.io/v1alpha1/namespaces/%/appprojects",
	"Application":             "/apis/argoproj.io/v1alpha1/namespaces/%/applications",
	"ApplicationSet":          "/apis/argoproj.io/v1alpha1/namespaces/%/applicationsets",
	"Probe":                   "/apis/monitoring.coreos.com/v1/namespaces/%/probes",
	"ServiceMonitor":          "/apis/monitoring.coreos.com/v1/namespaces/%/servicemonitors",
	"PrometheusRule":          "/apis/monitoring.coreos.com/v1/namespaces/%/prometheusrules",
	"ExternalSecret":          "/apis/external-secrets.io/v1/namespaces/%/externalsecrets",
	"Password":                "/apis/generators.external-secrets.io/v1alpha1/namespaces/%/passwords",
}

// ObjectPath is the path of an object below URL. It knows the kinds that the project's manifests have.
func ObjectPath(kind, namespace, name string) (string, error) {
	collection, known := collections[kind]
	if !known {
		return "", fmt.Errorf("no path is known for the kind %q", kind)
	}
	return strings.ReplaceAll(collection, "%", namespace) + "/" + name, nil
}
