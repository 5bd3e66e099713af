package judges

import (
	"fmt"
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/pod-security-admission/admission"
)

// podManifest is a pod, or the template of one, as a manifest gives it.
type podManifest struct {
	owner    string // kind and name
	metadata *metav1.ObjectMeta
	spec     *corev1.PodSpec
}

// podsOf returns the pods that the documents of a file hold.
func podsOf(root fs.FS, file string) ([]podManifest, error) {
	manifests, err := documents(root, file)
	if err != nil {
		return nil, err
	}
	var pods []podManifest
	for _, manifest := range manifests {
		found, err := podOf(manifest)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if found != nil {
			pods = append(pods, *found)
		}
	}
	return pods, nil
}

// podOf returns the pod that a manifest holds, or nil if it is of a kind that holds none. A misspelled field is an error:
// it would be lost before a policy could see it.
func podOf(manifest []byte) (*podManifest, error) {
	object, kind, err := podKinds.Decode(manifest, nil, nil)
	if runtime.IsNotRegisteredError(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	extractor := admission.DefaultPodSpecExtractor{}
	if resource, _ := meta.UnsafeGuessKindToResource(*kind); !extractor.HasPodSpec(resource.GroupResource()) {
		return nil, nil
	}
	metadata, spec, err := extractor.ExtractPodSpec(object)
	if err != nil {
		return nil, err
	}
	owner, err := meta.Accessor(object)
	if err != nil {
		return nil, err
	}
	return &podManifest{kind.Kind + " " + owner.GetName(), metadata, spec}, nil
}

// podKinds decodes the API groups in which Kubernetes has kinds that hold pods.
var podKinds = func() runtime.Decoder {
	scheme := runtime.NewScheme()
	utilruntime.Must(corev1.AddToScheme(scheme))
	utilruntime.Must(appsv1.AddToScheme(scheme))
	utilruntime.Must(batchv1.AddToScheme(scheme))
	return serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer()
}()

func TestPodsOfEachWorkload(t *testing.T) {
	const (
		pod     = "{containers: [{name: web}]}"
		made    = "{template: {spec: " + pod + "}}"
		planned = "{jobTemplate: {spec: " + made + "}}"
	)
	for _, c := range []struct{ apiVersion, kind, spec string }{
		{"v1", "Pod", pod},
		{"apps/v1", "Deployment", made},
		{"apps/v1", "StatefulSet", made},
		{"apps/v1", "DaemonSet", made},
		{"batch/v1", "Job", made},
		{"batch/v1", "CronJob", planned},
	} {
		t.Run(c.kind, func(t *testing.T) {
			manifest := fmt.Appendf(nil, "apiVersion: %s\nkind: %s\nmetadata: {name: shop}\nspec: %s\n", c.apiVersion, c.kind, c.spec)
			pods, err := podsOf(fstest.MapFS{"shop.yaml": {Data: manifest}}, "shop.yaml")
			require.NoError(t, err)
			require.Len(t, pods, 1)
			require.Equal(t, c.kind+" shop", pods[0].owner)
			require.Len(t, pods[0].spec.Containers, 1)
		})
	}
}

func TestPodsOfMisspelledWorkload(t *testing.T) {
	misspelled := edit{"securityContext:\n        runAs", "securityContexts:\n        runAs"}.apply(t)
	_, err := podsOf(fstest.MapFS{"edited.yaml": {Data: misspelled}}, "edited.yaml")
	require.ErrorContains(t, err, `edited.yaml: strict decoding error: unknown field "spec.template.spec.securityContexts"`)
}
