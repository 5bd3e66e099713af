package operate

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// requireNotLost wants no pods that run with the values of the Secret. If there are, its error has the commands that make it of their values,
// except derived ones, which --keep composes: the servers that are the first to read a value have a shell, their clients need not have one.
func (c *secretCluster) requireNotLost(ctx context.Context) error {
	derived := map[string]bool{}
	for _, rotation := range c.secret.Rotations {
		for _, key := range rotation.Derived {
			derived[key] = true
		}
	}
	ready := map[string]bool{}
	var variables, literals []string
	for _, key := range c.read.keys() {
		reader, err := c.runningReader(ctx, key, ready)
		if err != nil {
			return err
		}
		if reader != nil && !derived[key] {
			variable := "secret_" + notInNames.ReplaceAllString(key, "_")
			variables = append(variables, fmt.Sprintf("%s=$(%s exec deployment/%s -c %s -- printenv %s) &&",
				variable, c.shell.kubectl, reader.deployment, reader.container, reader.variable))
			literals = append(literals, fmt.Sprintf(`--from-literal=%s="$%s"`, key, variable))
		}
	}
	if len(literals) == 0 {
		return nil
	}
	return fmt.Errorf("%s is lost, and pods run with its values: nothing is made anew. Make it of their values, and then add what is missing:\n\n"+
		"%s\n%s create secret generic %s \\\n  %s &&\n%s --keep --yes%s",
		c.name(), strings.Join(variables, "\n"), c.shell.kubectl, c.secret.Name, strings.Join(literals, " \\\n  "), c.shell.program, c.shell.flags)
}

// notInNames are characters of a key that a variable's name in a shell has not.
var notInNames = regexp.MustCompile(`\W`)

// runningReader is the first reader of a key of which a pod is ready, or nil.
func (c *secretCluster) runningReader(ctx context.Context, key string, ready map[string]bool) (*keyReader, error) {
	for _, reader := range c.read[key] {
		if reader.deployment == "" {
			continue
		}
		is, known := ready[reader.deployment]
		if !known {
			found, err := c.in("deployments").Get(ctx, reader.deployment, metav1.GetOptions{})
			if err != nil && !apierrors.IsNotFound(err) {
				return nil, err
			}
			if err == nil {
				pods, _, _ := unstructured.NestedInt64(found.Object, "status", "readyReplicas")
				is = pods > 0
			}
			ready[reader.deployment] = is
		}
		if is {
			return &reader, nil
		}
	}
	return nil, nil
}
