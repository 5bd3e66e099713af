package argocd

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/manifest"
)

const (
	waveAnnotation    = "argocd.argoproj.io/sync-wave"
	optionsAnnotation = "argocd.argoproj.io/sync-options"
	hookAnnotation    = "argocd.argoproj.io/hook"
)

// firstWave is the wave of a component without connections.
const firstWave = 2

// fixedWaves are those of constructs that all others need, by the root of their props: a Namespace with the policies that close it, then
// what fills the Secrets that pods read.
var fixedWaves = map[string]int{"namespace": 0, "generatedSecret": 1, "storeSecret": 1}

// jobPath is the root of the props of a constructs.Job.
const jobPath = "job"

// Annotate sets the order in which Argo CD applies the objects of an application, and protects those that hold data. It
// may be called at any time before synthesis, which adds the annotations last, after all patches. Without Argo CD they
// have no effect.
//
// The order (sync waves) follows from the connections that the props declare. The Namespace is in wave 0, and the
// objects of the package externalsecrets are in wave 1. A component without connections is in wave 2, with its claims,
// Services and policies. Every other component is in the wave after the last of the servers that it connects to, and an
// Ingress in the wave after its tiers. Scraping does not count, so that monitoring is available when something else is
// not. A claim is always in the wave of the first pods that mount it.
//
// Argo CD starts a wave when all objects of the previous waves are healthy, but does not wait for the last wave. The
// last wave therefore also holds objects that may stay unhealthy: an Ingress waits for a controller to give it an
// address, a Gateway and its routes wait for one to accept them, a HorizontalPodAutoscaler is degraded without metrics, a
// CronJob is degraded after a Job that failed, a constructs.Job is degraded after it failed, and a claim that no pod
// mounts yet, such as that of a CronJob or of a server with 0 replicas, may not be bound.
//
// Argo CD deletes a claim or a Namespace only after someone has confirmed it, both when it is no longer in the source
// and when its Application is deleted.
//
// An annotation that an object already has is kept, and the waves of its clients follow from it. Objects that the
// program adds itself are in wave 0 unless they are annotated or belong in the last wave. Hooks are not changed.
//
// Synthesis fails if a wave before the last would never complete: because of a paused Deployment, a suspended Job, a
// claim that only pods of a later wave mount, pods that mount a claim of a later wave, or an object that belongs in the
// last wave but is annotated with an earlier one.
// https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/
func Annotate(app cdk8s.App) {
	manifest.AtSynthesis(app, "argocd.Annotate", annotate)
}

func annotate(root awsconstructs.IConstruct, nodes []*manifest.Node) {
	objects := objectsOf(root, nodes)
	if len(objects) == 0 {
		return
	}
	last := slices.MaxFunc(objects, func(a, b *object) int { return a.wave - b.wave }).wave
	mounted := postpone(objects, last)
	var patches []manifest.Patches
	for _, o := range objects {
		if problem := o.waitsForever(objects, mounted); problem != "" && o.wave < last {
			o.report(fmt.Sprintf("is in sync wave %d and %s: the waves up to %d would never start", o.wave, problem, last))
			continue
		}
		patches = append(patches, o.annotations())
	}
	manifest.AddPatches(patches...)
}

// postpone moves claims to the first pods that mount them, and what may stay unhealthy to the last wave. It returns the claims.
func postpone(objects []*object, last int) map[manifest.Key]int {
	for _, o := range objects {
		if !o.awaited && !o.annotated {
			o.wave = last // Before its claims follow it.
		}
	}
	mounted := mountedClaims(objects)
	for _, o := range objects {
		if wave, is := mounted[o.Key]; is && !o.annotated {
			o.wave = wave
		}
		if o.mayStayUnhealthy(mounted) != "" && !o.annotated {
			o.wave = last
		}
	}
	return mounted
}

