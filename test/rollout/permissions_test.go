package rollout

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPermissions asks the API server what the two servers may do that have a token, of a platform that scrapes kubelets too.
func TestPermissions(t *testing.T) {
	begin(t, production)
	tiers := newPlatform()
	tiers.Prometheus.ScrapeKubelets = true
	files := renderTiers(t, tiers)
	maps.DeleteFunc(files, func(name string, _ []byte) bool {
		return !slices.Contains([]string{"00-namespace.k8s.yaml", "60-kube-state-metrics.k8s.yaml", "80-prometheus.k8s.yaml"}, name)
	})
	r := newRunning(t, clientSide, files)
	r.mode.apply(t, r.path())
	kubectlAtEnd(t, "delete", "clusterroles,clusterrolebindings", "--selector=app=ai-platform")

	here, elsewhere, everywhere := "--namespace="+production.Namespace, "--namespace=default", "--all-namespaces"
	for _, may := range []struct {
		account, verb, resource, where string
		allowed                        bool
	}{
		{"kube-state-metrics", "list", "pods", here, true},
		{"kube-state-metrics", "watch", "deployments.apps", here, true},
		{"kube-state-metrics", "watch", "cronjobs.batch", here, true},
		{"kube-state-metrics", "list", "jobs.batch", here, true},
		{"kube-state-metrics", "create", "jobs.batch", here, false},
		{"kube-state-metrics", "list", "pods", elsewhere, false},
		{"kube-state-metrics", "list", "secrets", here, false},
		{"kube-state-metrics", "get", "pods/log", here, false},
		{"kube-state-metrics", "delete", "pods", here, false},
		{"prometheus", "get", "nodes/metrics", everywhere, true},
		{"prometheus", "watch", "nodes", everywhere, true},
		{"prometheus", "get", "nodes/proxy", everywhere, false}, // With it, one may run commands in every container.
		{"prometheus", "list", "pods", here, false},
		{"prometheus", "list", "secrets", here, false},
		{"default", "list", "pods", here, false},
	} {
		account := may.account
		if account != "default" {
			account = "ai-platform-" + account
		}
		// To kubectl, what comes after a slash is a name. It ends with 1 where it says no.
		resource, subresource, _ := strings.Cut(may.resource, "/")
		answer, _, err := control.Kubectl(t.Context(), "", "auth", "can-i", may.verb, resource, "--subresource="+subresource, may.where,
			"--as=system:serviceaccount:"+production.Namespace+":"+account)
		require.Contains(t, []string{"yes", "no"}, strings.Fields(answer)[0], "%v", err)
		require.Equal(t, may.allowed, strings.HasPrefix(answer, "yes"), "%s: %s %s %s", account, may.verb, may.resource, may.where)
	}
}
