package diagnosis

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Reference is a Secret or ConfigMap that pods need before they start.
type Reference struct {
	Kind, Namespace, Name string
}

// Contents are the keys of a Secret or ConfigMap, without the values.
type Contents struct {
	Missing bool
	Keys    []string
}

// need is a key that a pod cannot start without. An empty key is the object alone.
type need struct {
	Reference
	key string
}

// References are what pods need that wait for something.
func (s *State) References() []Reference {
	var found []Reference
	for i := range s.Pods {
		pod := &s.Pods[i]
		if isReady(pod) || pod.Spec.NodeName == "" || !counts(pod) {
			continue
		}
		for _, n := range needs(pod) {
			if !slices.Contains(found, n.Reference) {
				found = append(found, n.Reference)
			}
		}
	}
	return found
}

// needs are what kubelet wants before it starts containers: kubelet/kubelet_pods.go and volume/{secret,configmap,projected}.
func needs(pod *corev1.Pod) []need {
	c := &needed{namespace: pod.Namespace}
	for _, volume := range pod.Spec.Volumes {
		c.volume(volume)
	}
	for _, container := range slices.Concat(pod.Spec.InitContainers, pod.Spec.Containers) {
		c.environment(container)
	}
	return c.all
}

// needed collects.
type needed struct {
	namespace string
	all       []need
}

func (c *needed) add(kind, name string, optional *bool, keys ...string) {
	if optional != nil && *optional {
		return
	}
	reference := Reference{kind, c.namespace, name}
	if len(keys) == 0 {
		keys = []string{""}
	}
	for _, key := range keys {
		if n := (need{reference, key}); !slices.Contains(c.all, n) {
			c.all = append(c.all, n)
		}
	}
}

func (c *needed) volume(volume corev1.Volume) {
	if secret := volume.Secret; secret != nil {
		c.add("Secret", secret.SecretName, secret.Optional, keys(secret.Items)...)
	}
	if configMap := volume.ConfigMap; configMap != nil {
		c.add("ConfigMap", configMap.Name, configMap.Optional, keys(configMap.Items)...)
	}
	if volume.Projected == nil {
		return
	}
	for _, source := range volume.Projected.Sources {
		if secret := source.Secret; secret != nil {
			c.add("Secret", secret.Name, secret.Optional, keys(secret.Items)...)
		}
		if configMap := source.ConfigMap; configMap != nil {
			c.add("ConfigMap", configMap.Name, configMap.Optional, keys(configMap.Items)...)
		}
	}
}

func keys(items []corev1.KeyToPath) []string {
	var found []string
	for _, item := range items {
		found = append(found, item.Key)
	}
	return found
}

func (c *needed) environment(container corev1.Container) {
	for _, from := range container.EnvFrom {
		if from.SecretRef != nil {
			c.add("Secret", from.SecretRef.Name, from.SecretRef.Optional)
		}
		if from.ConfigMapRef != nil {
			c.add("ConfigMap", from.ConfigMapRef.Name, from.ConfigMapRef.Optional)
		}
	}
	for _, variable := range container.Env {
		from := variable.ValueFrom
		if from == nil {
			continue
		}
		if key := from.SecretKeyRef; key != nil {
			c.add("Secret", key.Name, key.Optional, key.Key)
		}
		if key := from.ConfigMapKeyRef; key != nil {
			c.add("ConfigMap", key.Name, key.Optional, key.Key)
		}
	}
}

// absent are the needs of a pod that are not there. What cannot be read is taken to be there.
func (s *State) absent(pod *corev1.Pod) []problem {
	var found []problem
	all := needs(pod)
	for _, n := range all {
		contents, known := s.Contents[n.Reference] // Whoever may not read Secrets knows none.
		whole := object(n.Kind, n.Namespace, n.Name)
		switch {
		case !known:
		case contents.Missing && !slices.ContainsFunc(found, func(p problem) bool { return p.object == whole }):
			found = append(found, problem{object: whole, cause: "does not exist", advice: s.create(n.Reference), needs: keysOf(all, n.Reference)})
		case !contents.Missing && n.key != "" && !slices.Contains(contents.Keys, n.key):
			found = append(found, problem{object: whole, cause: "has no key " + n.key, advice: s.addKey(n)})
		}
	}
	return found
}

// allKnown reports whether everything could be read that a pod needs.
func (s *State) allKnown(pod *corev1.Pod) bool {
	return !slices.ContainsFunc(needs(pod), func(n need) bool {
		_, known := s.Contents[n.Reference]
		return !known
	})
}

// keysOf are the keys of one object that a pod needs.
func keysOf(all []need, reference Reference) string {
	var found []string
	for _, n := range all {
		if n.Reference == reference && n.key != "" {
			found = append(found, n.key)
		}
	}
	if len(found) == 0 {
		return ""
	}
	return ", needs " + strings.Join(found, ", ")
}

// create is what to do about an object that does not exist.
func (s *State) create(r Reference) string {
	switch source := s.source(r); {
	case r.Kind != "Secret" || s.declares(r):
		return s.apply()
	case source != "":
		return fmt.Sprintf("see why the External Secrets Operator has not made it: kubectl -n %s describe externalsecret %s", r.Namespace, source)
	case s.MakeSecret != "" && r == s.OwnSecret:
		return "create it: " + s.MakeSecret
	}
	return fmt.Sprintf("create it: kubectl -n %s create secret generic %s --from-env-file=FILE", r.Namespace, r.Name)
}

// addKey is what to do about a key that is not there.
func (s *State) addKey(n need) string {
	switch source := s.source(n.Reference); {
	case n.Kind != "Secret" || s.declares(n.Reference):
		return s.apply()
	case source != "":
		return fmt.Sprintf("have the ExternalSecret fill it: kubectl -n %s describe externalsecret %s", n.Namespace, source)
	}
	if s.MakeSecret != "" && n.Reference == s.OwnSecret {
		return "add it: " + s.MakeSecret
	}
	return fmt.Sprintf(`add it: kubectl -n %s patch secret %s --patch-file=/dev/stdin <<< '{"stringData":{"%s":"VALUE"}}'`, n.Namespace, n.Name, n.key)
}

func (s *State) declares(r Reference) bool {
	return slices.ContainsFunc(s.Declared, func(o *unstructured.Unstructured) bool {
		return o.GetKind() == r.Kind && o.GetNamespace() == r.Namespace && o.GetName() == r.Name
	})
}

// source is the name of the ExternalSecret that fills a Secret, or empty. https://external-secrets.io/latest/api/externalsecret/
func (s *State) source(r Reference) string {
	for _, o := range s.Declared {
		if o.GetKind() != "ExternalSecret" || o.GetNamespace() != r.Namespace {
			continue
		}
		target, _, _ := unstructured.NestedString(o.Object, "spec", "target", "name")
		if target == r.Name || target == "" && o.GetName() == r.Name {
			return o.GetName()
		}
	}
	return ""
}
