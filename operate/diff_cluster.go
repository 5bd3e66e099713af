package operate

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"

	"github.com/ai-platform/manifests/operate/internal/changes"
)

// parallel is how many requests are on their way at once.
const parallel = 16

// clusterDiff compares the manifests of an environment with a cluster.
type clusterDiff struct {
	*cluster
	environment Environment
	declared    []*unstructured.Unstructured
	mappings    map[*unstructured.Unstructured]*meta.RESTMapping // Of declared objects. Nil if the cluster does not know the kind.
	anywhere    map[identity]bool                                // What any environment declares.
	live        inventory
	dryRun      dryRun
}

func (d *diff) againstCluster(ctx context.Context, command *cobra.Command, e Environment) error {
	declared, err := e.load()
	if err != nil {
		return err
	}
	connected, err := d.connect(ctx, command.ErrOrStderr())
	if err != nil {
		return err
	}
	c := &clusterDiff{cluster: connected, environment: e, mappings: map[*unstructured.Unstructured]*meta.RESTMapping{}, anywhere: map[identity]bool{}}
	c.dryRun = dryRun{serverSide: d.serverSide, manager: d.fieldManager}
	if err := c.declare(declared, d.namespace); err != nil {
		return err
	}
	if err := c.read(ctx, d.app); err != nil {
		return err
	}
	if d.prune {
		return d.pruneCluster(ctx, command.OutOrStdout(), c)
	}
	comparison, err := c.compare(ctx)
	if err != nil {
		return err
	}
	return d.print(command.OutOrStdout(), comparison)
}

// declare finds the resource of each object, and gives a namespace to those that name none, as kubectl does.
func (c *clusterDiff) declare(objects []unstructured.Unstructured, namespace string) error {
	for i := range objects {
		object := &objects[i]
		mapping, err := c.mapping(object, namespace)
		if err != nil {
			return err
		}
		c.declared = append(c.declared, object)
		c.mappings[object] = mapping
	}
	return nil
}

// mapping is the resource of an object, which gets a namespace if it needs one. It is nil if the cluster does not know the kind.
func (c *cluster) mapping(object *unstructured.Unstructured, namespace string) (*meta.RESTMapping, error) {
	gvk := object.GroupVersionKind()
	mapping, err := c.mapper.RESTMapping(gvk.GroupKind(), gvk.Version)
	switch {
	case meta.IsNoMatchError(err):
		return nil, nil
	case err != nil:
		return nil, err
	case mapping.Scope.Name() == meta.RESTScopeNameRoot:
	case object.GetNamespace() == "":
		object.SetNamespace(c.namespace)
	case namespace != "" && object.GetNamespace() != namespace:
		return nil, Usage(fmt.Errorf("--namespace=%s: %s is declared in another namespace", namespace, changes.ReferenceOf(object)))
	}
	return mapping, nil
}

// resource is where objects of a kind are.
func (c *cluster) resource(mapping *meta.RESTMapping, namespace string) dynamic.ResourceInterface {
	if mapping.Scope.Name() == meta.RESTScopeNameRoot {
		return c.objects.Resource(mapping.Resource)
	}
	return c.objects.Resource(mapping.Resource).Namespace(namespace)
}

// read reads what is in the cluster.
func (c *clusterDiff) read(ctx context.Context, app Application) error {
	if err := c.list(ctx, app); err != nil {
		return err
	}
	if err := c.get(ctx); err != nil {
		return err
	}
	return c.requireNamespaces(ctx)
}

// get gets the declared objects that were not listed, as they lack the application's label or are not in a namespace of the environment.
func (c *clusterDiff) get(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for _, object := range c.declared {
		mapping := c.mappings[object]
		if mapping == nil || c.live.find(object) != nil {
			continue
		}
		group.Go(func() error {
			found, err := c.resource(mapping, object.GetNamespace()).Get(ctx, object.GetName(), metav1.GetOptions{})
			if apierrors.IsNotFound(err) {
				return nil
			}
			if err == nil {
				c.live.add(found)
			}
			return err
		})
	}
	return group.Wait()
}

// requireNamespaces wants the namespaces that the manifests use and do not create.
func (c *clusterDiff) requireNamespaces(ctx context.Context) error {
	for _, namespace := range namespaces(c.declared) {
		if slices.ContainsFunc(c.declared, func(o *unstructured.Unstructured) bool { return o.GetKind() == "Namespace" && o.GetName() == namespace }) {
			continue
		}
		mapping, err := c.mapper.RESTMapping(namespaceKind)
		if err != nil {
			return err
		}
		_, err = c.resource(mapping, "").Get(ctx, namespace, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return missingNamespace(namespace)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func missingNamespace(name string) error {
	return exitError{fmt.Errorf("namespace %s does not exist: is this the right cluster (--context)?", name), ExitNamespace}
}

// compare asks for the result of applying each object.
func (c *clusterDiff) compare(ctx context.Context) (*changes.Comparison, error) {
	found := make([]*changes.Change, len(c.declared))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for i, object := range c.declared {
		group.Go(func() (err error) {
			found[i], err = c.change(ctx, object)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return c.comparison(slices.Concat(found, c.undeclared())), nil
}

func (c *clusterDiff) comparison(found []*changes.Change) *changes.Comparison {
	comparison := &changes.Comparison{
		Environment: c.environment.Name, Against: changes.Cluster, Context: c.context, Changes: found, Others: c.others(),
	}
	for _, namespace := range c.ownNamespaces() {
		if c.live.missing(namespace, c.declared) {
			comparison.Notes = append(comparison.Notes, "namespace "+namespace+" does not exist yet: the API server could not check what is declared in it")
		}
	}
	comparison.Finish()
	return comparison
}

// change is what applying an object does.
func (c *clusterDiff) change(ctx context.Context, declared *unstructured.Unstructured) (*changes.Change, error) {
	mapping, live := c.mappings[declared], c.live.find(declared)
	if mapping == nil {
		change := changes.New(nil, declared)
		change.Dangers = append(change.Dangers, changes.Danger{
			Kind: "kind", Message: "the cluster does not know " + declared.GetAPIVersion() + ": install what defines it first",
		})
		return change, nil
	}
	if live == nil && c.live.missing(declared.GetNamespace(), c.declared) {
		change := changes.New(nil, declared) // The API server checks nothing in a namespace that is not there.
		if c.dryRun.isClientSide(nil) {
			change.Dangers = tooLarge(declared)
		}
		return change, nil
	}
	change, err := c.dryRun.change(ctx, c.resource(mapping, declared.GetNamespace()), live, declared)
	if err != nil {
		return nil, err
	}
	if change.Action != changes.None && c.dryRun.isClientSide(live) {
		change.Dangers = append(change.Dangers, tooLarge(declared)...)
	}
	return change, nil
}
