package manifest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/kernel"
)

// Object is a Kubernetes object to be added to the tree.
type Object struct {
	ID            string // The id of its node below the construct's.
	APIVersion    string
	Kind          string
	Name          string
	Namespace     string // Defaults to the construct's.
	ClusterScoped bool
	Labels        map[string]string // Beside those of the component.
	Annotations   map[string]string
	Finalizers    []string
	Fields        map[string]any // In addition to apiVersion, kind and metadata.
	Reaches       []Component    // Whose servers its pods need, or it leads to.
	SharedClaim   bool           // Of a PersistentVolumeClaim: pods on several nodes can mount it.

	Prop   *field.Path // Names it. Nil for no prop of its own.
	Remedy string      // What to do if there is one of the name already.
}

// Key identifies an object, or what else there can be only one of, in a cluster: the group's versions are views of one object.
type Key struct {
	schema.GroupKind
	Namespace, Name string
}

func (k Key) String() string {
	if k.Namespace == "" {
		return fmt.Sprintf("%s %s", k.Kind, k.Name)
	}
	return fmt.Sprintf("%s %s/%s", k.Kind, k.Namespace, k.Name)
}

// SecretKey is the key of a Secret that is made in the cluster, for what a component asks of an operator there.
func SecretKey(of Component, name string) Key {
	return Key{GroupKind: schema.GroupKind{Kind: "Secret"}, Namespace: of.Namespace, Name: name}
}

// KeyOf is the key of an object as cdk8s synthesizes it.
func KeyOf(object any) Key {
	fields, _ := object.(map[string]any)
	metadata, _ := fields["metadata"].(map[string]any)
	text := func(value any) string {
		s, _ := value.(string)
		return s
	}
	return Key{
		GroupKind: schema.FromAPIVersionAndKind(text(fields["apiVersion"]), text(fields["kind"])).GroupKind(),
		Namespace: text(metadata["namespace"]), Name: text(metadata["name"]),
	}
}

// addTo adds the object as a plain ApiObject whose fields are set by JSON patches, because the classes of cdk8s-plus change objects
// behind their author's back: level 1 maps the fields once more after the consumer's patches and loses what it does not know,
// level 2 adds labels, probes and resources of its own.
func (o *Object) addTo(scope awsconstructs.Construct, metadata *cdk8s.ApiObjectMetadata, fields map[string]any) cdk8s.ApiObject {
	props := &cdk8s.ApiObjectProps{ApiVersion: jsii.String(o.APIVersion), Kind: jsii.String(o.Kind), Metadata: metadata}
	var patches Patches
	if o.ClusterScoped {
		// cdk8s gives every object of a chart the chart's namespace, and the API server refuses it here.
		patches.Remove = "/metadata/namespace"
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		patches.Add = append(patches.Add, Addition{"/" + name, fields[name]})
	}
	if added, created := kernel.NewObject[cdk8s.ApiObject]("cdk8s.ApiObject", []any{scope, o.ID, props}, patches.calls()); created {
		return added
	}
	patches.Object = cdk8s.NewApiObject(scope, jsii.String(o.ID), props)
	AddPatches(patches)
	return patches.Object
}

// PlainEnv is the environment of a container as an object of the program's own has it.
func PlainEnv(env []*k8s.EnvVar) []map[string]any {
	var variables []map[string]any
	for _, variable := range env {
		variables = append(variables, plain(variable))
	}
	return variables
}

// StringMap is a map as cdk8s takes it.
func StringMap(values map[string]string) *map[string]*string {
	pointers := make(map[string]*string, len(values))
	for key, value := range values {
		pointers[key] = &value
	}
	return &pointers
}

// Scalar is a value of one of the API's types that are written as a number or a string. The factories of cdk8s-plus
// (k8s.IntOrString_FromNumber) give the same for a call into the kernel each.
type Scalar struct{ value any }

var (
	_ k8s.Quantity    = Scalar{}
	_ k8s.IntOrString = Scalar{}
)

// Text is the name of a port.
func Text(text string) Scalar { return Scalar{text} }

// Number is the number of a port.
func Number(number int) Scalar { return Scalar{number} }

// Quantity expects a quantity that is valid, and gives the API server's own form of it.
func Quantity(text string) Scalar {
	quantity := resource.MustParse(text)
	// A quantity keeps the text that it was parsed from, if that is near enough to the canonical form ("+5", "08m"), until it
	// is reckoned with.
	quantity.Add(resource.Quantity{})
	return Scalar{quantity.String()}
}

// Value implements k8s.Quantity and k8s.IntOrString.
func (s Scalar) Value() any { return s.value }

// MarshalJSON implements json.Marshaler.
func (s Scalar) MarshalJSON() ([]byte, error) { return json.Marshal(s.value) }