// object is one of the tree, with its wave.
type object struct {
	manifest.Patched
	wave      int
	annotated bool // With the wave, by the consumer.
	awaited   bool // Unlike the Job of a constructs.Job, which nothing needs.
}

// objectsOf are those of the constructs, and those that the program added itself, but no hooks.
func objectsOf(root awsconstructs.IConstruct, nodes []*manifest.Node) []*object {
	byNode := map[cdk8s.ApiObject]*object{} // By path would cost two calls of jsii's kernel for each object.
	var all []*object
	patched, _ := manifest.AllPatched(root)
	for _, patched := range patched {
		o := &object{Patched: patched, awaited: true}
		if o.annotation(hookAnnotation) == nil && o.readWave() {
			byNode[o.Node] = o
			all = append(all, o)
		}
	}
	setWaves(nodes, byNode)
	return all
}

// readWave reports an annotation that is not a valid wave.
func (o *object) readWave() (ok bool) {
	wave := o.annotation(waveAnnotation)
	if wave == nil {
		return true
	}
	text, _ := wave.(string)
	number, err := strconv.Atoi(text)
	if err != nil {
		o.report(fmt.Sprintf("has the annotation %s: %#v, which must be a whole number as a string", waveAnnotation, wave))
		return false
	}
	o.wave, o.annotated = number, true
	return true
}

// setWaves gives the objects of each component the wave after those of the servers that it reaches, and of the migrations that it waits for.
func setWaves(nodes []*manifest.Node, byNode map[cdk8s.ApiObject]*object) {
	waves := waves{byNode, map[*manifest.Node]int{}}
	for _, node := range nodes {
		waves.of(node)
	}
}

// waves are those of the components, as far as they are known.
type waves struct {
	byNode map[cdk8s.ApiObject]*object
	known  map[*manifest.Node]int
}

// of sets the wave of a component's objects, and returns that of its pods.
func (w waves) of(node *manifest.Node) int {
	if wave, known := w.known[node]; known {
		return wave
	}
	wave, fixed := fixedWaves[node.Path.String()]
	if !fixed {
		wave = firstWave
	}
	for _, server := range node.Reaches() {
		wave = max(wave, w.of(server)+1)
	}
	w.known[node] = wave
	for _, added := range node.Objects() {
		o := w.byNode[added]
		if o == nil {
			continue
		}
		o.awaited = node.Path.String() != jobPath || o.GroupKind.String() != "Job.batch"
		switch {
		case !o.annotated:
			o.wave = wave
			if o.Group == "generators.external-secrets.io" {
				o.wave-- // Within a wave, Argo CD may begin with the ExternalSecret, which fails without its generator.
			}
		case o.podSpec() != nil:
			w.known[node] = max(w.known[node], o.wave)
		}
	}
	return w.known[node]
}

// mountedClaims are the claims that pods mount which start with a sync, and the first wave that does so.
func mountedClaims(objects []*object) map[manifest.Key]int {
	mounted := map[manifest.Key]int{}
	for _, o := range objects {
		for _, claim := range o.claims() {
			if wave, is := mounted[claim]; !is || o.wave < wave {
				mounted[claim] = o.wave
			}
		}
	}
	return mounted
}

// mayStayUnhealthy returns the reason why nothing should wait for an object.
// https://argo-cd.readthedocs.io/en/stable/operator-manual/health/
func (o *object) mayStayUnhealthy(mounted map[manifest.Key]int) string {
	switch o.GroupKind.String() {
	case "Ingress.networking.k8s.io":
		return "waits for a controller to give it an address"
	case "Gateway.gateway.networking.k8s.io", "ListenerSet.gateway.networking.k8s.io", "HTTPRoute.gateway.networking.k8s.io":
		return "waits for a controller to accept it"
	case "HorizontalPodAutoscaler.autoscaling":
		return "is degraded while there are no metrics"
	case "CronJob.batch":
		return "is degraded after a Job that failed"
	case "Job.batch":
		if !o.awaited {
			return "may take long, and is degraded after it failed"
		}
	case "PersistentVolumeClaim":
		if _, is := mounted[o.Key]; !is {
			return "is mounted by no pod that starts, and may not be bound"
		}
	}
	return ""
}

