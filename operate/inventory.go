package operate

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/selection"

	"github.com/ai-platform/manifests/operate/internal/changes"
	"github.com/ai-platform/manifests/operate/internal/connectivity"
)

const (
	appLabel      = "app"                        // Names the application on each of its objects.
	instanceLabel = "app.kubernetes.io/instance" // Tells several of them apart.
)

var (
	namespaceKind   = schema.GroupKind{Kind: "Namespace"}
	secretKind      = schema.GroupKind{Kind: "Secret"}
	policyKind      = schema.GroupKind{Group: "networking.k8s.io", Kind: "NetworkPolicy"}
	statefulSetKind = schema.GroupKind{Group: "apps", Kind: "StatefulSet"}
	autoscalerKind  = schema.GroupKind{Group: "autoscaling", Kind: "HorizontalPodAutoscaler"}
)

// usualKinds are looked for even if no environment declares them: an application that had some may have given up the last.
var usualKinds = []schema.GroupKind{
	autoscalerKind,
	policyKind,
	{Kind: "ConfigMap"},
	{Kind: "PersistentVolumeClaim"},
	{Kind: "Service"},
	{Kind: "ServiceAccount"},
	{Group: "apps", Kind: "Deployment"},
	statefulSetKind,
	{Group: "batch", Kind: "CronJob"},
	{Group: "batch", Kind: "Job"},
	{Group: "networking.k8s.io", Kind: "Ingress"},
	{Group: "policy", Kind: "PodDisruptionBudget"},
	{Group: "rbac.authorization.k8s.io", Kind: "Role"},
	{Group: "rbac.authorization.k8s.io", Kind: "RoleBinding"},
}

// customKinds are looked for as well, where the cluster has them and the user may list them: the roles admin, edit and view of Kubernetes do not
// include them.
var customKinds = []schema.GroupKind{
	{Group: "cilium.io", Kind: "CiliumNetworkPolicy"},
	{Group: "gateway.networking.k8s.io", Kind: "Gateway"},
	{Group: "gateway.networking.k8s.io", Kind: "HTTPRoute"},
	{Group: "gateway.networking.k8s.io", Kind: "ListenerSet"},
	{Group: "monitoring.coreos.com", Kind: "Probe"},
	{Group: "monitoring.coreos.com", Kind: "PrometheusRule"},
	{Group: "monitoring.coreos.com", Kind: "ServiceMonitor"},
}

// identity is an object's among those of all versions.
type identity struct {
	schema.GroupKind
	namespace, name string
}

func identityOf(object *unstructured.Unstructured) identity {
	return identity{object.GroupVersionKind().GroupKind(), object.GetNamespace(), object.GetName()}
}

// inventory holds objects that are in the cluster.
type inventory struct {
	mutex   sync.Mutex
	objects map[identity]*unstructured.Unstructured
}

func (i *inventory) add(object *unstructured.Unstructured) {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	if i.objects == nil {
		i.objects = map[identity]*unstructured.Unstructured{}
	}
	i.objects[identityOf(object)] = object
}

func (i *inventory) find(object *unstructured.Unstructured) *unstructured.Unstructured {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	return i.objects[identityOf(object)]
}

// missing reports whether a namespace is declared and not there.
func (i *inventory) missing(namespace string, declared []*unstructured.Unstructured) bool {
	return slices.ContainsFunc(declared, func(object *unstructured.Unstructured) bool {
		return identityOf(object) == identity{namespaceKind, "", namespace} && i.find(object) == nil
	})
}

// sorted gives the same order each time.
func (i *inventory) sorted() []*unstructured.Unstructured {
	return slices.SortedFunc(maps.Values(i.objects), func(a, b *unstructured.Unstructured) int {
		return strings.Compare(changes.ReferenceOf(a).String(), changes.ReferenceOf(b).String())
	})
}

