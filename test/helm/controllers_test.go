package helm

import (
	"maps"
	"testing"
)

// What depends on the controller is written by helpers, which ask for many values at once: every combination of those that decide.
func TestControllers(t *testing.T) {
	certificates := []map[string]any{{}, {"ingress.tls.redirect": false}, {"ingress.tls.enabled": false}, {"ingress.tls.clusterIssuer": ""}}
	probes := []map[string]any{{}, {"monitoring.publicProbe.enabled": false}}
	sources := []map[string]any{
		{},
		{"ingress.controller.cidrs": []any{"10.20.0.0/16", "::/0", "0.0.0.0/0"}},
		{"ingress.controller.cidrs": []any{"fd00::/8"}, "cluster.ipFamilies": []any{"IPv6"}},
	}
	var cases []releaseCase
	for _, profile := range controllers {
		for _, certificate := range certificates {
			for _, probe := range probes {
				for _, source := range sources {
					cases = append(cases, releaseCase{defaultNamespace, union(profile, certificate, probe, source)})
				}
			}
		}
	}
	requireSame(t, cases)
}

// Each controller beside each other value that its helpers ask for, or that decides on whether they are asked.
func TestControllersBesideOtherValues(t *testing.T) {
	others := []map[string]any{
		{"ingress.enabled": false},
		{"ingress.host": "", "ingress.tls.enabled": false, "monitoring.publicProbe.enabled": false},
		{"ingress.className": "internal"},
		{"ingress.annotations": map[string]any{"example.com/a": "b", "kubernetes.io/tls-acme": "true"}},
		{"ingress.annotations": map[string]any{"acme.cert-manager.io/http01-edit-in-place": "false"}},
		{"ingress.tls.secretName": "wildcard", "ingress.tls.clusterIssuer": "company"},
		{"ingress.controller.namespace": "kube-system"},
		{"ingress.controller.namespace": "openshift-ingress"},
		{"ingress.controller.namespace": "kube-system", "ingress.controller.podLabels": map[string]any{"app": "web"}},
		{"ingress.controller.namespace": "edge", "ingress.controller.podLabels": map[string]any{"app": "web"}, "ingress.controller.cidrs": []any{"10.9.0.0/16"}},
		{"monitoring.enabled": false},
		{"monitoring.publicProbe.insecureSkipVerify": true},
		{"monitoring.publicProbe.insecureSkipVerify": true, "cluster.ipFamilies": []any{"IPv6"}},
		{"monitoring.publicProbe.insecureSkipVerify": true, "monitoring.publicProbe.enabled": false},
		{"namespace.create": false, "commonLabels": map[string]any{"team": "web"}},
		{"cluster.assignsUsers": true, "cluster.dns": "openshift"},
		{"cluster.ipFamilies": []any{"IPv4"}, "cluster.networkPlugin": "Cilium"},
		{"cluster.ipFamilies": []any{"IPv6"}},
		{"cluster.ipFamilies": []any{"IPv6"}, "ingress.controller.cidrs": []any{"0.0.0.0/0", "::/0"}},
		{"cluster.ipFamilies": []any{"IPv6", "IPv4"}, "ingress.controller.cidrs": []any{"10.0.0.0/8", "::/0"}},
	}
	var cases []releaseCase
	for _, profile := range controllers {
		for _, other := range others {
			cases = append(cases, releaseCase{defaultNamespace, union(profile, other)})
		}
	}
	requireSame(t, cases)
}

// controllers are all profiles, each with what it needs.
var controllers = []map[string]any{
	{"ingress.controller.profile": "ingress-nginx"},
	{"ingress.controller.profile": "f5-nginx"},
	{"ingress.controller.profile": "traefik", "ingress.controller.redirects": true},
	{"ingress.controller.profile": "haproxy"},
	{"ingress.controller.profile": "aws", "ingress.controller.cidrs": []any{"10.1.0.0/16", "fd00:1::/64"}},
	{"ingress.controller.profile": "gce", "ingress.annotations": map[string]any{"networking.gke.io/v1beta1.FrontendConfig": "redirect"}},
	{"ingress.controller.profile": "openshift"},
}

// union has the later ones of values of one path.
func union(all ...map[string]any) map[string]any {
	values := map[string]any{}
	for _, some := range all {
		maps.Copy(values, some)
	}
	return values
}
