package operate

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/ai-platform/manifests/operate/internal/diagnosis"
)

// verifier reads what is to be verified.
type verifier struct {
	*cluster
	mappings    map[*unstructured.Unstructured]*meta.RESTMapping // Of declared objects. Nil if the cluster does not know the kind.
	inNamespace string                                           // That --namespace names.
	environment Environment
	makeSecret  string
	ownSecret   diagnosis.Reference
	flags       string // That choose the cluster, after a space.
	declared    []*unstructured.Unstructured
	namespaces  []string
	steps       []string
	requests    *requests
	began       time.Time
	stderr      io.Writer
	executor    Executor
	debugImage  string
	debugged    map[types.UID]string // The containers that were added, by their pods.

	mutex sync.Mutex
	notes []string
}

func (v *verify) begin(ctx context.Context, command *cobra.Command, e Environment) (*verifier, error) {
	objects, err := e.load()
	if err != nil {
		return nil, err
	}
	connected, err := v.connect(ctx, command.ErrOrStderr())
	if err != nil {
		return nil, err
	}
	c := &clusterDiff{cluster: connected, mappings: map[*unstructured.Unstructured]*meta.RESTMapping{}}
	if err := c.declare(objects, v.namespace); err != nil {
		return nil, err
	}
	verified := slices.DeleteFunc(slices.Clone(c.declared), func(o *unstructured.Unstructured) bool {
		return !slices.Contains([]string{"Deployment", "StatefulSet", "DaemonSet", "Service", "Ingress", "HTTPRoute"}, o.GetKind())
	})
	found := &verifier{
		cluster: connected, mappings: c.mappings, inNamespace: v.namespace, environment: e, declared: c.declared, namespaces: namespaces(verified), steps: v.steps,
		requests: &v.requests, began: time.Now(),
		stderr: command.ErrOrStderr(), executor: v.app.Executor, debugImage: v.debugImage, debugged: map[types.UID]string{},
	}
	if found.executor == nil {
		found.executor = remoteExecutor{connected.config}
	}
	found.flags = clusterFlags(command)
	if e.Secret != nil {
		found.makeSecret = v.app.program(command) + " secret " + quote(e.Name) + " --keep --yes"
		found.ownSecret = diagnosis.Reference{Kind: "Secret", Namespace: e.Secret.Namespace, Name: e.Secret.Name}
	}
	return found, found.requireNamespaces(ctx)
}

// requireNamespaces wants those of what is verified.
func (v *verifier) requireNamespaces(ctx context.Context) error {
	for _, namespace := range v.namespaces {
		if err := v.requireNamespace(ctx, namespace); err != nil {
			return err
		}
	}
	return nil
}

// verificationStep is one of what the command does.
type verificationStep struct {
	name string
	run  func(*verifier, context.Context, *diagnosis.State) (diagnosis.Result, error)
}

// verificationSteps are all there are, in order.
func verificationSteps() []verificationStep {
	return []verificationStep{
		{"objects", (*verifier).verifyObjects},
		{"pods", looking(diagnosis.Pods)},
		{"services", looking(diagnosis.Services)},
		{"ingress", (*verifier).verifyIngress},
		{"backends", (*verifier).backends},
	}
}

// looking is a step that takes no more than what is read for all of them.
func looking(at func(*diagnosis.State) diagnosis.Result) func(*verifier, context.Context, *diagnosis.State) (diagnosis.Result, error) {
	return func(_ *verifier, _ context.Context, state *diagnosis.State) (diagnosis.Result, error) {
		return at(state), nil
	}
}

func stepNames() []string {
	var names []string
	for _, s := range verificationSteps() {
		names = append(names, s.name)
	}
	return names
}

// verify carries out the steps once. What passed the last time, and still does, keeps its duration.
func (v *verifier) verify(ctx context.Context, last *verification) (*verification, error) {
	found := &verification{Environment: v.environment.Name, Context: v.context, Passed: true}
	state := &diagnosis.State{Declared: v.declared, Folder: v.environment.Directory, MakeSecret: v.makeSecret, OwnSecret: v.ownSecret}
	state.SecretHelp = v.environment.secretHelp()
	v.notes = nil
	begun := v.began
	if last == nil {
		begun = time.Now()
	}
	if err := v.read(ctx, state); err != nil {
		return nil, err
	}
	for _, s := range verificationSteps() {
		if !slices.Contains(v.steps, s.name) {
			continue
		}
		result, err := s.run(v, ctx, state)
		if err != nil {
			return nil, err
		}
		v.notes = append(v.notes, result.Notes...)
		done := step{Name: s.name, Result: resultOf(result), Summary: result.Summary, Seconds: time.Since(begun).Seconds(), Findings: []diagnosis.Finding{}}
		if i := len(found.Steps); last != nil && done.Result != failed && last.Steps[i].Result == done.Result {
			done.Seconds = last.Steps[i].Seconds
		}
		for _, f := range result.Findings {
			f.Advice = strings.NewReplacer("kubectl ", "kubectl"+v.flags+" ", " --keep --yes", " --keep --yes"+v.flags).Replace(f.Advice)
			done.Findings = append(done.Findings, f)
		}
		if last == nil {
			begun = time.Now()
		}
		found.Steps = append(found.Steps, done)
		found.Passed = found.Passed && done.Result != failed
	}
	slices.Sort(v.notes)
	found.Notes = slices.Compact(v.notes)
	return found, nil
}

// again carries out the steps another time.
func (v *verifier) again(ctx context.Context, last *verification) (*verification, error) {
	if err := v.rediscover(ctx); err != nil {
		return nil, err
	}
	return v.verify(ctx, last)
}

