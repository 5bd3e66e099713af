package diagnosis

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func TestReferences(t *testing.T) {
	s := shop(t)
	require.Empty(t, s.References(), "ready pods have all they need")
	s.status(t, "containerStatuses: [{name: api, state: {waiting: {reason: ContainerCreating}}}]")
	require.Equal(t, []Reference{{"Secret", "shop", "passwords"}, {"ConfigMap", "shop", "settings"}}, s.References())
}

// Where the Secret comes from decides what to do about it.
func TestReferencesSource(t *testing.T) {
	secret := Reference{"Secret", "shop", "passwords"}
	from := func(target string) *unstructured.Unstructured {
		o := &unstructured.Unstructured{Object: map[string]any{"kind": "ExternalSecret", "spec": map[string]any{"target": map[string]any{"name": target}}}}
		o.SetNamespace("shop")
		o.SetName("filler")
		return o
	}
	s := &State{Folder: "dist"}
	require.Equal(t, "create it: kubectl -n shop create secret generic passwords --from-env-file=FILE", s.create(secret))
	s.Declared = []*unstructured.Unstructured{from("passwords")}
	require.Equal(t, "see why the External Secrets Operator has not made it: kubectl -n shop describe externalsecret filler", s.create(secret))
	require.Equal(t, "have the ExternalSecret fill it: kubectl -n shop describe externalsecret filler", s.addKey(need{secret, "user"}))
	s.Declared = []*unstructured.Unstructured{from("others"), declare(t, "Secret", &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "passwords"}})}
	require.Equal(t, "apply the manifests: kubectl apply -f dist", s.create(secret))
}

// An optional key is none that a pod waits for.
func TestReferencesOptional(t *testing.T) {
	s := shop(t)
	optional := true
	s.Pods[0].Spec.Containers[0].Env[0].ValueFrom.SecretKeyRef.Optional = &optional
	s.Pods[0].Spec.Volumes = append(s.Pods[0].Spec.Volumes, corev1.Volume{Name: "files", VolumeSource: corev1.VolumeSource{
		Projected: &corev1.ProjectedVolumeSource{Sources: []corev1.VolumeProjection{{ConfigMap: &corev1.ConfigMapProjection{
			LocalObjectReference: corev1.LocalObjectReference{Name: "files"}, Items: []corev1.KeyToPath{{Key: "a"}, {Key: "b"}},
		}}}},
	}})
	files, settings := Reference{"ConfigMap", "shop", "files"}, Reference{"ConfigMap", "shop", "settings"}
	require.Equal(t, []need{{files, "a"}, {files, "b"}, {settings, "level"}}, needs(&s.Pods[0]))
}
