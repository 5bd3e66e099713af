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

// service is what the HTTPRoutes lead to.
const service = `
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {tier: web}, ports: [{name: public, port: 80, targetPort: http}]}
---`

// httpRoute is one of the component shop-web, with a spec without its parents.
func httpRoute(spec string) string {
	return `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop, namespace: shop, labels: {app.kubernetes.io/name: shop-web}}
spec: {parentRefs: [{name: public, sectionName: https}, {kind: ListenerSet, name: shop}], ` + spec + `}
---`
}

// proxyPolicy admits peers to the pod web, for the component shop-web.
func proxyPolicy(peers string) string {
	return strings.Replace(policyOf(`{podSelector: {matchLabels: {tier: web}}, ingress: [{from: [`+peers+`], ports: [{port: 8080}]}]}`),
		"namespace: shop", "namespace: shop, labels: {app.kubernetes.io/name: shop-web}", 1)
}

const (
	toWeb      = `rules: [{backendRefs: [{name: web, port: 80}]}]`
	gatewayPod = `{podSelector: {matchLabels: {gateway.networking.k8s.io/gateway-name: shop}}}`
	envoy      = `{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: envoy-gateway-system}}, podSelector: {matchLabels: {owning-gateway-name: public}}}`
)

// ciliumPolicyOf is one for the pod web.
func ciliumPolicyOf(rules string) string {
	return `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: c, namespace: shop, labels: {app.kubernetes.io/name: shop-web}}
spec: {endpointSelector: {matchLabels: {tier: web}}, ` + rules + `}
---`
}

func TestRequestsByGateway(t *testing.T) {
	const hosts = `hostnames: [b.example.com, a.example.com], `
	for _, c := range []struct {
		name      string
		manifests string
		want      []string
	}{
		{
			name: "through a proxy elsewhere", manifests: httpRoute(hosts+toWeb) + proxyPolicy(envoy),
			want: []string{"internet -> owning-gateway-name=public in envoy-gateway-system: a.example.com, b.example.com", "owning-gateway-name=public in envoy-gateway-system -> web: 8080"},
		},
		{
			name: "through a proxy nearby, which everyone reaches",
			manifests: httpRoute(hosts+toWeb) + proxyPolicy(gatewayPod) +
				policyOf(`{podSelector: {matchLabels: {gateway.networking.k8s.io/gateway-name: shop}}, ingress: [{ports: [{port: 443}]}], egress: [{to: [{podSelector: {matchLabels: {tier: web}}}], ports: [{port: 8080}]}]}`),
			want: []string{
				"internet -> gateway-name=shop in shop: a.example.com, b.example.com", "gateway-name=shop in shop -> web: 8080", "anywhere -> gateway-name=shop in shop: 443",
			},
		},
		{
			name: "through a load balancer", manifests: httpRoute(hosts+toWeb) + proxyPolicy("{ipBlock: {cidr: 130.211.0.0/22}}"),
			want: []string{"internet -> 130.211.0.0/22: a.example.com, b.example.com", "130.211.0.0/22 -> web: 8080"},
		},
		{
			name: "through Cilium's proxies", manifests: httpRoute(hosts+toWeb) + ciliumPolicyOf(`ingress: [{fromEntities: [ingress], toPorts: [{ports: [{port: "8080", protocol: TCP}]}]}]`),
			want: []string{"internet -> Cilium's ingress: a.example.com, b.example.com", "Cilium's ingress -> web: 8080"},
		},
		{name: "a redirect leads nowhere", manifests: httpRoute(hosts+`rules: [{filters: [{type: RequestRedirect, requestRedirect: {scheme: https}}]}]`) + proxyPolicy(envoy), want: []string{"owning-gateway-name=public in envoy-gateway-system -> web: 8080"}},
		{
			name:      "backends without a share, without a port and of another kind",
			manifests: httpRoute(hosts+`rules: [{backendRefs: [{name: web, port: 80, weight: 0}, {name: web}, {kind: Bucket, name: web, port: 80}, {namespace: other, name: web, port: 80}]}]`) + proxyPolicy(envoy),
			want:      []string{"owning-gateway-name=public in envoy-gateway-system -> web: 8080"},
		},
		{
			name: "hosts of the listeners", manifests: httpRoute(toWeb) + proxyPolicy(envoy) + `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: public, namespace: shop}
spec: {listeners: [{name: http, hostname: plain.example.com}, {name: https, hostname: c.example.com}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: ListenerSet
metadata: {name: shop, namespace: shop}
spec: {listeners: [{name: a, hostname: d.example.com}, {name: b, hostname: e.example.com}]}
---`,
			want: []string{"internet -> owning-gateway-name=public in envoy-gateway-system: c.example.com, d.example.com, e.example.com", "owning-gateway-name=public in envoy-gateway-system -> web: 8080"},
		},
		{
			name: "hosts of listeners that are not here", manifests: httpRoute(toWeb) + proxyPolicy(envoy),
			want: []string{"internet -> owning-gateway-name=public in envoy-gateway-system: *", "owning-gateway-name=public in envoy-gateway-system -> web: 8080"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, drawn(graphOf(t, web, closed, service, c.manifests), Options{}))
		})
	}
}

