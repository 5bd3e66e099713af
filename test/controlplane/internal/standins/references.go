package standins

import (
	corev1 "k8s.io/api/core/v1"
)

// Kinds of objects that a pod takes data from, in the words of kubelet's messages.
const (
	kindSecret    = "secret"
	kindConfigMap = "configmap"
)

// reference is a pod's reference to a Secret or a ConfigMap, and to keys in it.
type reference struct {
	kind     string
	name     string
	keys     []string
	optional *bool
}

// volumeReferences returns what the volume is filled from.
func volumeReferences(volume corev1.Volume) []reference {
	var references []reference
	if source := volume.Secret; source != nil {
		references = append(references, reference{kindSecret, source.SecretName, itemKeys(source.Items), source.Optional})
	}
	if source := volume.ConfigMap; source != nil {
		references = append(references, reference{kindConfigMap, source.Name, itemKeys(source.Items), source.Optional})
	}
	if volume.Projected == nil {
		return references
	}
	for _, projection := range volume.Projected.Sources {
		if source := projection.Secret; source != nil {
			references = append(references, reference{kindSecret, source.Name, itemKeys(source.Items), source.Optional})
		}
		if source := projection.ConfigMap; source != nil {
			references = append(references, reference{kindConfigMap, source.Name, itemKeys(source.Items), source.Optional})
		}
	}
	return references
}

func itemKeys(items []corev1.KeyToPath) []string {
	keys := make([]string, 0, len(items))
	for _, item := range items {
		keys = append(keys, item.Key)
	}
	return keys
}

// environmentReferences returns what the container's environment variables come from.
func environmentReferences(container corev1.Container) []reference {
	var references []reference
	for _, from := range container.EnvFrom {
		if source := from.SecretRef; source != nil {
			references = append(references, reference{kindSecret, source.Name, nil, source.Optional})
		}
		if source := from.ConfigMapRef; source != nil {
			references = append(references, reference{kindConfigMap, source.Name, nil, source.Optional})
		}
	}
	for _, variable := range container.Env {
		if variable.ValueFrom == nil {
			continue
		}
		if source := variable.ValueFrom.SecretKeyRef; source != nil {
			references = append(references, reference{kindSecret, source.Name, []string{source.Key}, source.Optional})
		}
		if source := variable.ValueFrom.ConfigMapKeyRef; source != nil {
			references = append(references, reference{kindConfigMap, source.Name, []string{source.Key}, source.Optional})
		}
	}
	return references
}
