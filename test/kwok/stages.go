package main

import (
	"os"
	"strings"

	podfast "sigs.k8s.io/kwok/kustomize/stage/pod/fast"
	"sigs.k8s.io/kwok/pkg/apis/v1alpha1"
	"sigs.k8s.io/yaml"
)

// writePodStages writes kwok's own fast stages to a file, with a condition more: a pod becomes ready only when the stand-ins
// found all that it refers to. A stage sees nothing but the pod itself, so it cannot look for a Secret. Another stage is for pods with
// images with which a container does not start.
func writePodStages() (string, error) {
	var ready v1alpha1.Stage
	if err := yaml.UnmarshalStrict([]byte(podfast.DefaultPodReady), &ready); err != nil {
		return "", err
	}
	ready.Spec.Selector.MatchExpressions = append(ready.Spec.Selector.MatchExpressions, exists(failingImage, false))
	stages := []string{podfast.DefaultPodComplete, podfast.DefaultPodDelete}
	for _, stage := range []v1alpha1.Stage{ready, failing()} {
		text, err := gated(stage)
		if err != nil {
			return "", err
		}
		stages = append(stages, string(text))
	}
	file, err := os.CreateTemp("", "pod-stages-*.yaml")
	if err != nil {
		return "", err
	}
	if _, err := file.WriteString(strings.Join(stages, "\n---\n")); err != nil {
		return "", err
	}
	return file.Name(), file.Close()
}

// gated makes a stage wait for the pod's condition PodReadyToStartContainers.
func gated(stage v1alpha1.Stage) ([]byte, error) {
	stage.Spec.Selector.MatchExpressions = append(stage.Spec.Selector.MatchExpressions, v1alpha1.MatchExpression{
		JQ: &v1alpha1.SelectorJQ{
			Key:      `.status.conditions.[] | select( .type == "PodReadyToStartContainers" ) | .status`,
			Operator: v1alpha1.SelectorOpIn,
			Values:   []string{"True"},
		},
	})
	return yaml.Marshal(stage)
}
