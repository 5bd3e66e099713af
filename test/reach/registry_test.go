package reach

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ai-platform/manifests/internal/registry"
)

// openToEveryone are the cases of Services whose clients' addresses pods do not see, and the port that is open.
var openToEveryone = map[string]string{"backend-node-port": "TCP 8000"}

// The pods of every construct are closed to pods beside them that nobody connected, even in a namespace without policies of its own.
func TestEveryConstructIsClosedToStrangers(t *testing.T) {
	for _, construct := range registry.Constructs() {
		for _, c := range construct.Cases {
			t.Run(c.Name, func(t *testing.T) {
				ours := render(t, "shop", func(app cdk8s.App) { c.Add(chart(app, "shop", "shop", "shop")) })
				addNamespaces(&ours, "shop", "mail")
				for _, policy := range ours.policies {
					policy.Spec.Egress = nil // It does not matter here, and may have addresses that the analyzer does not know.
				}
				var peers []string
				for _, pod := range ours.pods {
					peers = append(peers, peerOf(pod))
				}
				strangers, want := 0, cmp.Or(openToEveryone[c.Name], nothing)
				for between, ports := range connectionsOf(t, inCluster(t, ours).opened(networkingv1.PolicyTypeEgress)) {
					if slices.Contains(peers, between.to) && !slices.Contains(peers, between.from) && strings.HasPrefix(between.from, "shop/") {
						require.Equal(t, want, ports, "%s => %s", between.from, between.to)
						strangers++
					}
				}
				require.Equal(t, len(peers) > 0, strangers > 0, "nobody tried")
			})
		}
	}
}

// addNamespaces adds the namespaces that the manifests do not have.
func addNamespaces(m *manifests, names ...string) {
	for _, name := range names {
		if !m.own(name + "/") {
			m.namespaces = append(m.namespaces, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}})
		}
	}
}
