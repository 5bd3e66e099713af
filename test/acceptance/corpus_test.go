package acceptance

import (
	"testing"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/constructs/monitoring"
)

// What draws have found: accepted once, and then refused by the API server, changed by it, warned of or lost on the way.
// A fault that is found joins the list.
func TestFoundByDraws(t *testing.T) {
	for name, found := range map[string]struct {
		add  func(chart cdk8s.Chart)
		want string
	}{
		"a line break in a key made a mess of the error": {
			backend(func(p *constructs.BackendProps) { p.Pod.Labels = map[string]string{"\n": ""} }),
			`  [drawn/api] backend.pod.labels["\n"]: Invalid value: "\n"`,
		},
		"an id that every JavaScript object has, and Kubernetes takes": {
			func(chart cdk8s.Chart) { constructs.NewNamespace(chart, "constructor", constructs.NamespaceProps{}) },
			`  [drawn] namespace.id: Invalid value: "constructor"`,
		},
		"an id that every JavaScript object has, and Kubernetes does not take": {
			func(chart cdk8s.Chart) { constructs.NewNamespace(chart, "toString", constructs.NamespaceProps{}) },
			`  [drawn] namespace.id: Invalid value: "toString"`,
		},
		"an id that is no text, and stands in Prometheus's configuration": {
			func(chart cdk8s.Chart) { monitoring.NewPrometheus(chart, "\xff", monitoring.PrometheusProps{}) },
			`  [drawn] prometheus.id: Invalid value: "\xff"`,
		},
		"an id that kubectl reads as a number": {
			func(chart cdk8s.Chart) { constructs.NewNamespace(chart, "0o7", constructs.NamespaceProps{}) },
			`  [drawn/0o7] namespace: Invalid value: "0o7": cdk8s writes the text in a form that kubectl reads as`,
		},
		"a value that kubectl reads as a number": {
			backend(func(p *constructs.BackendProps) { p.Env = map[string]string{"A": "+0o6"} }),
			`  [drawn/api] backend: Invalid value: "+0o6": cdk8s writes the text in a form that kubectl reads as`,
		},
		"a block that begins with a tab": {
			backend(func(p *constructs.BackendProps) { p.Files = map[string]string{"/Makefile": "\ttrue\nall:\n"} }),
			`  [drawn/api] backend: Invalid value: "\ttrue\nall:\n": cdk8s writes the text in a form that kubectl cannot read: found a tab character`,
		},
		"bytes that the API server takes for a fraction": {
			backend(func(p *constructs.BackendProps) { p.Resources.Limits.Memory = "1Ei" }),
			`  [drawn/api] backend.resources.limits.memory: Invalid value: "1Ei": must be at least 4Mi and at most 1Pi`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := constructs.Render(func(app cdk8s.App) { found.add(newChart(app, "drawn", namespace)) })
			require.ErrorContains(t, err, found.want)
			checkRefusal(t, err)
		})
	}
}
