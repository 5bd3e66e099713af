package operate

import (
	"context"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// requireNotLost wants no pods that run with the values of the Secret. If there are, its error has the script that makes it of their values,
// and says which ones are in no such pod.
func (c *secretCluster) requireNotLost(ctx context.Context) error {
	found, ready := map[string]keyReader{}, map[string]bool{}
	for _, key := range c.read.keys() {
		reader, err := c.running(ctx, c.read.required(key), ready)
		if err != nil {
			return err
		}
		if reader != nil {
			found[key] = *reader
		}
	}
	if len(found) == 0 {
		return nil
	}
	return fmt.Errorf("%s is lost, but pods are running with its values: no new values were generated.\n%sRecover it from their values, in bash, and then add the missing ones:\n\n%s",
		c.name(), c.unrecovered(found), c.recovery(found))
}

// composed reports whether --keep makes the value of a key of one that is found. Nothing else needs to have it: the servers that are the first to
// read a value have a shell, their clients need not have one.
func (c *secretCluster) composed(key string, found map[string]keyReader) bool {
	for source, rotation := range c.secret.Rotations {
		if _, has := found[source]; has && slices.Contains(rotation.Derived, key) {
			return true
		}
	}
	return false
}

// unrecovered lists the keys whose values are not found, and why.
func (c *secretCluster) unrecovered(found map[string]keyReader) string {
	var text strings.Builder
	for _, key := range c.read.keys() {
		if _, has := found[key]; has || c.composed(key, found) {
			continue
		}
		fmt.Fprintf(&text, "  %s: %s\n", key, c.unfound(key))
	}
	if text.Len() == 0 {
		return ""
	}
	return "These keys cannot be recovered:\n" + text.String() +
		"If pods can be made ready, do so first and run this again: the last command generates new values where possible.\n"
}

// unfound says why no value of a key is found.
func (c *secretCluster) unfound(key string) string {
	if !c.read.needed(key) {
		return "it is optional: add it by hand if it was there"
	}
	var workloads []string
	for _, reader := range c.read.required(key) {
		if reader.holdsValue() && !slices.Contains(workloads, reader.object()) {
			workloads = append(workloads, reader.object())
		}
	}
	if len(workloads) == 0 {
		return "no container of a Deployment, StatefulSet or DaemonSet has it as a variable"
	}
	return "no pod of " + strings.Join(workloads, " or ") + " is ready"
}

// recovery is a script that makes the Secret. Values get to kubectl through pipes, as everyone on the machine can read its arguments, and
// keep spaces and newlines: value ends with a newline of printenv and a dot, which bash does not cut off.
func (c *secretCluster) recovery(found map[string]keyReader) string {
	var values, files strings.Builder
	number := 0
	for _, key := range c.read.keys() {
		if reader, has := found[key]; has && !c.composed(key, found) {
			number++
			fmt.Fprintf(&values, "value%d=$(value %s %s %s)\n", number, quote(reader.target()), quote(reader.container), quote(reader.variable))
			fmt.Fprintf(&files, " \\\n  --from-file=%s=<(printf %%s \"${value%d%%??}\")", quote(key), number)
		}
	}
	return "(\nset -e\nvalue() { " + c.shell.kubectl + ` exec "$1" -c "$2" -- printenv "$3" && echo .; }` + "\n" + values.String() +
		c.shell.kubectl + " create secret generic " + quote(c.secret.Name) + files.String() + "\n" +
		c.shell.program + " --keep --yes" + c.shell.flags + "\n)"
}

// running is the first reader that has the value in a pod that is ready, or nil.
func (c *secretCluster) running(ctx context.Context, readers []keyReader, ready map[string]bool) (*keyReader, error) {
	for _, reader := range readers {
		if !reader.holdsValue() {
			continue
		}
		is, known := ready[reader.target()]
		if !known {
			var err error
			if is, err = c.hasReadyPod(ctx, reader); err != nil {
				return nil, err
			}
			ready[reader.target()] = is
		}
		if is {
			return &reader, nil
		}
	}
	return nil, nil
}

// hasReadyPod reports whether a pod of the reader's workload is ready. A workload that does not exist has none.
func (c *secretCluster) hasReadyPod(ctx context.Context, reader keyReader) (bool, error) {
	found, err := c.in(strings.ToLower(reader.kind)+"s").Get(ctx, reader.name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	pods, _, err := unstructured.NestedInt64(found.Object, "status", replicated[reader.kind])
	return pods > 0, err
}
