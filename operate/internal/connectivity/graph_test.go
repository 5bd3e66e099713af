package connectivity

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/ai-platform/manifests/internal/objectfile"
)

// Objects that tests share: two pods, and a policy that closes the namespace.
const (
	web = `
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: shop, tier: web}}
spec: {containers: [{name: web, ports: [{name: http, containerPort: 8080}]}]}
---`
	db = `
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: shop, tier: db}}
spec: {containers: [{name: db, ports: [{name: sql, containerPort: 5432}, {name: sql, containerPort: 5433, protocol: UDP}]}]}
---`
	closed = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: default-deny, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
---`
)

// policyOf is a network policy of the namespace shop.
func policyOf(spec string) string {
	return fmt.Sprintf(`
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: shop}
spec: %s
---`, spec)
}

func objectsOf(t *testing.T, manifests ...string) []unstructured.Unstructured {
	t.Helper()
	objects, err := objectfile.Read([]byte(strings.Join(manifests, "")))
	require.NoError(t, err)
	var all []unstructured.Unstructured
	for _, object := range objects {
		all = append(all, unstructured.Unstructured{Object: object})
	}
	return all
}

func graphOf(t *testing.T, manifests ...string) Graph {
	t.Helper()
	g, err := New(objectsOf(t, manifests...))
	require.NoError(t, err)
	return g
}

// edges are all edges of a graph, a line each.
func edges(g Graph) []string {
	var lines []string
	for _, e := range g.Edges {
		e.named = e.Ports
		lines = append(lines, fmt.Sprintf("%s -> %s: %s", e.From, e.To, e.label()))
	}
	return lines
}

// drawn are the lines of a graph's picture.
func drawn(g Graph, options Options) []string {
	var lines []string
	for _, l := range g.Picture(options).lines {
		arrow := "->"
		if l.both {
			arrow = "<->"
		}
		lines = append(lines, fmt.Sprintf("%s %s %s: %s", l.from, arrow, l.to, l.label))
	}
	return lines
}

func TestPolicies(t *testing.T) {
	for _, c := range []struct {
		name      string
		manifests string
		want      []string
	}{
		{name: "default deny", manifests: web + db + closed},
		{
			name:      "no policy",
			manifests: web,
			want:      []string{"web -> web: all ports", "web -> anywhere: all ports", "anywhere -> web: all ports"},
		},
		{
			name:      "policies are of one namespace",
			manifests: strings.ReplaceAll(web, "shop", "other") + closed,
			want:      []string{"web -> web: all ports", "web -> anywhere: all ports", "anywhere -> web: all ports"},
		},
		{
			name: "one side is not enough",
			manifests: web + db + closed +
				policyOf(`{podSelector: {matchLabels: {tier: db}}, ingress: [{from: [{podSelector: {matchLabels: {tier: web}}}]}]}`),
		},
		{
			name: "both sides, and the ports that both allow",
			manifests: web + db + closed +
				policyOf(`{podSelector: {matchLabels: {tier: db}}, ingress: [{from: [{podSelector: {matchLabels: {tier: web}}}], ports: [{port: 5000, endPort: 6000}]}]}`) +
				policyOf(`{podSelector: {matchLabels: {tier: web}}, egress: [{to: [{podSelector: {}}], ports: [{port: 5432}, {port: 5433, protocol: UDP}, {port: 5990, endPort: 7000}]}]}`),
			want: []string{"web -> db: 5432, 5990-6000"},
		},
		{
			name: "policies add to each other",
			manifests: web + db + closed + policyOf(`{podSelector: {}, egress: [{}]}`) +
				policyOf(`{podSelector: {matchLabels: {tier: db}}, ingress: [{from: [{podSelector: {}}], ports: [{port: 1}, {port: 2}]}]}`) +
				policyOf(`{podSelector: {matchLabels: {tier: db}}, ingress: [{from: [{podSelector: {}}], ports: [{port: 3}, {port: 5}, {protocol: UDP}]}]}`),
			want: []string{
				"db -> db: 1-3, 5, all UDP", "db -> anywhere: all ports", "web -> db: 1-3, 5, all UDP", "web -> anywhere: all ports",
			},
		},
		{
			name:      "without types, egress counts if there are such rules",
			manifests: web + policyOf(`{podSelector: {}, ingress: [], egress: []}`),
			want:      []string{"web -> anywhere: all ports"},
		},
		{
			name:      "without types, ingress counts always",
			manifests: web + policyOf(`{podSelector: {}, egress: [{ports: [{port: 443}]}]}`),
			want:      []string{"web -> anywhere: 443"},
		},
		{
			name:      "rules of a type that is not listed do not count",
			manifests: web + policyOf(`{podSelector: {}, policyTypes: [Egress], ingress: [{ports: [{port: 80}]}]}`),
			want:      []string{"anywhere -> web: all ports"},
		},
		{
			name:      "empty lists of peers and ports are all of them",
			manifests: web + closed + policyOf(`{podSelector: {}, ingress: [{from: [], ports: []}]}`),
			want:      []string{"anywhere -> web: all ports"},
		},
		{
			name: "named ports are the server's, by protocol",
			manifests: web + db + closed +
				policyOf(`{podSelector: {}, ingress: [{from: [{podSelector: {}}], ports: [{port: http}, {port: sql}]}], egress: [{to: [{podSelector: {}}]}]}`),
			want: []string{"db -> db: 5432", "db -> web: 8080", "web -> db: 5432", "web -> web: 8080"},
		},
		{
			name: "a named port of pods that are not in the folder",
			manifests: web + closed +
				policyOf(`{podSelector: {}, egress: [{to: [{podSelector: {matchLabels: {k: v}}, namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: x}}}], ports: [{port: https}]}]}`),
			want: []string{"web -> k=v in x: https"},
		},
		{
			name: "expressions",
			manifests: web + db + closed + policyOf(`{podSelector: {}, egress: [{to: [{podSelector: {}}]}]}`) +
				policyOf(`{podSelector: {matchExpressions: [{key: tier, operator: NotIn, values: [web]}]}, ingress: [{from: [{podSelector: {matchExpressions: [{key: tier, operator: In, values: [web, api]}, {key: gone, operator: DoesNotExist}, {key: app, operator: Exists}]}}], ports: [{port: 1}]}]}`),
			want: []string{"web -> db: 1"},
		},
		{
			name: "addresses",
			manifests: web + closed +
				policyOf(`{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16, 10.2.0.0/16]}}], ports: [{port: 5432}]}, {to: [{ipBlock: {cidr: "::/0"}}, {ipBlock: {cidr: 0.0.0.0/0}}], ports: [{port: 443}]}]}`),
			want: []string{"web -> 10.0.0.0/8 except 10.1.0.0/16 and 10.2.0.0/16: 443, 5432", "web -> any address: 443"},
		},
		{
			name: "a peer of one namespace, of some, and of any",
			manifests: web + closed +
				policyOf(`{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: a}}}], ports: [{port: 1}]}, {from: [{namespaceSelector: {matchLabels: {example.com/team: b}}, podSelector: {matchLabels: {app.kubernetes.io/name: c}}}], ports: [{port: 2}]}, {from: [{namespaceSelector: {}, podSelector: {matchLabels: {d: e}}}], ports: [{port: 3}]}]}`),
			want: []string{
				"any pod in a -> web: 1",
				"d=e in any namespace -> web: 3",
				"name=c in namespaces example.com/team=b -> web: 2",
			},
		},
		{
			name: "a selector of namespaces that selects the folder's",
			manifests: web + closed + `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {team: a}}