// namespaces are those of the objects.
func namespaces(objects []*unstructured.Unstructured) []string {
	found := map[string]bool{}
	for _, object := range objects {
		if object.GetNamespace() != "" {
			found[object.GetNamespace()] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// ownNamespaces are those that belong to the environment: those it declares. In others, such as an ingress controller's, other
// environments have objects too. An environment that declares none has those of its objects.
func (c *clusterDiff) ownNamespaces() []string {
	var own []string
	for _, object := range c.declared {
		if object.GroupVersionKind().GroupKind() == namespaceKind {
			own = append(own, object.GetName())
		}
	}
	if len(own) == 0 {
		return namespaces(c.declared)
	}
	return own
}

// concernsOthers reports whether objects of a kind matter whosever they are: policies and autoscalers decide about the application's pods, and
// its policies about all pods of the namespace.
func concernsOthers(kind schema.GroupKind) bool {
	return kind == autoscalerKind || connectivity.Decides(kind)
}

// list lists the application's objects in the environment's namespaces, and those of all there whose kind concerns others.
func (c *clusterDiff) list(ctx context.Context, app Application) error {
	selector, err := c.selector()
	if err != nil {
		return err
	}
	wanted, err := c.kinds(app)
	if err != nil {
		return err
	}
	kinds, err := c.namespaced(wanted)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for _, mapping := range kinds {
		options := metav1.ListOptions{LabelSelector: selector.String()}
		if concernsOthers(mapping.GroupVersionKind.GroupKind()) {
			options.LabelSelector = ""
		}
		for _, namespace := range c.ownNamespaces() {
			group.Go(func() error {
				list, err := c.resource(mapping, namespace).List(ctx, options)
				kind := mapping.GroupVersionKind.GroupKind()
				if apierrors.IsForbidden(err) && wanted[kind] == "" && slices.Contains(customKinds, kind) {
					return nil
				}
				if err != nil {
					return err
				}
				for i := range list.Items {
					c.live.add(&list.Items[i])
				}
				return nil
			})
		}
	}
	return group.Wait()
}

// selector selects by the labels that the manifests have.
func (c *clusterDiff) selector() (labels.Selector, error) {
	names := map[string]bool{}
	for _, object := range c.declared {
		if name := object.GetLabels()[appLabel]; name != "" {
			names[name] = true
		}
	}
	if len(names) == 0 {
		return labels.Nothing(), nil
	}
	requirement, err := labels.NewRequirement(appLabel, selection.In, slices.Sorted(maps.Keys(names)))
	if err != nil {
		return nil, err
	}
	return labels.NewSelector().Add(*requirement), nil
}

// kinds are those that any environment declares, with their versions, and the usual ones. It notes on the way what all of them declare.
// Secrets are left out: people create them, and volumes depend on their passwords.
func (c *clusterDiff) kinds(app Application) (map[schema.GroupKind]string, error) {
	wanted := map[schema.GroupKind]string{}
	for _, kind := range slices.Concat(usualKinds, customKinds) {
		wanted[kind] = ""
	}
	for _, e := range app.Environments {
		objects, err := e.load()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for i := range objects {
			wanted[objects[i].GroupVersionKind().GroupKind()] = objects[i].GroupVersionKind().Version
			c.anywhere[identityOf(&objects[i])] = true
		}
	}
	for _, object := range c.declared {
		c.anywhere[identityOf(object)] = true
		wanted[object.GroupVersionKind().GroupKind()] = object.GroupVersionKind().Version
	}
	delete(wanted, secretKind)
	return wanted, nil
}

// namespaced are the kinds that the cluster has and whose objects are in namespaces.
func (c *clusterDiff) namespaced(wanted map[schema.GroupKind]string) ([]*meta.RESTMapping, error) {
	var found []*meta.RESTMapping
	for kind, version := range wanted {
		mapping, err := c.mapper.RESTMapping(kind, version)
		switch {
		case meta.IsNoMatchError(err): // The cluster has none.
		case err != nil:
			return nil, err
		case mapping.Scope.Name() == meta.RESTScopeNameNamespace:
			found = append(found, mapping)
		}
	}
	return found, nil
}

// undeclared are the application's objects that no environment declares any longer.
func (c *clusterDiff) undeclared() []*changes.Change {
	var found []*changes.Change
	for _, object := range c.live.sorted() {
		if c.anywhere[identityOf(object)] || !c.isOurs(object) || object.GetDeletionTimestamp() != nil || len(object.GetOwnerReferences()) > 0 {
			continue
		}
		change := changes.New(object, nil)
		if reason := keepReason(object); change.Action == changes.Undeclared && reason != "" {
			change.Action, change.Note = changes.Keep, reason
		}
		found = append(found, change)
	}
	return found
}

// keepReason says why an object is not to be deleted with others; it is empty if it may be.
func keepReason(object *unstructured.Unstructured) string {
	whenDeleted, _, _ := unstructured.NestedString(object.Object, "spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted")
	annotations := object.GetAnnotations()
	switch {
	case !wasApplied(object):
		return "never applied"
	case whenDeleted == "Delete":
		return "its volume claims would be deleted with it"
	case annotations["helm.sh/resource-policy"] == "keep":
		return "annotated with helm.sh/resource-policy: keep"
	case strings.Contains(annotations["argocd.argoproj.io/sync-options"], "Prune="):
		return "annotated with argocd.argoproj.io/sync-options: " + annotations["argocd.argoproj.io/sync-options"]
	case annotations["kustomize.toolkit.fluxcd.io/prune"] == "disabled":
		return "annotated with kustomize.toolkit.fluxcd.io/prune: disabled"
	}
	return ""
}

// isOurs reports whether an object has the application's label, and is not of another instance.
func (c *clusterDiff) isOurs(object *unstructured.Unstructured) bool {
	selector, err := c.selector()
	if err != nil || !selector.Matches(labels.Set(object.GetLabels())) {
		return false
	}
	instance := object.GetLabels()[instanceLabel]
	return instance == "" || slices.ContainsFunc(c.declared, func(o *unstructured.Unstructured) bool { return o.GetLabels()[instanceLabel] == instance })
}

// others are objects that are not the application's, of kinds that concern others.
func (c *clusterDiff) others() []*unstructured.Unstructured {
	declared := map[identity]bool{}
	for _, object := range c.declared {
		declared[identityOf(object)] = true
	}
	return slices.DeleteFunc(c.live.sorted(), func(object *unstructured.Unstructured) bool {
		return c.isOurs(object) || declared[identityOf(object)] || !concernsOthers(object.GroupVersionKind().GroupKind())
	})
}
