package operate

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

// keyReader is what reads a key of the Secret.
type keyReader struct {
	kind, name string
	optional   bool // Whether the pod starts without the key.

	// Where the value is in a pod. Empty if it is in none as a variable, or only in pods that end.
	container, variable string
}

// replicated are the kinds whose pods run all the time, and where these have the number of pods that are ready.
var replicated = map[string]string{"Deployment": "readyReplicas", "StatefulSet": "readyReplicas", "DaemonSet": "numberReady"}

func (r keyReader) object() string { return r.kind + " " + r.name }

// target is what "kubectl exec" calls the workload.
func (r keyReader) target() string { return strings.ToLower(r.kind) + "/" + r.name }

// holdsValue reports whether a pod that is ready has the value as a variable.
func (r keyReader) holdsValue() bool { return r.variable != "" }

// keyReaders are the readers of each key, in the order of the manifests.
type keyReaders map[string][]keyReader

// required are the readers whose pods wait for the key.
func (r keyReaders) required(key string) []keyReader {
	return slices.DeleteFunc(slices.Clone(r[key]), func(reader keyReader) bool { return reader.optional })
}

// needed reports whether a pod waits for the key.
func (r keyReaders) needed(key string) bool { return len(r.required(key)) > 0 }

func (r keyReaders) keys() []string { return slices.Sorted(maps.Keys(r)) }

// podTemplates is where kinds have the spec of their pods.
var podTemplates = map[string][]string{
	"Pod":         {"spec"},
	"Deployment":  {"spec", "template", "spec"},
	"StatefulSet": {"spec", "template", "spec"},
	"DaemonSet":   {"spec", "template", "spec"},
	"Job":         {"spec", "template", "spec"},
	"CronJob":     {"spec", "jobTemplate", "spec", "template", "spec"},
}

// readKeys finds the keys of the Secret that pods read by name. A pod that takes all of them, with envFrom or a volume without items,
// needs none in particular.
func readKeys(objects []unstructured.Unstructured, secret Secret) (keyReaders, error) {
	found := keyReaders{}
	for _, object := range objects {
		path, known := podTemplates[object.GetKind()]
		if namespace := object.GetNamespace(); !known || namespace != "" && namespace != secret.Namespace {
			continue
		}
		fields, _, err := unstructured.NestedMap(object.Object, path...)
		if err != nil {
			return nil, err
		}
		var pod corev1.PodSpec
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(fields, &pod); err != nil {
			return nil, fmt.Errorf("%s %s: %w", object.GetKind(), object.GetName(), err)
		}
		found.addPod(object, pod, secret.Name)
	}
	return found, nil
}

func (r keyReaders) addPod(object unstructured.Unstructured, pod corev1.PodSpec, secret string) {
	base := keyReader{kind: object.GetKind(), name: object.GetName()}
	for _, container := range pod.InitContainers {
		for _, ref := range secretVariables(container, secret) {
			r.add(base, ref.Key, ref.Optional)
		}
	}
	for _, container := range pod.Containers {
		for name, ref := range secretVariables(container, secret) {
			reader := base
			if _, is := replicated[reader.kind]; is {
				reader.container, reader.variable = container.Name, name
			}
			r.add(reader, ref.Key, ref.Optional)
		}
	}
	for _, volume := range pod.Volumes {
		r.addVolume(base, volume, secret)
	}
}

func (r keyReaders) addVolume(reader keyReader, volume corev1.Volume, secret string) {
	var sources []corev1.SecretProjection
	if v := volume.Secret; v != nil {
		sources = append(sources, corev1.SecretProjection{LocalObjectReference: corev1.LocalObjectReference{Name: v.SecretName}, Items: v.Items, Optional: v.Optional})
	}
	if volume.Projected != nil {
		for _, source := range volume.Projected.Sources {
			if source.Secret != nil {
				sources = append(sources, *source.Secret)
			}
		}
	}
	for _, source := range sources {
		for _, item := range source.Items {
			if source.Name == secret {
				r.add(reader, item.Key, source.Optional)
			}
		}
	}
}

func (r keyReaders) add(reader keyReader, key string, optional *bool) {
	reader.optional = optional != nil && *optional
	r[key] = append(r[key], reader)
}

// secretVariables are the variables of a container with a value of the Secret. Of two with the same value, the first is named, and the
// container waits for the key if one of them does.
func secretVariables(container corev1.Container, secret string) map[string]*corev1.SecretKeySelector {
	found := map[string]*corev1.SecretKeySelector{}
	first := map[string]string{}
	for _, variable := range container.Env {
		if variable.ValueFrom == nil || variable.ValueFrom.SecretKeyRef == nil {
			continue
		}
		ref := variable.ValueFrom.SecretKeyRef
		if ref.Name != secret {
			continue
		}
		name, seen := first[ref.Key]
		if !seen {
			name = variable.Name
			first[ref.Key] = name
		}
		if !seen || ref.Optional == nil || !*ref.Optional {
			found[name] = ref
		}
	}
	return found
}
