package argocd

import (
	"fmt"
	"slices"
	"strconv"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/manifest"
)

const (
	waveAnnotation    = "argocd.argoproj.io/sync-wave"
	optionsAnnotation = "argocd.argoproj.io/sync-options"

	// confirmed keeps Argo CD from removing an object until someone confirms it.
	// https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/
	confirmed = "Prune=confirm,Delete=confirm"
)

const (
	// namespaceWave is that of a Namespace, and of the policies that close it.
	namespaceWave = 0

	// firstWave is that of a component that connects to no other. The wave before is for what fills the Secrets that it reads.
	firstWave = 2
)

// Annotate tells Argo CD in which order to apply the objects of an application, and which of them hold data. Call it when
// everything has been added: constructs that come later are refused. Without Argo CD the annotations change nothing.
//
// The order (sync waves) follows from the connections that the props declare: the Namespace is in wave 0; a component that
// connects to no other is in wave 2, with its claims, Services and policies; any other one, and an Ingress, is in the wave
// after those that it connects or leads to. What is scraped does not count, so that monitoring is there when something else is
// not.
//
// Argo CD begins a wave when everything of those before is healthy, but does not wait for the last. That one therefore also
// has what may not get healthy, or not soon: an Ingress, which needs a controller to give it an address; a
// HorizontalPodAutoscaler, which needs metrics; a CronJob, which its last Job may have failed; and a claim that only Jobs mount.
//
// A claim and a Namespace are removed only if someone confirms it, be it because they are no longer in the source or because
// the Application is deleted.
//
// An annotation that an object has already stays. Objects that the program adds itself, beside the constructs, are in wave 0
// unless they have the annotation, or are of those that belong in the last.
// https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/
func Annotate(app cdk8s.App) {
	objects := objectsOf(app)
	last := 0
	for _, o := range objects {
		last = max(last, o.wave)
	}
	mounted := mountedClaims(objects)
	for _, o := range objects {
		if wave, is := mounted[o.Key]; is && !o.annotated {
			o.wave = wave
		}
		problem, movable := o.unhealthy(mounted)
		if movable && !o.annotated {
			o.wave = last
		}
		switch {
		case problem != "" && o.wave < last:
			o.report(fmt.Sprintf("is in sync wave %d and %s: Argo CD would not go on to the waves up to %d", o.wave, problem, last))
		case !o.annotated:
			o.annotate(waveAnnotation, strconv.Itoa(o.wave))
		}
		if slices.Contains([]string{"Namespace", "PersistentVolumeClaim"}, o.Kind) && o.at("metadata", "annotations", optionsAnnotation) == nil {
			o.annotate(optionsAnnotation, confirmed)
		}
	}
}

// object is one of the tree, as the consumer's patches left it.
type object struct {
	manifest.Key
	node      cdk8s.ApiObject
	fields    any
	wave      int
	annotated bool // By the consumer, with the wave.
}

// objectsOf are those of the constructs, and those that the program added itself.
func objectsOf(app cdk8s.App) []*object {
	waves := map[string]int{} // By path.
	for node, wave := range wavesOf(manifest.Seal(app, "argocd.Annotate")) {
		for _, o := range node.Objects() {
			waves[*o.Node().Path()] = wave
		}
	}
	var all []*object
	for _, node := range *app.Node().FindAll(awsconstructs.ConstructOrder_PREORDER) {
		if added, is := node.(cdk8s.ApiObject); is {
			fields := added.ToJson()
			o := &object{Key: manifest.KeyOf(fields), node: added, fields: fields, wave: waves[*added.Node().Path()]}
			o.readWave()
			all = append(all, o)
		}
	}
	return all
}

// wavesOf gives each component the wave after those of the servers that it reaches, which were added before it.
func wavesOf(nodes []*manifest.Node) map[*manifest.Node]int {
	waves := map[*manifest.Node]int{}
	for _, node := range nodes {
		waves[node] = firstWave
		if node.Path.String() == "namespace" { // That of constructs.NewNamespace.
			waves[node] = namespaceWave
		}
		for _, server := range node.Reaches() {
			waves[node] = max(waves[node], waves[server]+1)
		}
	}
	return waves
}

func (o *object) readWave() {
	annotation := o.at("metadata", "annotations", waveAnnotation)
	if o.annotated = annotation != nil; !o.annotated {
		return
	}
	text, _ := annotation.(string)
	wave, err := strconv.Atoi(text)
	if err != nil {
		o.report(fmt.Sprintf("has the annotation %s: %q, which must be a whole number", waveAnnotation, annotation))
	}
	o.wave = wave
}

// unhealthy says why Argo CD may find an object not healthy, for good or for long, and whether nothing waits for the object, so that it
// may be moved to the last wave. https://argo-cd.readthedocs.io/en/stable/operator-manual/health/
func (o *object) unhealthy(mounted map[manifest.Key]int) (problem string, movable bool) {
	switch o.Kind {
	case "Ingress":
		return "waits for a controller to give it an address", true
	case "HorizontalPodAutoscaler":
		return "is degraded while there are no metrics", true
	case "CronJob":
		return "is degraded after a Job that failed", true
	case "PersistentVolumeClaim":
		if wave, is := mounted[o.Key]; !is || wave > o.wave {
			return "may be bound only when a pod mounts it", true
		}
	case "Deployment":
		if o.at("spec", "paused") == true {
			return "is paused", false
		}
	case "Job":
		if o.at("spec", "suspend") == true {
			return "is suspended", false
		}
	}
	return "", false
}

// mountedClaims are the claims that pods mount which start with a sync, and the first wave that does so.
func mountedClaims(objects []*object) map[manifest.Key]int {
	mounted := map[manifest.Key]int{}
	for _, o := range objects {
		if o.Kind == "CronJob" || o.at("spec", "replicas") == 0.0 || o.at("spec", "suspend") == true {
			continue
		}
		pod := o.at("spec", "template", "spec")
		if o.Kind == "Pod" {
			pod = o.at("spec")
		}
		volumes, _ := at(pod, "volumes").([]any)
		for _, volume := range volumes {
			name, is := at(volume, "persistentVolumeClaim", "claimName").(string)
			if !is {
				continue
			}
			claim := manifest.Key{GroupKind: schema.GroupKind{Kind: "PersistentVolumeClaim"}, Namespace: o.Namespace, Name: name}
			if wave, is := mounted[claim]; !is || o.wave < wave {
				mounted[claim] = o.wave
			}
		}
	}
	return mounted
}

func (o *object) annotate(key, value string) {
	o.node.Metadata().AddAnnotation(jsii.String(key), jsii.String(value))
}

func (o *object) report(problem string) {
	manifest.Report(o.node, field.ErrorList{field.Invalid(field.NewPath("argocd.Annotate"), o.String(), problem)})
}

func (o *object) at(keys ...string) any { return at(o.fields, keys...) }

// at is the value at a path of keys; nil if there is none.
func at(value any, keys ...string) any {
	for _, key := range keys {
		fields, _ := value.(map[string]any)
		value = fields[key]
	}
	return value
}
