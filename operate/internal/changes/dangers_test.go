package changes

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	claim = `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 10Gi}}}
`
	store = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: db}
spec:
  selector: {matchLabels: {component: db}}
  template:
    metadata: {labels: {component: db}}
    spec:
      containers: [{name: db, image: "db:1"}]
      volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
`
	autoscaler = `
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: api}
spec: {scaleTargetRef: {kind: Deployment, name: api}, maxReplicas: 5}
`
	closed = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: default-deny}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
`
	ingressClosed = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: ingress-deny}
spec: {podSelector: {}, policyTypes: [Ingress]}
`
	fromAPI = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db-from-api}
spec:
  podSelector: {matchLabels: {component: db}}
  ingress: [{from: [{podSelector: {matchLabels: {component: api}}}], ports: [{port: 5432}, {port: 9187}]}]
`
	fromAnywhere = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db-from-anywhere}
spec:
  podSelector: {matchLabels: {component: db}}
  ingress: [{ports: [{port: 9187, protocol: TCP}]}]
`
	service = `
apiVersion: v1
kind: Service
metadata: {name: db}
spec: {selector: {component: db}, clusterIP: None}
`
	fixed = `
apiVersion: v1
kind: ConfigMap
metadata: {name: fixed}
immutable: true
data: {a: b}
`
	secret = `
apiVersion: v1
kind: Secret
metadata: {name: token}
`
	statefulSet = `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  template: {spec: {containers: [{name: db, image: "db:1"}]}}
  volumeClaimTemplates: [{metadata: {name: data}}]
