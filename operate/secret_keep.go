package operate

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"
)

// keep writes the completed Secret, or prints it: its values only if the output is not a terminal, or by --show. It names the cluster before
// it writes.
func (c *secretCluster) keep(ctx context.Context, yes, values bool) error {
	p, err := c.plan(ctx)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprint(c.stderr, c.summary(p)); err != nil {
		return err
	}
	written := yes && p.changes()
	if written {
		if err := c.write(ctx, p); err != nil {
			if ctx.Err() != nil || mayBeDone(err) {
				_, _ = fmt.Fprintln(c.stderr, "it is unknown whether it was written: run the command again")
			}
			return err
		}
	}
	switch {
	case c.json:
		return writeJSON(c.stdout, c.keepReport(p, written, values))
	case !yes && values:
		return c.print(p)
	}
	_, err = fmt.Fprintln(c.stderr, c.outcome(p, written))
	return err
}

// outcome says what became of a plan that is not printed.
func (c *secretCluster) outcome(p *secretPlan, written bool) string {
	switch {
	case written:
		return "written"
	case !p.changes():
		return "nothing to write"
	}
	return "nothing was written, and no value is printed to a terminal: add --yes, or pipe into \"" + c.apply(p) + "\""
}

// apply is what takes the printed Secret.
func (c *secretCluster) apply(p *secretPlan) string {
	switch {
	case p.live == nil:
		return "kubectl" + c.shell.flags + " create -f -"
	case c.renew != "":
		return "kubectl" + c.shell.flags + " apply --server-side --force-conflicts -f -"
	}
	return "kubectl" + c.shell.flags + " apply --server-side -f -"
}

func (c *secretCluster) print(p *secretPlan) error {
	manifest, err := p.manifest()
	if err != nil {
		return err
	}
	_, err = c.stdout.Write(manifest)
	return err
}

// summary names keys, and no values.
func (c *secretCluster) summary(p *secretPlan) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s (context %s)\n", c.name(), c.context)
	for _, list := range []struct {
		what string
		keys []string
	}{{"keep ", p.kept}, {"add  ", p.added}, {"renew", p.renewed}} {
		if len(list.keys) > 0 {
			fmt.Fprintf(&text, "  %s  %s\n", list.what, strings.Join(list.keys, ", "))
		}
	}
	for _, key := range p.absent {
		why := "optional, and not generated"
		if waiting := c.read.required(key); len(waiting) > 0 {
			why = waiting[0].object() + " waits for it, and it cannot be generated: add it by hand"
		}
		fmt.Fprintf(&text, "  absent %s (%s)\n", key, why)
	}
	for _, key := range p.added {
		if c.secret.Rotations[key].hasScript() {
			fmt.Fprintf(&text, "! a running server may have another %s, or keep one on its volume: then run \"%s\"\n", key, c.shell.rotate(key))
		}
	}
	if c.renew != "" && len(p.renewed) > 0 {
		fmt.Fprintf(&text, "! pods have the former %s until you have run the steps that \"%s\" prints after the first\n", c.renew, c.shell.rotate(c.renew))
	}
	return text.String()
}

func (r Rotation) hasScript() bool {
	return slices.ContainsFunc(r.Steps, func(s Step) bool { return s.Script != "" })
}

// manifest has all values: a key that its manager applies no longer is removed. With the version that was read it is refused if someone else
// has changed the Secret in the meantime.
func (p *secretPlan) manifest() ([]byte, error) {
	if p.live == nil {
		return p.new, nil
	}
	metadata := map[string]any{"name": p.live.GetName(), "namespace": p.live.GetNamespace(), "resourceVersion": p.live.GetResourceVersion()}
	if labels := p.live.GetLabels(); len(labels) > 0 {
		metadata["labels"] = labels
	}
	annotations := p.live.GetAnnotations()
	delete(annotations, lastApplied)
	if len(annotations) > 0 {
		metadata["annotations"] = annotations
	}
	secret := map[string]any{"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": p.live.Object["type"], "data": encode(p.values)}
	return yaml.Marshal(secret)
}

func encode(values map[string]string) map[string]string {
	encoded := map[string]string{}
	for key, value := range values {
		encoded[key] = base64.StdEncoding.EncodeToString([]byte(value))
	}
	return encoded
}

// write changes the keys that are added or renewed and no other, and nothing if someone else has changed the Secret since it was read.
func (c *secretCluster) write(ctx context.Context, p *secretPlan, dryRun ...string) error {
	if p.live == nil {
		var secret unstructured.Unstructured
		if err := yaml.Unmarshal(p.new, &secret.Object); err != nil {
			return errors.New("the new Secret is invalid YAML")
		}
		_, err := c.in("secrets").Create(ctx, &secret, metav1.CreateOptions{FieldManager: kubectlManager, DryRun: dryRun})
		return err
	}
	changed := map[string]string{}
	for _, key := range slices.Concat(p.added, p.renewed) {
		changed[key] = p.values[key]
	}
	patch, err := json.Marshal(map[string]any{
		"metadata": map[string]any{"resourceVersion": p.live.GetResourceVersion(), "uid": p.live.GetUID()},
		"data":     encode(changed),
	})
	if err != nil {
		return err
	}
	_, err = c.in("secrets").Patch(ctx, c.secret.Name, types.MergePatchType, patch, metav1.PatchOptions{FieldManager: kubectlManager, DryRun: dryRun})
	if apierrors.IsConflict(err) {
		return fmt.Errorf("%s was changed by someone else in the meantime, and nothing was written: try again", c.name())
	}
	return err
}