func TestEntities(t *testing.T) {
	for rules, want := range map[string][]string{
		`ingress: [{fromEntities: [ingress, host]}]`: {"Cilium's host -> web: all ports", "Cilium's ingress -> web: all ports", "web -> anywhere: all ports"},
		`ingress: [{fromEntities: [ingress], toPorts: [{ports: [{port: "80", endPort: 90}, {port: http, protocol: TCP}]}]}]`: {
			"Cilium's ingress -> web: SCTP 80-90, 80-90, 8080, UDP 80-90", "web -> anywhere: all ports",
		},
		`ingress: [{fromEntities: [all], toPorts: [{ports: [{port: "80", protocol: TCP}]}]}]`: {"web -> anywhere: all ports", "anywhere -> web: 80"},
		`ingress: [{toPorts: [{ports: [{port: "80", protocol: TCP}]}]}]`:                      {"web -> anywhere: all ports", "anywhere -> web: 80"},
		`ingress: [{}]`: {"web -> anywhere: all ports"},
		`egress: [{toEntities: [ingress], toPorts: [{ports: [{port: "443", protocol: TCP}]}]}]`: {"web -> Cilium's ingress: 443", "anywhere -> web: all ports"},
		``: {"web <-> anywhere: all ports"},
	} {
		objects := objectsOf(t, web, ciliumPolicyOf(rules))
		require.NoError(t, Understood(objects), rules)
		g, err := New(objects)
		require.NoError(t, err)
		lines := drawn(g, Options{})
		for i := range lines {
			lines[i] = strings.Replace(lines[i], "anywhere <-> web", "web <-> anywhere", 1)
		}
		require.Equal(t, want, lines, rules)
	}
}

// A picture without the connections of a policy would be wrong. Other commands do without it.
func TestCiliumPoliciesThatAreNotUnderstood(t *testing.T) {
	objects := objectsOf(t, web, db, closed, ciliumPolicyOf(`ingress: [{fromEndpoints: [{}]}]`), ciliumPolicyOf(`ingress: [{fromEntities: [ingress], toPorts: [{ports: [{port: "99999", protocol: TCP}]}]}]`))
	err := Understood(objects)
	const only = "CiliumNetworkPolicy shop/c: only endpointSelector, fromEntities, toEntities and their ports are supported: "
	require.EqualError(t, err, only+`strict decoding error: unknown field "spec.ingress[0].fromEndpoints"`+"\n"+only+"spec.ingress[0]: ports[0]: port: 99999 must be between 1 and 65535")
	g, err := New(objects)
	require.NoError(t, err)
	require.Empty(t, g.Edges)
}

func TestDependenciesByGateway(t *testing.T) {
	open := policyOf("{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {tier: web}}}], ports: [{port: sql}]}]}")
	found, err := Dependencies(objectsOf(t, web, db, open, service, httpRoute(toWeb)))
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Equal(t, "Pod shop/web", found[0].Client)
}

// What Cilium's proxies lose is a danger like others.
func TestClosedEntities(t *testing.T) {
	before := objectsOf(t, web, closed, ciliumPolicyOf(`ingress: [{fromEntities: [ingress], toPorts: [{ports: [{port: "8080", protocol: TCP}]}]}]`))
	steps := Closed(before, objectsOf(t, web, closed))
	require.Len(t, steps[0], 1)
	require.Equal(t, "closes connections from Cilium's ingress to web on 8080", steps[0][0].String())
}