// rediscover looks again for kinds that the cluster did not know: what defines them may have been installed since.
func (v *verifier) rediscover(ctx context.Context) error {
	unknown := slices.DeleteFunc(slices.Clone(v.declared), func(o *unstructured.Unstructured) bool { return v.mappings[o] != nil })
	if len(unknown) == 0 {
		return nil
	}
	mapper, err := discover(ctx, v.config)
	if err != nil {
		return err
	}
	v.mapper = mapper
	for _, object := range unknown {
		if v.mappings[object], err = v.mapping(object, v.inNamespace); err != nil {
			return err
		}
	}
	return nil
}

// read reads workloads, their pods, Services, and what explains why these do not work.
func (v *verifier) read(ctx context.Context, state *diagnosis.State) error {
	apps, core := appsv1.SchemeGroupVersion, corev1.SchemeGroupVersion
	group, inGroup := errgroup.WithContext(ctx)
	group.Go(func() error { return list(inGroup, v, apps.WithResource("deployments"), &state.Deployments) })
	group.Go(func() error { return list(inGroup, v, apps.WithResource("replicasets"), &state.ReplicaSets) })
	group.Go(func() error { return list(inGroup, v, core.WithResource("pods"), &state.Pods) })
	group.Go(func() error { return list(inGroup, v, core.WithResource("persistentvolumeclaims"), &state.Claims) })
	group.Go(func() error { return list(inGroup, v, core.WithResource("services"), &state.Services) })
	group.Go(func() error {
		return list(inGroup, v, discoveryv1.SchemeGroupVersion.WithResource("endpointslices"), &state.EndpointSlices)
	})
	group.Go(func() error {
		return v.optional("events", list(inGroup, v, core.WithResource("events"), &state.Events))
	})
	if v.declares("StatefulSet") {
		group.Go(func() error { return list(inGroup, v, apps.WithResource("statefulsets"), &state.StatefulSets) })
	}
	if v.declares("DaemonSet") {
		group.Go(func() error { return list(inGroup, v, apps.WithResource("daemonsets"), &state.DaemonSets) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return errors.Join(v.readClasses(ctx, state), v.readContents(ctx, state))
}

func (v *verifier) declares(kind string) bool {
	return slices.ContainsFunc(v.declared, func(o *unstructured.Unstructured) bool { return o.GetKind() == kind })
}

// readClasses reads the storage classes if a claim is not bound.
func (v *verifier) readClasses(ctx context.Context, state *diagnosis.State) error {
	if !slices.ContainsFunc(state.Claims, func(c corev1.PersistentVolumeClaim) bool { return c.Status.Phase != corev1.ClaimBound }) {
		return nil
	}
	found, err := listIn[storagev1.StorageClass](ctx, v, storagev1.SchemeGroupVersion.WithResource("storageclasses"), metav1.NamespaceAll)
	if err == nil {
		state.Classes = append([]storagev1.StorageClass{}, found...) // Not nil: there may be none.
	}
	return v.optional("storageclasses", err)
}

// readContents reads which keys the Secrets and ConfigMaps have that pods wait for.
func (v *verifier) readContents(ctx context.Context, state *diagnosis.State) error {
	state.Contents = map[diagnosis.Reference]diagnosis.Contents{}
	return v.readKeys(ctx, state, state.References())
}

func (v *verifier) readKeys(ctx context.Context, state *diagnosis.State, references []diagnosis.Reference) error {
	for _, r := range references {
		resource := map[string]string{"Secret": "secrets", "ConfigMap": "configmaps"}[r.Kind]
		found, err := v.objects.Resource(corev1.SchemeGroupVersion.WithResource(resource)).Namespace(r.Namespace).Get(ctx, r.Name, metav1.GetOptions{})
		switch {
		case apierrors.IsNotFound(err):
			state.Contents[r] = diagnosis.Contents{Missing: true}
		case err != nil:
			if err := v.optional(resource, err); err != nil {
				return err
			}
		default:
			state.Contents[r] = diagnosis.Contents{Keys: keysOf(found)}
		}
	}
	return nil
}

func keysOf(object *unstructured.Unstructured) []string {
	var keys []string
	for _, field := range []string{"data", "binaryData"} {
		values, _, _ := unstructured.NestedMap(object.Object, field)
		for key := range values {
			keys = append(keys, key)
		}
	}
	return keys
}

// optional forgives a missing permission to read what only makes causes more exact.
func (v *verifier) optional(resource string, err error) error {
	if err == nil || !isDenied(err) {
		return err
	}
	v.note("you may not read " + resource + ": causes are less exact than they could be")
	return nil
}

func (v *verifier) note(text string) {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	v.notes = append(v.notes, text)
}

// list reads the objects of a resource in the namespaces of what is verified.
func list[T any](ctx context.Context, v *verifier, resource schema.GroupVersionResource, all *[]T) error {
	for _, namespace := range v.namespaces {
		found, err := listIn[T](ctx, v, resource, namespace)
		if err != nil {
			return err
		}
		*all = append(*all, found...)
	}
	return nil
}

func listIn[T any](ctx context.Context, v *verifier, resource schema.GroupVersionResource, namespace string) ([]T, error) {
	return listSelected[T](ctx, v, resource, namespace, "")
}

// listSelected reads those with labels.
func listSelected[T any](ctx context.Context, v *verifier, resource schema.GroupVersionResource, namespace, selector string) ([]T, error) {
	list, err := v.objects.Resource(resource).Namespace(namespace).List(ctx, metav1.ListOptions{LabelSelector: selector})
	if err != nil {
		return nil, err
	}
	found := make([]T, len(list.Items))
	for i := range list.Items {
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(list.Items[i].Object, &found[i]); err != nil {
			return nil, err
		}
	}
	return found, nil
}