// waitsForever returns the reason why Argo CD would not get past the wave of an object, and the remedy.
func (o *object) waitsForever(objects []*object, mounted map[manifest.Key]int) string {
	if problem := o.mayStayUnhealthy(mounted); problem != "" {
		return problem + " (remove the annotation to move it to the last wave)"
	}
	if wave, is := mounted[o.Key]; is && wave > o.wave {
		return fmt.Sprintf("is mounted in wave %d, and may not be bound before (remove the annotation)", wave)
	}
	switch {
	case o.GroupKind.String() == "Deployment.apps" && o.At("spec", "paused") == true:
		return "is paused (set its replicas to 0 instead)"
	case o.GroupKind.String() == "Job.batch" && o.At("spec", "suspend") == true:
		return "is suspended (add it when it is to run, or annotate it with the last wave)"
	}
	for _, claim := range o.claims() {
		for _, other := range objects {
			if other.Key == claim && other.wave > o.wave {
				return fmt.Sprintf("mounts the %s, which is in wave %d (remove that annotation)", claim, other.wave)
			}
		}
	}
	return ""
}

// podSpec is that of the pods that follow from the object; nil if none do.
func (o *object) podSpec() any {
	if o.GroupKind.String() == "Pod" {
		return o.At("spec")
	}
	return o.At("spec", "template", "spec")
}

// claims are those that the object's pods mount, if any start with a sync.
func (o *object) claims() []manifest.Key {
	if o.At("spec", "replicas") == 0.0 || o.At("spec", "suspend") == true {
		return nil
	}
	var all []manifest.Key
	volumes, _ := manifest.At(o.podSpec(), "volumes").([]any)
	for _, volume := range volumes {
		if name, is := manifest.At(volume, "persistentVolumeClaim", "claimName").(string); is {
			all = append(all, manifest.Key{GroupKind: schema.GroupKind{Kind: "PersistentVolumeClaim"}, Namespace: o.Namespace, Name: name})
		}
	}
	return all
}

// annotations are the patch that adds what is not there yet, after all patches, which may replace annotations.
func (o *object) annotations() manifest.Patches {
	metadata, is := o.At("metadata").(map[string]any)
	if !is {
		return manifest.Patches{Object: o.Node} // A patch has left nothing that the API server takes.
	}
	annotations, is := metadata["annotations"].(map[string]any)
	if !is {
		annotations = map[string]any{}
	}
	if !o.annotated {
		annotations[waveAnnotation] = strconv.Itoa(o.wave)
	}
	if kind := o.GroupKind.String(); kind == "Namespace" || kind == "PersistentVolumeClaim" {
		annotations[optionsAnnotation] = o.confirmed()
	}
	metadata["annotations"] = annotations
	return manifest.Patches{Object: o.Node, Add: []manifest.Addition{{Path: "/metadata", Value: metadata}}}
}

// confirmed are the object's sync options, with those that keep Argo CD from removing it until someone confirms it.
// https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/
func (o *object) confirmed() string {
	var options []string
	if there, _ := o.annotation(optionsAnnotation).(string); there != "" {
		options = strings.Split(there, ",")
	}
	for _, option := range []string{"Prune=", "Delete="} {
		set := func(there string) bool { return strings.HasPrefix(strings.TrimSpace(there), option) }
		if !slices.ContainsFunc(options, set) {
			options = append(options, option+"confirm")
		}
	}
	return strings.Join(options, ",")
}

func (o *object) report(problem string) {
	manifest.Report(o.Node, field.ErrorList{field.Invalid(field.NewPath("argocd.Annotate"), o.String(), problem)})
}

func (o *object) annotation(key string) any { return o.At("metadata", "annotations", key) }
