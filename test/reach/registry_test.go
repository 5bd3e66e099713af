package reach

import (
	"testing"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/internal/registry"
)

// The pods of every construct are closed to pods beside them that nobody connected, also in a namespace that is open itself.
func TestEveryConstructIsClosedToStrangers(t *testing.T) {
	for _, construct := range registry.Constructs() {
		for _, c := range construct.Cases {
			t.Run(c.Name, func(t *testing.T) {
				ours := withoutEgress(renderedIn(t, "shop", c))
				measured, err := measure(ingressAlone.of(join(ours, clusterWith(t, "shop"))))
				require.NoError(t, err)
				isOurs := map[string]bool{}
				for _, w := range ours.workloads {
					isOurs[w.peer()] = true
				}
				strangers := map[string]bool{}
				for between, ports := range measured {
					if isOurs[between.from] || !isOurs[between.to] || !inNamespace(between.from, "shop") {
						continue
					}
					strangers[between.from] = true
					require.Equal(t, nothing, ports, "%s reaches %s", between.from, between.to)
				}
				require.Equal(t, len(isOurs) == 0, len(strangers) == 0, "nobody tried")
			})
		}
	}
}

// renderedIn are the manifests of a case, in namespaces that have no policies of their own.
func renderedIn(t *testing.T, namespace string, c registry.Case) manifests {
	t.Helper()
	files, err := constructs.Render(func(app cdk8s.App) { c.Add(chart(app, namespace, namespace, namespace)) })
	require.NoError(t, err)
	var all manifests
	for name, file := range files {
		m, err := parse(file, namespace)
		require.NoError(t, err, name)
		all = join(all, m)
	}
	for _, name := range []string{namespace, "mail"} {
		if !all.hasNamespace(name) {
			all.namespaces = append(all.namespaces, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
				Name: name, Labels: map[string]string{corev1.LabelMetadataName: name},
			}})
		}
	}
	return all
}

func (m manifests) hasNamespace(name string) bool {
	for _, namespace := range m.namespaces {
		if namespace.Name == name {
			return true
		}
	}
	return false
}

// withoutEgress leaves out what the judge cannot read and does not matter here: addresses of IPv6.
func withoutEgress(m manifests) manifests {
	for _, policy := range m.policies {
		policy.Spec.Egress = nil
	}
	return m
}

func inNamespace(peer, namespace string) bool {
	return len(peer) > len(namespace) && peer[:len(namespace)+1] == namespace+"/"
}
