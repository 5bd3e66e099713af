package operate

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic/fake"
	"k8s.io/client-go/kubernetes/scheme"
	ktesting "k8s.io/client-go/testing"

	"github.com/ai-platform/manifests/operate/internal/diagnosis"
)

const waitingForSecret = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: db, namespace: shop, uid: d, generation: 1}
spec: {replicas: 1, selector: {matchLabels: {app: db}}}
status: {observedGeneration: 1, replicas: 1, updatedReplicas: 1}
---
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: db-1, namespace: shop, uid: r, ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: db, uid: d, controller: true}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db-1-1, namespace: shop, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: db-1, uid: r, controller: true}]}
spec:
  nodeName: node
  containers: [{name: server, env: [{name: PASSWORD, valueFrom: {secretKeyRef: {name: shop, key: password}}}]}]
status:
  phase: Pending
  containerStatuses: [{name: server, state: {waiting: {reason: CreateContainerConfigError, message: secret "shop" not found}}}]
`

// Whoever may not read Secrets is sent to the document that the environment names, and to none if it names none.
func TestVerifyNamesTheDocumentAboutTheSecret(t *testing.T) {
	objects, err := parse(map[string][]byte{"a.yaml": []byte(waitingForSecret)})
	require.NoError(t, err)
	for help, want := range map[string]string{
		"HELP.md": "create it as HELP.md says, and see what is there: kubectl -n shop get secrets",
		"":        "create it, and see what is there: kubectl -n shop get secrets",
	} {
		var all []runtime.Object
		for i := range objects {
			all = append(all, &objects[i])
		}
		client := fake.NewSimpleDynamicClient(scheme.Scheme, all...)
		client.PrependReactor("get", "secrets", func(ktesting.Action) (bool, runtime.Object, error) {
			return true, nil, apierrors.NewForbidden(schema.GroupResource{Resource: "secrets"}, "shop", errors.New("you cannot get it"))
		})
		secret := *shopSecret()
		secret.Help = help
		v := &verifier{
			cluster: &cluster{objects: client}, environment: Environment{Secret: &secret},
			declared: []*unstructured.Unstructured{&objects[0]}, namespaces: []string{"shop"}, steps: []string{"pods"},
			ownSecret: diagnosis.Reference{Kind: "Secret", Namespace: secret.Namespace, Name: secret.Name},
		}
		found, err := v.verify(t.Context(), nil)
		require.NoError(t, err)
		require.Equal(t, want, found.Steps[0].Findings[0].Advice)
	}
}
