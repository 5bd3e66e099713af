package changes

import (
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// A server whose port has a name, and a namespace with a label.
const (
	server = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {replicas: 2, template: {metadata: {labels: {component: web, open: "yes"}}, spec: {containers: [{name: web, ports: [{name: http, containerPort: 80}]}]}}}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {team: a}}
`
	toServer = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {matchLabels: {open: "yes"}}
  ingress: [{from: [{podSelector: {matchLabels: {component: web}}, namespaceSelector: {matchLabels: {team: a}}}, {ipBlock: {cidr: 10.1.0.0/16}}], ports: [{port: http}]}]
`
)

func TestClosedConnections(t *testing.T) {
	for _, test := range []struct {
		name string
		edit []string
		want []string
	}{
		{"range", []string{"[{port: http}]", "[{port: 80, endPort: 90}]"}, nil},
		{"number", []string{"port: http", "port: 80"}, nil},
		{"any port", []string{", ports: [{port: http}]", ""}, nil},
		{"any pod", []string{"podSelector: {matchLabels: {component: web}}", "podSelector: {}"}, nil},
		{"expression", []string{"{matchLabels: {component: web}}", "{matchExpressions: [{key: component, operator: In, values: [api, web]}]}"}, nil},
		{"larger block", []string{"cidr: 10.1.0.0/16", "cidr: 10.0.0.0/8, except: [10.2.0.0/16]"}, nil},
		{"another block", []string{"{ipBlock: {", "{ipBlock: {cidr: 11.0.0.0/8}}, {ipBlock: {"}, nil},
		{
			"smaller block",
			[]string{"cidr: 10.1.0.0/16", "cidr: 10.0.0.0/8, except: [10.1.2.0/24]"},
			[]string{"web: policy: closes connections from 10.1.0.0/16 to web on 80"},
		},
		{"label of the server", []string{`, open: "yes"`, ""}, nil}, // No policy selects it any longer.
		{"label of the client", []string{`component: web, open`, "component: api, open"}, []string{"web: policy: closes connections from web to web on 80"}},
		{"label of the namespace", []string{"labels: {team: a}", "labels: {team: b}"}, []string{
			"shop: policy: closes connections from web to web on 80",
		}},
		{"name of the port", []string{"name: http", "name: web"}, []string{
			"web: policy: closes connections from component=web in namespaces team=a to web on 80",
			"web: policy: closes connections from web to web on 80",
			"web: policy: closes connections from 10.1.0.0/16 to web on 80",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := server + separator + toServer
			require.Equal(t, test.want, dangers(compared(t, before, replaced(t, before, test.edit...))))
		})
	}
}

// Pods lose what a policy admits by a label, where another one closes the rest.
func TestLabelThatAPolicyAdmits(t *testing.T) {
	before := server + separator + ingressClosed + separator + replaced(t, toServer, "{component: web}", "{component: api}")
	require.Equal(t, []string{
		"web: policy: closes connections from component=api in namespaces team=a to web on 80",
		"web: policy: closes connections from 10.1.0.0/16 to web on 80",
	}, dangers(compared(t, before, replaced(t, before, `, open: "yes"`, ""))))
}

func TestPolicyOverPodsOfOthers(t *testing.T) {
	c := Between(nil, parse(t, ingressClosed))
	other := parse(t, server)[0]
	c.Others = []*unstructured.Unstructured{&other}
	c.Finish()
	require.Equal(t, []string{"ingress-deny: policy: closes ingress of web except to what a policy allows"}, dangers(c))
}

// Each value counts, not only the first one.
func TestFewerValues(t *testing.T) {
	policy := replaced(t, toServer, "podSelector: {matchLabels: {component: web}}, namespaceSelector: {matchLabels: {team: a}}",
		"namespaceSelector: {matchExpressions: [{key: team, operator: In, values: [b, c, d]}]}")
	before := server + separator + policy
	require.Equal(t, []string{"web: policy: closes connections from any pod in namespaces team=c to web on 80"},
		dangers(compared(t, before, replaced(t, before, "[b, c, d]", "[d, b]"))))
}