`
	separator = "\n---\n"
)

func dangers(c *Comparison) []string {
	var found []string
	for _, change := range c.Changes {
		for _, d := range change.Dangers {
			found = append(found, change.Name+": "+d.String())
		}
	}
	return found
}

func TestDangers(t *testing.T) {
	const (
		restart = "db: restart: the only pod is replaced, and is unavailable until the new one is ready: apply when an outage is acceptable"
		on      = "api: replicas: autoscaler api sets them: keep the current number when you stop declaring it"
		off     = "api: replicas: autoscaler api sets them and is not declared: delete it first"
	)
	for _, test := range []struct {
		name, before, after string
		want                []string
	}{
		{
			"claim shrinks", claim, replaced(t, claim, "10Gi", "9Gi"),
			[]string{"data: claim: volumes never shrink: declare the former size, or name another claim and copy the data"},
		},
		{"claim grows", claim, replaced(t, claim, "10Gi", "1Ti"), nil},
		{"claim goes", claim, "", []string{"data: claim: no longer declared: kept with its data; delete it by hand when nobody needs the data"}},
		{
			"claim's class", claim, replaced(t, claim, "spec: {", "spec: {storageClassName: fast, "),
			[]string{"data: immutable: spec.storageClassName cannot change: name another claim, and copy the data"},
		},
		{
			"service's selector", service, replaced(t, service, "component: db", "component: pg"),
			[]string{"db: selector: spec.selector: requests are routed to other pods: check that pods with these labels are ready"},
		},
		{
			"service's address", service, replaced(t, service, ", clusterIP: None", ""),
			[]string{"db: immutable: spec.clusterIP cannot change: delete the object, then apply"},
		},
		{"immutable ConfigMap", fixed, replaced(t, fixed, "a: b", "a: c"), []string{"fixed: immutable: data cannot change: delete the object, then apply"}},
		{"Secret's type", secret + "type: Opaque", secret + "type: kubernetes.io/tls", []string{"token: immutable: type cannot change: delete the object, then apply"}},
		{"Secret's type by default", secret, secret + "type: Opaque", nil},
		{"mutable ConfigMap", replaced(t, fixed, "immutable: true\n", ""), fixed, nil},
		{"store restarts", store, replaced(t, store, "db:1", "db:2"), []string{restart}},
		{"store is relabelled", store, replaced(t, store, "metadata: {name: db}", "metadata: {name: db, labels: {a: b}}"), nil},
		{"store of two", replaced(t, store, "spec:\n", "spec:\n  replicas: 2\n"), replaced(t, store, "spec:\n", "spec:\n  replicas: 2\n", "db:1", "db:2"), nil},
		{"StatefulSet restarts", statefulSet, replaced(t, statefulSet, "db:1", "db:2"), []string{restart}},
		{
			"StatefulSet's claims", statefulSet, replaced(t, statefulSet, "name: data", "name: more"),
			[]string{"db: immutable: spec.volumeClaimTemplates cannot change: delete the object, then apply"},
		},
		{"no store restarts", deployment, replaced(t, deployment, "api:1", "api:2", "replicas: 3", "replicas: 3"), nil},
		{"autoscaling on", deployment, replaced(t, deployment, "  replicas: 3\n", "") + separator + autoscaler, []string{on}},
		{"autoscaling off", replaced(t, deployment, "  replicas: 3\n", "") + separator + autoscaler, deployment, []string{off}},
		{"autoscaler of another", replaced(t, autoscaler, "name: api}, max", "name: web}, max"), deployment, nil},
		{"first policy", store, store + separator + fromAPI, []string{"db-from-api: policy: closes ingress of db except to what a policy allows"}},
		{"policy of new pods", "", store + separator + closed + separator + fromAPI, nil},
		{"policy opens", store + separator + closed, store + separator + closed + separator + fromAPI, nil},
		{
			"port closed", store + separator + fromAPI, store + separator + replaced(t, fromAPI, "port: 5432", "port: 5433"),
			[]string{"db-from-api: policy: closes connections from component=api in shop to db on 5432"},
		},
		{
			"port open to all", store + separator + fromAPI + separator + fromAnywhere,
			store + separator + replaced(t, fromAPI, ", {port: 9187}", "") + separator + fromAnywhere, nil,
		},
		{"policy's selector", store + separator + ingressClosed + separator + fromAPI, store + separator + ingressClosed + separator + replaced(t, fromAPI, "component: db", "component: pg"), []string{
			"db-from-api: selector: spec.podSelector: the policy selects other pods: check that the former ones are still protected",
			"db-from-api: policy: closes connections from component=api in shop to db on 5432, 9187",
		}},
		{"policy stays", store + separator + closed + separator + fromAPI, store + separator + closed, nil}, // Applying deletes nothing.
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.want, dangers(compared(t, test.before, test.after)))
		})
	}
}

func TestPruningAPolicyCloses(t *testing.T) {
	c := Between(parse(t, store+separator+ingressClosed+separator+fromAPI), parse(t, store+separator+ingressClosed))
	for _, change := range c.Changes {
		if change.Action == Undeclared {
			change.Action = Delete
		}
	}
	c.Finish()
	require.Equal(t, []string{"db-from-api: policy: closes connections from component=api in shop to db on 5432, 9187"}, dangers(c))
}

// What the API server says is said once.
func TestRefusals(t *testing.T) {
	c := Between(parse(t, claim), parse(t, replaced(t, claim, "10Gi", "9Gi")))
	c.Changes[0].Refused = []Refusal{
		{Field: "spec", Message: "Forbidden: spec is immutable after creation\n  core.PersistentVolumeClaimSpec{"},
		{Field: "metadata.labels", Message: `Invalid value: {"a":"b"}: wrong`},
	}
	c.Finish()
	require.Equal(t, []string{
		"data: claim: volumes never shrink: declare the former size, or name another claim and copy the data",
		"data: refused: the API server refuses the change: metadata.labels: wrong",
	}, dangers(c))
}

func TestUndeclaredClaimsAndNamespacesAreKept(t *testing.T) {
	c := compared(t, claim+separator+service+separator+"apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n", "")
	var actions []string
	for _, change := range c.Changes {
		actions = append(actions, change.Kind+" "+string(change.Action))
	}
	require.Equal(t, []string{"Service undeclared", "PersistentVolumeClaim keep", "Namespace keep"}, actions)
}
