package argocd

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/argoproj/gitops-engine/pkg/sync/syncwaves"
	"github.com/argoproj/gitops-engine/pkg/utils/kube"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
	cmdutil "k8s.io/kubectl/pkg/cmd/util"
	"k8s.io/kubectl/pkg/util/openapi"
)

// recorder is the kubectl of an operation. It records what is applied and deleted, in order. When the first object of a wave is
// applied, it reads from the cluster which objects of lower waves are not healthy: it does not rely on the engine's own bookkeeping.
type recorder struct {
	kube.Kubectl
	controller *controller
	objects    map[kube.ResourceKey]*unstructured.Unstructured // Their annotations are the waves that count.

	lock    sync.Mutex
	steps   []step
	deleted []string
	unready map[int][]string // By wave: what was not healthy in lower waves when it began.
	errs    []error
}

// step is an object that was applied.
type step struct {
	name string
	wave int
	// unready are the objects of lower waves that were not healthy when the first object of the wave was applied.
	unready []string
}

// newRecorder returns a recorder that takes the waves from these objects, which may differ from those that the engine applies.
func newRecorder(c *controller, objects []*unstructured.Unstructured) (*recorder, error) {
	r := &recorder{
		Kubectl: c.kubectl, controller: c,
		objects: map[kube.ResourceKey]*unstructured.Unstructured{}, unready: map[int][]string{},
	}
	for _, object := range objects {
		key, err := c.key(object)
		if err != nil {
			return nil, err
		}
		r.objects[key] = object
	}
	return r, nil
}

// ManageResources returns what the engine applies with.
func (r *recorder) ManageResources(config *rest.Config, schemas openapi.Resources) (kube.ResourceOperations, func(), error) {
	operations, cleanup, err := r.Kubectl.ManageResources(config, schemas)
	return &recordedOperations{operations, r}, cleanup, err
}

// DeleteResource is how the engine prunes.
func (r *recorder) DeleteResource(ctx context.Context, config *rest.Config, kind schema.GroupVersionKind, name, namespace string, options metav1.DeleteOptions) error {
	r.lock.Lock()
	r.deleted = append(r.deleted, kind.Kind+"/"+name)
	r.lock.Unlock()
	return r.Kubectl.DeleteResource(ctx, config, kind, name, namespace, options)
}

// fail keeps an error of the recorder itself. The engine cannot tell it from the API server's.
func (r *recorder) fail(err error) error {
	r.lock.Lock()
	defer r.lock.Unlock()
	r.errs = append(r.errs, err)
	return err
}

// failed returns the errors of the recorder itself.
func (r *recorder) failed() error {
	r.lock.Lock()
	defer r.lock.Unlock()
	return errors.Join(r.errs...)
}

// note records an object that is about to be applied.
func (r *recorder) note(ctx context.Context, object *unstructured.Unstructured) error {
	key, err := r.controller.key(object)
	if err != nil {
		return err
	}
	judged, known := r.objects[key]
	if !known {
		return fmt.Errorf("%s is applied and is not in the source", nameOf(object))
	}
	wave := syncwaves.Wave(judged)
	r.lock.Lock()
	defer r.lock.Unlock()
	unready, begun := r.unready[wave]
	if !begun {
		if unready, err = r.below(ctx, wave); err != nil {
			return err
		}
		r.unready[wave] = unready
	}
	r.steps = append(r.steps, step{name: nameOf(object), wave: wave, unready: unready})
	return nil
}

// below tells which objects of lower waves are not healthy.
func (r *recorder) below(ctx context.Context, wave int) ([]string, error) {
	var unready []string
	for _, object := range r.objects {
		if syncwaves.Wave(object) >= wave {
			continue
		}
		amiss, err := r.controller.unhealthy(ctx, object)
		if err != nil {
			return nil, err
		}
		if amiss != "" {
			unready = append(unready, fmt.Sprintf("%s (wave %d)", amiss, syncwaves.Wave(object)))
		}
	}
	return unready, nil
}

// recordedOperations are the engine's own, and record each object that is applied.
type recordedOperations struct {
	kube.ResourceOperations
	recorder *recorder
}

// ApplyResource also serves the engine's client-side dry run before a sync, which is not recorded.
func (o *recordedOperations) ApplyResource(ctx context.Context, object *unstructured.Unstructured, dryRun cmdutil.DryRunStrategy, force, validate, serverSide bool, manager string) (string, error) {
	if dryRun == cmdutil.DryRunNone {
		if err := o.recorder.note(ctx, object); err != nil {
			return "", o.recorder.fail(err)
		}
	}
	return o.ResourceOperations.ApplyResource(ctx, object, dryRun, force, validate, serverSide, manager)
}

// names are those of the objects that were applied, in order.
func (r *recorder) names() []string {
	var names []string
	for _, step := range r.steps {
		names = append(names, step.name)
	}
	return names
}

// String has a line for each wave, with what was applied in it.
func (r *recorder) String() string {
	var report strings.Builder
	for i, step := range r.steps {
		if i == 0 || step.wave != r.steps[i-1].wave {
			fmt.Fprintf(&report, "\nwave %d:", step.wave)
		}
		report.WriteString(" " + step.name)
	}
	return report.String()
}
