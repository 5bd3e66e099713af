package operate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ai-platform/manifests/operate/internal/changes"
)

// pruneCluster prints what is no longer declared, and deletes it if that was confirmed.
func (d *diff) pruneCluster(ctx context.Context, stdout io.Writer, c *clusterDiff) error {
	for _, namespace := range c.ownNamespaces() {
		if c.live.missing(namespace, c.declared) {
			return missingNamespace(namespace)
		}
	}
	comparison := c.comparison(slices.Concat(c.unchanged(), c.deletions()))
	if !d.yes {
		if comparison.Differs() {
			comparison.Notes = append(comparison.Notes, "nothing was deleted: add --yes to do so")
		}
		return d.print(stdout, comparison)
	}
	if d.output == "json" {
		err := c.deleteAll(ctx, comparison.Changes, io.Discard)
		return errors.Join(err, d.write(stdout, comparison))
	}
	if err := d.write(stdout, comparison); err != nil {
		return err
	}
	return c.deleteAll(ctx, comparison.Changes, stdout)
}

// unchanged are the declared objects that are there: what is deleted may be dangerous to them.
func (c *clusterDiff) unchanged() []*changes.Change {
	var found []*changes.Change
	for _, object := range c.declared {
		if live := c.live.find(object); live != nil {
			found = append(found, changes.New(live, live))
		}
	}
	return found
}

func (c *clusterDiff) deletions() []*changes.Change {
	found := c.undeclared()
	for _, change := range found {
		if change.Action == changes.Undeclared {
			change.Action = changes.Delete
		}
	}
	return found
}

// deleteAll deletes one by one, and policies at last: they protect the pods until these are gone.
func (c *clusterDiff) deleteAll(ctx context.Context, found []*changes.Change, progress io.Writer) error {
	ordered := slices.Clone(found)
	slices.SortStableFunc(ordered, func(a, b *changes.Change) int { return rank(a.Kind) - rank(b.Kind) })
	for _, change := range ordered {
		if change.Action != changes.Delete {
			continue
		}
		if err := c.delete(ctx, change); err != nil {
			return fmt.Errorf("delete %s: %w", change.Reference, err)
		}
		change.Note = "deleted"
		if _, err := fmt.Fprintln(progress, "deleted", change.Reference); err != nil {
			return err
		}
	}
	return nil
}

// rank puts an autoscaler before what it scales.
func rank(kind string) int {
	switch kind {
	case autoscalerKind.Kind:
		return 0
	case policyKind.Kind:
		return 2
	}
	return 1
}

// delete spares an object that has replaced the one that was shown.
func (c *clusterDiff) delete(ctx context.Context, change *changes.Change) error {
	gvk := change.Before.GroupVersionKind()
	mapping, err := c.mapper.RESTMapping(gvk.GroupKind(), gvk.Version)
	if err != nil {
		return err
	}
	uid := change.Before.GetUID()
	background := metav1.DeletePropagationBackground
	return c.resource(mapping, change.Namespace).Delete(ctx, change.Name, metav1.DeleteOptions{
		PropagationPolicy: &background,
		Preconditions:     &metav1.Preconditions{UID: &uid},
	})
}
