package argocd

import (
	"context"
	"fmt"

	"github.com/argoproj/gitops-engine/pkg/health"
	"github.com/argoproj/gitops-engine/pkg/utils/kube"
	"github.com/argoproj/gitops-engine/pkg/utils/tracing"
	"github.com/go-logr/logr"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/kubectl/pkg/util/openapi"
)

// fieldManager is the one under which Argo CD applies on the server's side.
const fieldManager = "argocd-controller"

// controller is what Argo CD's application controller gives the engine: access to one cluster, its schemas, and the assessment of
// health.
type controller struct {
	config  *rest.Config
	kubectl kube.Kubectl
	client  dynamic.Interface
	mapper  meta.RESTMapper
	schemas openapi.Resources
	types   *managedfields.GvkParser
	scripts healthScripts
}

func newController(config *rest.Config) (*controller, error) {
	c := &controller{config: config, kubectl: &kube.KubectlCmd{Log: logr.Discard(), Tracer: tracing.NopTracer{}}}
	var err error
	if c.client, err = dynamic.NewForConfig(config); err != nil {
		return nil, err
	}
	disco, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, err
	}
	c.mapper = restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(disco))
	if c.schemas, c.types, err = c.kubectl.LoadOpenAPISchema(config); err != nil {
		return nil, err
	}
	c.scripts, err = downloadHealthScripts()
	return c, err
}

// IsNamespaced makes it a kube.ResourceInfoProvider.
func (c *controller) IsNamespaced(kind schema.GroupKind) (bool, error) {
	mapping, err := c.mapper.RESTMapping(kind)
	if err != nil {
		return false, err
	}
	return mapping.Scope.Name() == meta.RESTScopeNameNamespace, nil
}

// key is that of an object among all of the cluster's.
func (c *controller) key(object *unstructured.Unstructured) (kube.ResourceKey, error) {
	key := kube.GetResourceKey(object)
	namespaced, err := c.IsNamespaced(key.GroupKind())
	if !namespaced {
		key.Namespace = "" // the engine gives one to every object
	}
	return key, err
}

// live returns the object as it is in the cluster, or nil if it is not there.
func (c *controller) live(ctx context.Context, object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	kind := object.GroupVersionKind()
	mapping, err := c.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if err != nil {
		return nil, err
	}
	var resource dynamic.ResourceInterface = c.client.Resource(mapping.Resource)
	if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
		resource = c.client.Resource(mapping.Resource).Namespace(object.GetNamespace())
	}
	found, err := resource.Get(ctx, object.GetName(), metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	return found, err
}

// missing is what Argo CD says of an object that is not in the cluster.
var missing = &health.HealthStatus{Status: health.HealthStatusMissing}

// health is Argo CD's assessment of an object in the cluster, or nil for a kind that has none.
func (c *controller) health(ctx context.Context, object *unstructured.Unstructured) (*health.HealthStatus, error) {
	live, err := c.live(ctx, object)
	if err != nil {
		return nil, err
	}
	if live == nil {
		return missing, nil
	}
	return health.GetResourceHealth(live, c.scripts)
}

// unhealthy returns name and status of an object that is not healthy, or nothing if it is, or has no health.
func (c *controller) unhealthy(ctx context.Context, object *unstructured.Unstructured) (string, error) {
	found, err := c.health(ctx, object)
	if err != nil || found == nil || found.Status == health.HealthStatusHealthy {
		return "", err
	}
	return fmt.Sprintf("%s %s", nameOf(object), found.Status), nil
}

// nameOf is kind and name.
func nameOf(object *unstructured.Unstructured) string {
	return object.GetKind() + "/" + object.GetName()
}
