package constructs

import (
	"testing"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check/checktest"
	"github.com/ai-platform/manifests/internal/manifest"
)

func TestNamespacePropsValidate(t *testing.T) {
	path, in := field.NewPath("namespace"), testComponent
	const ofCluster = "must not be one of the cluster's own namespaces: pods there, such as those of DNS, would lose all connections"
	runChecks(t, map[string]expectation{
		"least": {errs: NamespaceProps{}.validate(path, in)},
		"all": {errs: NamespaceProps{
			Labels:      map[string]string{"name": "shop", "environment": "production"},
			Annotations: map[string]string{"note": "of the shop"},
		}.validate(path, in)},
		"default":     {NamespaceProps{}.validate(path, manifest.Component{Namespace: "default"}), []string{`namespace.chart.namespace: Invalid value: "default": ` + ofCluster}},
		"kube-system": {NamespaceProps{}.validate(path, manifest.Component{Namespace: "kube-system"}), []string{`namespace.chart.namespace: Invalid value: "kube-system": ` + ofCluster}},
		"kube-public": {NamespaceProps{}.validate(path, manifest.Component{Namespace: "kube-public"}), []string{`namespace.chart.namespace: Invalid value: "kube-public": ` + ofCluster}},
		"kubeshop":    {errs: NamespaceProps{}.validate(path, manifest.Component{Namespace: "kubeshop"})},
		"no name":     {NamespaceProps{}.validate(path, manifest.Component{App: "shop", ID: "namespace"}), []string{"namespace.chart.namespace: Required value: set Namespace in the chart's ChartProps: it becomes the namespace's name"}},
		"all wrong": {
			NamespaceProps{
				Labels:      map[string]string{"a b": "c d", "app": "x", "pod-security.kubernetes.io/enforce": "privileged"},
				Annotations: map[string]string{"e f": "\xff"},
			}.validate(path, manifest.Component{}),
			[]string{
				`namespace.labels[a b]: Invalid value: "a b": ` + checktest.QualifiedNameRule,
				`namespace.labels[a b]: Invalid value: "c d": ` + checktest.LabelValueRule,
				"namespace.labels[app]: Forbidden: is set by the construct",
				"namespace.labels[pod-security.kubernetes.io/enforce]: Forbidden: is set by the construct",
				"namespace.chart.namespace: Required value: set Namespace in the chart's ChartProps: it becomes the namespace's name",
				`namespace.annotations[e f]: Invalid value: "e f": ` + checktest.QualifiedNameRule,
				`namespace.annotations[e f]: Invalid value: "` + "\ufffd" + `": must be valid UTF-8`,
			},
		},
	})
}
