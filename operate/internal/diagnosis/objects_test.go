package diagnosis

import (
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// deployed is an application in the cluster as it was declared, with what the API server adds.
func deployed(t *testing.T) *State {
	t.Helper()
	s := &State{Folder: "dist"}
	for _, text := range []string{`
kind: Deployment
apiVersion: apps/v1
metadata: {namespace: shop, name: api, labels: {app: shop}}
spec: {template: {spec: {containers: [{name: api, image: "api:1", resources: {limits: {cpu: 1000m}}, args: [serve], volumeMounts: [{name: data, mountPath: /a}, {name: data, mountPath: /b}]}]}}}
`, `
kind: ConfigMap
apiVersion: v1
metadata: {namespace: shop, name: settings}
data: {level: info}
`} {
		declared, live := &unstructured.Unstructured{}, &unstructured.Unstructured{}
		require.NoError(t, yaml.Unmarshal([]byte(text), &declared.Object))
		require.NoError(t, yaml.Unmarshal([]byte(text), &live.Object))
		live.SetUID("1")
		s.Declared, s.Live = append(s.Declared, declared), append(s.Live, Live{Object: live})
	}
	template := s.template()
	template["restartPolicy"] = "Always"
	container := template["containers"].([]any)[0].(map[string]any)
	container["resources"] = map[string]any{"limits": map[string]any{"cpu": "1"}}
	template["containers"] = []any{map[string]any{"name": "injected"}, container}
	return s
}

// template is the pods' specification in the cluster.
func (s *State) template() map[string]any {
	found, _, _ := unstructured.NestedFieldNoCopy(s.Live[0].Object.Object, "spec", "template", "spec")
	return found.(map[string]any)
}

// manage says who owns which fields of a live object.
func (s *State) manage(object int, manager, fields string) {
	s.Live[object].Object.SetManagedFields([]metav1.ManagedFieldsEntry{{
		Manager: manager, Operation: metav1.ManagedFieldsOperationUpdate, FieldsV1: metav1.NewFieldsV1(fields),
	}})
}

func TestObjects(t *testing.T) {
	const undo = "declare the change, or undo it: kubectl apply -f dist"
	for _, test := range []struct {
		name  string
		broke func(*State)
		want  Result
	}{
		{"as declared", func(*State) {}, Result{Summary: "2 objects as declared"}},
		{"missing", func(s *State) { s.Live[1].Object = nil }, Result{Summary: "1 of 2 objects as declared", Findings: []Finding{
			{Object: "ConfigMap shop/settings", Cause: "declared, but not in the cluster", Advice: "apply the manifests: kubectl apply -f dist"},
		}}},
		{"kind not known", func(s *State) { s.Live[1] = Live{Unknown: true} }, Result{Summary: "1 of 2 objects as declared", Findings: []Finding{{
			Object: "v1 ConfigMap", Cause: "the cluster does not know this kind", Affected: []string{"ConfigMap shop/settings"},
			Advice: "install what defines it first; see what there is: kubectl api-resources",
		}}}},
		{"not readable", func(s *State) { s.Live[1] = Live{Unreadable: true} }, Result{Summary: "1 of 2 objects as declared, 1 not readable"}},
		{"nothing readable", func(s *State) { s.Live = []Live{{Unreadable: true}, {Unreadable: true}} }, Result{
			Summary: "0 of 2 objects as declared, 2 not readable", NotChecked: true,
		}},
		{"being deleted", func(s *State) {
			now := metav1.Now()
			s.Live[1].Object.SetDeletionTimestamp(&now)
			s.Live[1].Object.SetFinalizers([]string{"example.com/x"})
		}, Result{Summary: "1 of 2 objects as declared", Findings: []Finding{{
			Object: "ConfigMap shop/settings", Cause: "is being deleted, and waits for example.com/x",
			Advice: "nobody can stop that: save what is needed of it, and once it is gone, apply the manifests: kubectl apply -f dist",
		}}}},
		{"removed by hand", func(s *State) {
			s.Live[1].Object.SetAnnotations(map[string]string{"kubectl.kubernetes.io/last-applied-configuration": `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"namespace":"shop","name":"settings"},"data":{"level":"info"}}`})
			s.Live[1].Object.Object["data"] = map[string]any{}
		}, Result{Summary: "1 of 2 objects as declared", Findings: []Finding{{
			Object: "ConfigMap shop/settings", Cause: "was changed after it was applied",
			Changed: "data.level by someone of whom Kubernetes keeps no record", Advice: undo,
		}}}},
		{"applied before the manifests changed", func(s *State) {
			s.Live[1].Object.SetAnnotations(map[string]string{"kubectl.kubernetes.io/last-applied-configuration": `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"namespace":"shop","name":"settings"}}`})
			s.Live[1].Object.Object["data"] = map[string]any{}
		}, Result{
			Summary: "1 of 2 objects as declared",
			Notes:   []string{"ConfigMap shop/settings differs from the manifests, which may be newer than what was applied: see the command diff"},
		}},
		{"applied by another", func(s *State) {
			s.Live[1].Object.Object["data"] = map[string]any{"level": "debug"}
			s.Live[1].Object.SetManagedFields([]metav1.ManagedFieldsEntry{{
				Manager: "mallory", Operation: metav1.ManagedFieldsOperationApply, FieldsV1: metav1.NewFieldsV1(`{"f:data":{"f:level":{}}}`),
			}})
		}, Result{Summary: "1 of 2 objects as declared", Findings: []Finding{
			{Object: "ConfigMap shop/settings", Cause: "was changed after it was applied", Changed: "data.level by mallory", Advice: undo},
		}}},
		{"finished Job", func(s *State) {
			s.Declared[1] = &unstructured.Unstructured{Object: map[string]any{
				"kind": "Job", "metadata": map[string]any{"namespace": "shop", "name": "migration"}, "spec": map[string]any{"ttlSecondsAfterFinished": int64(60)},
			}}
			s.Live[1].Object = nil
		}, Result{
			Summary: "2 objects as declared", Notes: []string{"Job shop/migration is not there: it is removed some time after it has finished"},
		}},
		{"change cause", func(s *State) {
			s.Live[0].Object.SetAnnotations(map[string]string{"kubernetes.io/change-cause": "release 2"})
			s.manage(0, "kubectl-annotate", `{"f:metadata":{"f:annotations":{".":{},"f:kubernetes.io/change-cause":{}}}}`)
		}, Result{Summary: "2 objects as declared"}},
		{"changed by hand", func(s *State) {
			s.Live[1].Object.Object["data"] = map[string]any{"level": "debug"}
			s.manage(1, "kubectl-edit", `{"f:data":{"f:level":{}}}`)
		}, Result{Summary: "1 of 2 objects as declared", Findings: []Finding{
			{Object: "ConfigMap shop/settings", Cause: "was changed after it was applied", Changed: "data.level by kubectl-edit", Advice: undo},
		}}},
		{"added by hand", func(s *State) {
			s.template()["hostNetwork"] = true
			s.manage(0, "kubectl-patch", `{"f:spec":{"f:template":{"f:spec":{"f:hostNetwork":{}}}}}`)
		}, Result{Summary: "1 of 2 objects as declared", Findings: []Finding{
			{
				Object: "Deployment shop/api", Cause: "was changed after it was applied", Changed: "spec.template.spec.hostNetwork by kubectl-patch",
				Advice: "declare it, or remove it: kubectl -n shop edit deployment/api",
			},
		}}},
		{"label changed by hand", func(s *State) {
			s.Live[0].Object.SetLabels(map[string]string{"app": "other"})
			s.manage(0, "kubectl-label", `{"f:metadata":{"f:labels":{"f:app":{}}}}`)
		}, Result{Summary: "1 of 2 objects as declared", Findings: []Finding{
			{Object: "Deployment shop/api", Cause: "was changed after it was applied", Changed: "metadata.labels.app by kubectl-label", Advice: undo},
		}}},
		{"added by a controller", func(s *State) {
			s.Live[0].Object.SetAnnotations(map[string]string{"cloud.example.com/status": "{}"})
			s.manage(0, "cloud", `{"f:metadata":{"f:annotations":{"f:cloud.example.com/status":{}}}}`)
		}, Result{Summary: "2 objects as declared"}},
		{"restarted", func(s *State) {
			require.NoError(t, unstructured.SetNestedField(s.Live[0].Object.Object, "now", "spec", "template", "metadata", "annotations", "kubectl.kubernetes.io/restartedAt"))
			s.manage(0, "kubectl-rollout", `{"f:spec":{"f:template":{"f:metadata":{"f:annotations":{".":{},"f:kubectl.kubernetes.io/restartedAt":{}}}}}}`)
		}, Result{Summary: "2 objects as declared"}},
		{"older than the manifests", func(s *State) { s.Live[1].Object.Object["data"] = map[string]any{} }, Result{
			Summary: "1 of 2 objects as declared",
			Notes:   []string{"ConfigMap shop/settings differs from the manifests, which may be newer than what was applied: see the command diff"},
		}},
		{"element missing", func(s *State) { s.template()["containers"] = []any{} }, Result{
			Summary: "1 of 2 objects as declared",
			Notes:   []string{"Deployment shop/api differs from the manifests, which may be newer than what was applied: see the command diff"},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := deployed(t)
			test.broke(s)
			require.Equal(t, test.want, Objects(s))
		})
	}
}
