package main

import (
	"fmt"
	"os"

	podfast "sigs.k8s.io/kwok/kustomize/stage/pod/fast"
	"sigs.k8s.io/kwok/pkg/apis/v1alpha1"
	"sigs.k8s.io/yaml"
)

// writePodStages writes kwok's own fast stages to a file, with one condition more: a pod becomes ready only when the stand-ins
// found all that it refers to. A stage sees nothing but the pod itself, so it cannot look for a Secret.
func writePodStages() (string, error) {
	ready, err := gated(podfast.DefaultPodReady)
	if err != nil {
		return "", err
	}
	file, err := os.CreateTemp("", "pod-stages-*.yaml")
	if err != nil {
		return "", err
	}
	_, err = fmt.Fprintf(file, "%s\n---\n%s\n---\n%s", ready, podfast.DefaultPodComplete, podfast.DefaultPodDelete)
	if err != nil {
		return "", err
	}
	return file.Name(), file.Close()
}

// gated returns a stage that waits for the pod's condition PodReadyToStartContainers.
func gated(stage string) ([]byte, error) {
	var object v1alpha1.Stage
	if err := yaml.UnmarshalStrict([]byte(stage), &object); err != nil {
		return nil, err
	}
	object.Spec.Selector.MatchExpressions = append(object.Spec.Selector.MatchExpressions, v1alpha1.MatchExpression{
		JQ: &v1alpha1.SelectorJQ{
			Key:      `.status.conditions.[] | select( .type == "PodReadyToStartContainers" ) | .status`,
			Operator: v1alpha1.SelectorOpIn,
			Values:   []string{"True"},
		},
	})
	return yaml.Marshal(object)
}
