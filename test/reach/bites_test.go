package reach

import (
	"slices"
	"testing"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Each test spoils an environment in one place. The cells that this changes must come out, and no other.

func TestMissingConnections(t *testing.T) {
	testSpoilt(t, []spoilt{
		{
			name:   "no opening",
			edit:   without("ai-platform-redis-from-backend"),
			faults: []string{"ai-platform/ai-platform-backend → ai-platform/ai-platform-redis: missing TCP 6379"},
		},
		{
			name:   "an opening at another tier",
			edit:   change("ai-platform-redis-from-backend", func(p *policySpec) { p.PodSelector.MatchLabels["component"] = "database" }),
			faults: []string{"ai-platform/ai-platform-backend → ai-platform/ai-platform-redis: missing TCP 6379"},
		},
		{
			name:   "an opening on another port",
			edit:   change("ai-platform-redis-from-backend", func(p *policySpec) { p.Ingress[0].Ports[0].Port.IntVal = 6380 }),
			faults: []string{"ai-platform/ai-platform-backend → ai-platform/ai-platform-redis: missing TCP 6379"},
		},
		{
			name:   "no egress but DNS",
			edit:   change("ai-platform-frontend", func(p *policySpec) { p.Egress = p.Egress[:1] }),
			faults: []string{"ai-platform/ai-platform-frontend → ai-platform/ai-platform-backend: missing TCP 8000"},
		},
		{
			name:   "DNS over UDP alone",
			edit:   change("ai-platform-backend", func(p *policySpec) { p.Egress[0].Ports = p.Egress[0].Ports[:1] }),
			faults: []string{"ai-platform/ai-platform-backend → kube-system/coredns: UDP 53 instead of TCP 53, UDP 53"},
		},
		{
			name:   "the controller sought in the application's namespace",
			edit:   change("ai-platform-ingress-acme-solver", func(p *policySpec) { p.Ingress[0].From[0].NamespaceSelector = nil }),
			faults: []string{"ingress-nginx/ingress-nginx-controller → ai-platform/cm-acme-http-solver: missing TCP 8089"},
		},
	}, production)
}

func TestSurplusConnections(t *testing.T) {
	testSpoilt(t, []spoilt{
		{
			name:   "a range of ports",
			edit:   change("ai-platform-frontend-from-ingress", func(p *policySpec) { p.Ingress[0].Ports[0].EndPort = new(int32(443)) }),
			faults: []string{"ingress-nginx/ingress-nginx-controller → ai-platform/ai-platform-frontend: TCP 80-443 instead of TCP 80"},
		},
		{
			name:   "every port",
			edit:   change("ai-platform-frontend-from-ingress", func(p *policySpec) { p.Ingress[0].Ports = nil }),
			faults: []string{"ingress-nginx/ingress-nginx-controller → ai-platform/ai-platform-frontend: everything instead of TCP 80"},
		},
		{
			name:   "every pod of the controller's namespace",
			edit:   change("ai-platform-frontend-from-ingress", func(p *policySpec) { p.Ingress[0].From[0].PodSelector = nil }),
			faults: []string{"ingress-nginx/not-controller → ai-platform/ai-platform-frontend: surplus TCP 80"},
		},
		{
			name:   "every pod of the DNS's namespace",
			edit:   change("ai-platform-backend", func(p *policySpec) { p.Egress[0].To[0].PodSelector = nil }),
			faults: []string{"ai-platform/ai-platform-backend → kube-system/not-dns: surplus TCP 53, UDP 53"},
		},
		{
			name:   "the DNS of every namespace",
			edit:   change("ai-platform-frontend", func(p *policySpec) { p.Egress[0].To[0].NamespaceSelector = &metav1.LabelSelector{} }),
			faults: []string{"ai-platform/ai-platform-frontend → elsewhere/like-dns: surplus TCP 53, UDP 53"},
		},
		{
			name: "every source",
			edit: change("ai-platform-frontend-from-ingress", func(p *policySpec) { p.Ingress[0].From = nil }),
			faults: []string{
				"0.0.0.0/0 → ai-platform/ai-platform-frontend: surplus TCP 80",
				"elsewhere/like-backend → ai-platform/ai-platform-frontend: surplus TCP 80",
				"elsewhere/like-controller → ai-platform/ai-platform-frontend: surplus TCP 80",
				"elsewhere/like-database → ai-platform/ai-platform-frontend: surplus TCP 80",
				"elsewhere/like-dns → ai-platform/ai-platform-frontend: surplus TCP 80",
				"elsewhere/like-frontend → ai-platform/ai-platform-frontend: surplus TCP 80",
				"elsewhere/like-solver → ai-platform/ai-platform-frontend: surplus TCP 80",
				"ingress-nginx/not-controller → ai-platform/ai-platform-frontend: surplus TCP 80",
				"kube-system/coredns → ai-platform/ai-platform-frontend: surplus TCP 80",
				"kube-system/not-dns → ai-platform/ai-platform-frontend: surplus TCP 80",
			},
		},
		{
			name: "a namespace told by a label that anybody may set",
			edit: change("ai-platform-redis-from-backend", func(p *policySpec) {
				p.Ingress[0].From[0].NamespaceSelector = &metav1.LabelSelector{MatchLabels: map[string]string{"name": "ai-platform"}}
			}),
			faults: []string{"elsewhere/like-backend → ai-platform/ai-platform-redis: surplus TCP 6379"},
		},
		{
			name: "addresses",
			edit: change("ai-platform-backend", func(p *policySpec) {
				block := &networkingv1.IPBlock{CIDR: "10.0.0.0/8", Except: []string{"10.20.0.0/24"}}
				p.Egress[1].To = append(p.Egress[1].To, networkingv1.NetworkPolicyPeer{IPBlock: block})
			}),
			faults: []string{
				"ai-platform/ai-platform-backend → 10.0.0.0-10.19.255.255: surplus TCP 5432",
				"ai-platform/ai-platform-backend → 10.20.1.0-10.255.255.255: surplus TCP 5432",
			},
		},
		{
			name: "a tier whose pods are also another",
			edit: func(_ *testing.T, m *manifests) { m.workloads[0].labels["component"] = "backend" },
			faults: []string{
				"ai-platform/ai-platform-backend → ai-platform/ai-platform-database: missing TCP 5432",
				"ai-platform/ai-platform-database → ai-platform/ai-platform-redis: surplus TCP 6379",
				"ai-platform/ai-platform-database → kube-system/coredns: surplus TCP 53, UDP 53",
				"ai-platform/ai-platform-database-backup → ai-platform/ai-platform-database: missing TCP 5432",
				"ai-platform/ai-platform-database-restore → ai-platform/ai-platform-database: missing TCP 5432",
				"ai-platform/ai-platform-frontend → ai-platform/ai-platform-database: surplus TCP 8000",
				"ai-platform/ai-platform-prometheus → ai-platform/ai-platform-database: TCP 9464 instead of TCP 9187",
			},
		},
	}, production)
}

// What is too open on one side shows only where the other side is left out.
func TestOneSideTooOpen(t *testing.T) {
	opening := change("ai-platform-redis-from-backend", func(p *policySpec) {
		p.Ingress[0].From[0].PodSelector.MatchLabels = map[string]string{"app": "ai-platform"}
	})
	egress := change("ai-platform-backend", func(p *policySpec) { p.Egress[2].Ports = nil })

	testSpoilt(t, []spoilt{
		{name: "an opening, together with egress", edit: opening, view: both},
		{
			name: "an opening",
			edit: opening,
			view: ingressAlone,
			faults: []string{
				"ai-platform/ai-platform-alertmanager → ai-platform/ai-platform-redis: surplus TCP 6379",
				"ai-platform/ai-platform-blackbox-exporter → ai-platform/ai-platform-redis: surplus TCP 6379",
				"ai-platform/ai-platform-database → ai-platform/ai-platform-redis: surplus TCP 6379",
				"ai-platform/ai-platform-database-backup → ai-platform/ai-platform-redis: surplus TCP 6379",
				"ai-platform/ai-platform-database-restore → ai-platform/ai-platform-redis: surplus TCP 6379",
				"ai-platform/ai-platform-frontend → ai-platform/ai-platform-redis: surplus TCP 6379",
				"ai-platform/ai-platform-grafana → ai-platform/ai-platform-redis: surplus TCP 6379",
				"ai-platform/ai-platform-kube-state-metrics → ai-platform/ai-platform-redis: surplus TCP 6379",
				"ai-platform/ai-platform-prometheus → ai-platform/ai-platform-redis: TCP 6379, TCP 9121 instead of TCP 9121",
				"ai-platform/ai-platform-redis → ai-platform/ai-platform-redis: surplus TCP 6379",
				"ai-platform/stray-component → ai-platform/ai-platform-redis: surplus TCP 6379",
			},
		},
		{name: "egress, together with openings", edit: egress, view: both},
		{
			name:   "egress",
			edit:   egress,
			view:   egressAlone,
			faults: []string{"ai-platform/ai-platform-backend → ai-platform/ai-platform-redis: everything instead of TCP 6379"},
		},
	}, production)
}

func TestNoDefaultDeny(t *testing.T) {
	testSpoilt(t, []spoilt{
		{
			name: "tiers deny by themselves",
			edit: without("default-deny"),
			faults: []string{
				"0.0.0.0/0 → ai-platform/stray: surplus everything",
				"ai-platform/stray → 0.0.0.0/0: surplus everything",
				"ai-platform/stray → ai-platform/stray: surplus everything",
				"elsewhere/like-frontend → ai-platform/stray: surplus everything",
			},
			more: true,
		},
		{
			name: "a tier without its policy",
			edit: without("default-deny", "ai-platform-redis"),
			faults: []string{
				"ai-platform/ai-platform-redis → 0.0.0.0/0: surplus everything",
				"ai-platform/ai-platform-redis → ai-platform/stray: surplus everything",
				"ai-platform/ai-platform-redis → elsewhere/like-frontend: surplus everything",
			},
			more: true,
		},
		{
			name: "a tier without any policy",
			edit: without("default-deny", "ai-platform-redis", "ai-platform-redis-from-backend", "ai-platform-redis-from-prometheus"),
			faults: []string{
				"0.0.0.0/0 → ai-platform/ai-platform-redis: surplus everything",
				"ai-platform/ai-platform-redis → 0.0.0.0/0: surplus everything",
				"ai-platform/ai-platform-redis → ai-platform/ai-platform-redis: surplus everything",
				"elsewhere/like-backend → ai-platform/ai-platform-redis: surplus everything",
			},
			more: true,
		},
		{
			name: "a policy that is somebody else's",
			edit: moved("default-deny", "elsewhere"),
			faults: []string{
				"elsewhere/like-frontend → 0.0.0.0/0: missing everything",
				"kube-system/coredns → elsewhere/like-frontend: missing everything",
			},
			more: true,
		},
	}, production)
}

func TestTiersAndDeclarationDiffer(t *testing.T) {
	testSpoilt(t, []spoilt{
		{
			name: "a new tier",
			edit: func(_ *testing.T, m *manifests) {
				worker := m.workloads[0]
				worker.owner.Name = "ai-platform-worker"
				worker.labels = map[string]string{"app": "ai-platform", "component": "worker"}
				m.workloads = append(m.workloads, worker)
			},
			faults: []string{"ai-platform/ai-platform-worker is not declared"},
		},
		{
			name: "a tier that is gone",
			edit: func(_ *testing.T, m *manifests) {
				m.workloads = slices.DeleteFunc(m.workloads, func(w workload) bool { return w.owner.Name == "ai-platform-redis" })
			},
			faults: []string{"ai-platform/ai-platform-redis is declared and not there"},
		},
		{
			name: "a server that listens on another port",
			edit: func(_ *testing.T, m *manifests) { m.workloads[0].spec.Containers[0].Ports[0].ContainerPort = 5433 },
			faults: []string{
				"ai-platform/ai-platform-backend → ai-platform/ai-platform-database: no container listens on TCP 5432",
				"ai-platform/ai-platform-database-backup → ai-platform/ai-platform-database: no container listens on TCP 5432",
				"ai-platform/ai-platform-database-restore → ai-platform/ai-platform-database: no container listens on TCP 5432",
			},
		},
	}, production)
}

func TestEnvironmentsCross(t *testing.T) {
	testSpoilt(t, []spoilt{
		{
			name: "an egress to every namespace, where another environment lets everybody in",
			edit: func(_ *testing.T, m *manifests) {
				every := &metav1.LabelSelector{}
				for _, p := range m.policies {
					switch p.Namespace + "/" + p.Name {
					case "ai-platform-development/ai-platform-backend":
						p.Spec.Egress[1].To[0].NamespaceSelector = every
					case "ai-platform/ai-platform-database-from-backend":
						p.Spec.Ingress[0].From[0].NamespaceSelector = every
					}
				}
			},
			faults: []string{
				"ai-platform-development/ai-platform-backend → ai-platform/ai-platform-database: surplus TCP 5432",
				"ai-platform-development/ai-platform-backend → elsewhere/like-database: surplus TCP 5432",
				"elsewhere/like-backend → ai-platform/ai-platform-database: surplus TCP 5432",
			},
		},
	}, environments...)
}