---` + policyOf(`{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: a}}}], ports: [{port: 1}]}], egress: [{to: [{podSelector: {matchLabels: {tier: web}}, namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}}]}]}`),
			want: []string{"any pod in namespaces team=a -> web: 1", "web -> web: 1"},
		},
		{
			name: "pods that a policy closes and that are not in the folder",
			manifests: web + closed +
				policyOf(`{podSelector: {matchLabels: {acme/solver: "true"}}, ingress: [{from: [{podSelector: {matchLabels: {role: tester}}}, {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: edge}}}], ports: [{port: 8089}]}]}`),
			want: []string{"any pod in edge -> solver=true in shop: 8089"}, // The tester is closed itself.
		},
		{
			name: "a label that two expressions limit",
			manifests: web + closed + policyOf(`{podSelector: {}, egress: [
				{to: [{namespaceSelector: {}, podSelector: {matchExpressions: [{key: role, operator: In, values: [k1, k2]}, {key: role, operator: NotIn, values: [k1]}]}}], ports: [{port: 1}]},
				{to: [{namespaceSelector: {}, podSelector: {matchExpressions: [{key: e, operator: Exists}, {key: e, operator: NotIn, values: [""]}]}}], ports: [{port: 2}]}]}`),
			want: []string{
				"web -> e,e notin () in any namespace: 2",
				"web -> role in (k1,k2),role notin (k1) in any namespace: 1",
			},
		},
		{
			name:      "a selector that selects nothing",
			manifests: web + closed + policyOf(`{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {a: b}, matchExpressions: [{key: a, operator: DoesNotExist}]}}]}]}`),
		},
		{
			name: "pods in the network of their node",
			manifests: strings.Replace(web, "spec: {", "spec: {hostNetwork: true, ", 1) + db + closed +
				policyOf(`{podSelector: {matchLabels: {tier: db}}, ingress: [{from: [{podSelector: {}}], ports: [{port: 1}]}, {ports: [{port: 2}]}], egress: [{to: [{podSelector: {}}]}]}`),
			want: []string{
				"db -> db: 1-2", "web -> db: 2", "web -> web: all ports", "web -> anywhere: all ports", "anywhere -> db: 2",
				"anywhere -> web: all ports",
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, edges(graphOf(t, c.manifests)))
		})
	}
}

// Without policies everything is open, and a picture of each pair would show nothing.
func TestOpenPodsAreDrawnOnce(t *testing.T) {
	require.Equal(t, []string{"anywhere <-> db: all ports", "anywhere <-> web: all ports"}, drawn(graphOf(t, web, db), Options{}))
}

func TestPictureShowsWhatPoliciesName(t *testing.T) {
	g := graphOf(t, web, db,
		policyOf(`{podSelector: {matchLabels: {tier: db}}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {matchLabels: {tier: web}}}], ports: [{port: 5432}]}]}`),
		policyOf(`{podSelector: {matchLabels: {tier: web}}, policyTypes: [Ingress], ingress: [{ports: [{port: 8080}]}]}`))
	require.Contains(t, edges(g), "db -> web: 8080")
	require.Equal(t, []string{
		"db -> anywhere: all ports", "web -> db: 5432", "web -> anywhere: all ports", "anywhere -> web: 8080",
	}, drawn(g, Options{}))
}

func TestDNSIsDrawnOnDemand(t *testing.T) {
	g := graphOf(t, web, closed, policyOf(`{podSelector: {}, egress: [
		{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}, podSelector: {matchLabels: {k8s-app: kube-dns}}}], ports: [{port: 53, protocol: UDP}]},
		{to: [{ipBlock: {cidr: 169.254.20.10/32}}], ports: [{port: 53}, {port: 53, protocol: UDP}]}]}`))
	require.Empty(t, drawn(g, Options{}))
	require.Len(t, g.Picture(Options{}).nodes, 1)
	require.Equal(t, []string{
		"web -> k8s-app=kube-dns in kube-system: UDP 53", "web -> 169.254.20.10/32: 53, UDP 53",
	}, drawn(g, Options{DNS: true}))
}

// An address of DNS may be in a block that is open for something else, as all addresses are for HTTPS.
func TestDNSInAWiderBlock(t *testing.T) {
	const lookUp = `{to: [{ipBlock: {cidr: 169.254.20.10/32}}], ports: [{port: 53}, {port: 53, protocol: UDP}]}`
	g := graphOf(t, web, closed, policyOf(`{podSelector: {}, egress: [`+lookUp+`, {to: [{ipBlock: {cidr: 0.0.0.0/0}}], ports: [{port: 443}]}]}`))
	require.Equal(t, []string{"web -> any IPv4 address: 443"}, drawn(g, Options{}))
	g = graphOf(t, web, closed, policyOf(`{podSelector: {}, egress: [`+lookUp+`, {to: [{ipBlock: {cidr: 169.254.20.10/32}}], ports: [{port: 443}]}]}`))
	require.Equal(t, []string{"web -> 169.254.20.10/32: 53, 443, UDP 53"}, drawn(g, Options{}))
}

func TestDNSOfOpenShift(t *testing.T) {
	g := graphOf(t, web, closed, policyOf(`{podSelector: {}, egress: [
		{to: [{namespaceSelector: {}, podSelector: {matchLabels: {dns: default}}}], ports: [{port: 5353}, {port: 5353, protocol: UDP}]}]}`))
	require.Empty(t, drawn(g, Options{}))
}

func TestWorkloads(t *testing.T) {
	g := graphOf(t, closed, `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: shop-db, namespace: shop}
