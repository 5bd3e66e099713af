package connectivity

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const ingress = `
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {tier: web}, ports: [{name: public, port: 80, targetPort: http}, {name: admin, port: 81}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop, namespace: shop}
spec:
  rules:
    - {host: b.example.com, http: {paths: [{path: /, backend: {service: {name: web, port: {number: 80}}}}]}}
    - {host: a.example.com, http: {paths: [{path: /, backend: {service: {name: web, port: {name: public}}}}, {path: /x, backend: {service: {name: gone, port: {number: 80}}}}]}}
    - {host: c.example.com, http: {paths: [{path: /, backend: {resource: {kind: Bucket, name: files}}}]}}
---`

// labelled gives the object of a kind the label of a component.
func labelled(kind, manifests string) string {
	before, after, _ := strings.Cut(manifests, "kind: "+kind+"\nmetadata: {")
	return before + "kind: " + kind + "\nmetadata: {labels: {app.kubernetes.io/name: shop-ingress}, " + after
}

func TestRequests(t *testing.T) {
	for _, c := range []struct {
		name      string
		manifests string
		want      []string
	}{
		{name: "nobody is admitted", manifests: web + closed},
		{
			name: "who is admitted is the controller",
			manifests: web + db + closed + policyOf(`{podSelector: {matchLabels: {tier: db}}, egress: [{}]}`) + policyOf(`{podSelector: {matchLabels: {tier: web}}, ingress: [
				{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: edge}}}, {podSelector: {matchLabels: {tier: db}}}], ports: [{port: http}]},
				{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}], ports: [{port: 9464}]}]}`),
			want: []string{"internet -> any pod in edge: a.example.com, b.example.com"},
		},
		{
			name:      "a load balancer is",
			manifests: web + closed + policyOf(`{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}`),
			want:      []string{"internet -> 10.0.0.0/8: a.example.com, b.example.com"},
		},
		{
			name: "who a policy of the Ingress's own component admits",
			manifests: web + closed + labelled("Ingress", ingress) +
				labelled("NetworkPolicy", policyOf(`{podSelector: {matchLabels: {tier: web}}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: edge}}}]}]}`)) +
				policyOf(`{podSelector: {matchLabels: {tier: web}}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: support}}}]}]}`),
			want: []string{"internet -> any pod in edge: a.example.com, b.example.com"},
		},
		{name: "everybody is", manifests: web, want: []string{"internet -> web: a.example.com, b.example.com"}},
		{
			name:      "by default",
			manifests: strings.NewReplacer("rules:", "defaultBackend: {service: {name: web, port: {number: 80}}}\n  rules:").Replace(web + ingress),
			want:      []string{"internet -> web: *, a.example.com, b.example.com"},
		},
		{name: "pods of another namespace", manifests: strings.ReplaceAll(web, "shop", "other")},
	} {
		t.Run(c.name, func(t *testing.T) {
			manifests := c.manifests
			if !strings.Contains(manifests, "kind: Ingress") {
				manifests += ingress
			}
			var found []string
			for _, line := range drawn(graphOf(t, manifests), Options{}) {
				if strings.HasPrefix(line, "internet") {
					found = append(found, line)
				}
			}
			require.Equal(t, c.want, found)
		})
	}
}