spec:
  template: {metadata: {labels: {component: db}}}
  volumeClaimTemplates: [{metadata: {name: data}}]
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: shop-backup, namespace: shop}
spec: {jobTemplate: {spec: {template: {metadata: {labels: {app.kubernetes.io/component: backup}}, spec: {volumes: [{name: a, persistentVolumeClaim: {claimName: b}}]}}}}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: shop-restore, namespace: shop}
spec: {template: {metadata: {labels: {component: backup}}}}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: shop-backup, namespace: shop}
spec: {template: {spec: {volumes: [{name: tmp, emptyDir: {}}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: anywhere}
spec: {template: {}}
---
apiVersion: example.com/v1
kind: Deployment
metadata: {name: unknown}
`)
	var nodes []string
	for _, n := range g.Nodes {
		nodes = append(nodes, fmt.Sprintf("%s: %s %s/%s %t", n.ID, n.Kind, n.Namespace, n.Name, n.Volume))
	}
	require.Equal(t, []string{
		"default/anywhere: Deployment default/anywhere false",
		"CronJob shop/shop-backup: CronJob shop/shop-backup true",
		"shop-restore: Job shop/shop-restore false",
		"db: StatefulSet shop/shop-db true",
		"DaemonSet shop/shop-backup: DaemonSet shop/shop-backup false",
		"anywhere:  / false",
	}, nodes)
}

// The order of files and objects is not part of what they say.
func TestOrderOfObjectsDoesNotMatter(t *testing.T) {
	manifests := []string{
		web, db, closed,
		policyOf(`{podSelector: {matchLabels: {tier: web}}, egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}, {ipBlock: {cidr: 11.0.0.0/8}}]}]}`),
		policyOf(`{podSelector: {matchLabels: {tier: db}}, egress: [{to: [{ipBlock: {cidr: 11.0.0.0/8}}, {ipBlock: {cidr: 10.0.0.0/8}}, {namespaceSelector: {}}]}]}`),
	}
	want := graphOf(t, manifests...)
	for range 20 {
		manifests = append(manifests[1:], manifests[0])
		require.Equal(t, want, graphOf(t, manifests...))
	}
}

func TestWhatCannotBeUnderstood(t *testing.T) {
	_, err := New(objectsOf(t,
		policyOf(`{podSelectors: {}}`),
		policyOf(`{podSelector: {matchExpressions: [{key: a, operator: Is}]}, policyTypes: [ingress], ingress: [{from: [{}]}]}`),
		policyOf(`{podSelector: {}, egress: [{to: [{podSelector: {matchLabels: {"a b": c}}, namespaceSelector: {matchLabels: {d: "e f"}}}]}]}`),
		web, web, `
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec: {template: []}
`))
	require.Error(t, err)
	for _, problem := range []string{
		`NetworkPolicy shop/p: strict decoding error: unknown field "spec.podSelectors"`,
		`spec.podSelector: "Is" is not a valid label selector operator`,
		`NetworkPolicy shop/p: spec.policyTypes: "ingress" must be Ingress or Egress`,
		`NetworkPolicy shop/p: spec.egress[0].to: peer 0: podSelector: key: Invalid value: "a b"`,
		`NetworkPolicy shop/p: spec.egress[0].to: peer 0: namespaceSelector: values[0][d]: Invalid value: "e f"`,
		`Pod shop/web: declared twice`,
		`Deployment shop/api: .spec.template accessor error`,
	} {
		require.ErrorContains(t, err, problem)
	}
}

func TestPeerWithoutSelector(t *testing.T) {
	_, err := New(objectsOf(t, policyOf(`{podSelector: {}, ingress: [{from: [{}]}]}`)))
	require.EqualError(t, err, "NetworkPolicy shop/p: spec.ingress[0].from: peer 0: must have a podSelector, a namespaceSelector or an ipBlock")
}

// The API server refuses them, except the names: nothing has these ports, and what looks open is closed.
func TestPortsAndBlocksThatOpenNothing(t *testing.T) {
	_, err := New(objectsOf(t, web, db,
		policyOf(`{podSelector: {}, ingress: [{ports: [{port: 90, endPort: 80}, {port: 99999}, {port: 1, endPort: 70000}, {port: http, endPort: 80}, {port: 1, protocol: ICMP}]}]}`),
		policyOf(`{podSelector: {}, egress: [{to: [{ipBlock: {cidr: nonsense}}, {ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/16]}}]}]}`),
		policyOf(`{podSelector: {}, egress: [{to: [{podSelector: {matchLabels: {tier: db}}}], ports: [{port: sql}, {port: http}]}]}`),
		policyOf(`{podSelector: {}, ingress: [{ports: [{port: htttp}]}], egress: [{to: [{namespaceSelector: {}}], ports: [{port: unknown}]}]}`)))
	require.EqualError(t, err, `NetworkPolicy shop/p: spec.ingress[0]: ports[0]: endPort: 80 must not be less than port (90)
NetworkPolicy shop/p: spec.ingress[0]: ports[1]: port: 99999 must be between 1 and 65535
NetworkPolicy shop/p: spec.ingress[0]: ports[2]: endPort: 70000 must be between 1 and 65535
NetworkPolicy shop/p: spec.ingress[0]: ports[3]: endPort: 80 requires port to be a number
NetworkPolicy shop/p: spec.ingress[0]: ports[4]: protocol: "ICMP" must be TCP, UDP or SCTP
NetworkPolicy shop/p: spec.egress[0].to: peer 0: ipBlock: cidr: "nonsense" must be a block of addresses, such as 10.0.0.0/8
NetworkPolicy shop/p: spec.egress[0].to: peer 1: ipBlock: except[0]: "11.0.0.0/16" must be a block of addresses within 10.0.0.0/8
NetworkPolicy shop/p: spec.egress[0]: ports[1].port: no container of the selected pods has a TCP port named "http"
NetworkPolicy shop/p: spec.ingress[0]: ports[0].port: no container of the selected pods has a TCP port named "htttp"`)
}
