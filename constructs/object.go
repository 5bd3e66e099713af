package constructs

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// object is a Kubernetes object to be added to the tree.
type object struct {
	id            string // The id of its node below the construct's.
	apiVersion    string
	kind          string
	name          string
	namespace     string // Defaults to the construct's.
	clusterScoped bool
	labels        map[string]string // Beside those of the place.
	annotations   map[string]string
	fields        map[string]any // What stands beside apiVersion, kind and metadata.
}

// objectKey identifies an object, or what else there can be only one of, in a cluster: the group's versions are views of one object.
type objectKey struct{ group, kind, namespace, name string }

// groupOf is "apps" for "apps/v1", and empty for "v1".
func groupOf(apiVersion string) string {
	group, _, found := strings.Cut(apiVersion, "/")
	if !found {
		return ""
	}
	return group
}

func (k objectKey) String() string {
	if k.namespace == "" {
		return fmt.Sprintf("%s %s", k.kind, k.name)
	}
	return fmt.Sprintf("%s %s/%s", k.kind, k.namespace, k.name)
}

// addObject adds an object below the construct's node. It is a plain ApiObject whose fields are set by JSON patches,
// because the classes of cdk8s-plus change objects behind their author's back: level 1 maps the fields once more after
// the consumer's patches and loses what it does not know, level 2 adds labels, probes and resources of its own.
func (t *tier) addObject(o object) {
	key := t.keyOf(o)
	if !t.declare(key) {
		return
	}
	metadata := t.metadata(o)
	fields, _ := plain(o.fields).(map[string]any)
	written := map[string]any{"metadata": plain(metadata)}
	maps.Copy(written, fields)
	if where, text, problem := unwritableIn(written, key.String()); problem != "" {
		t.refuse(field.ErrorList{field.Invalid(t.path, text, problem+" ("+where+")")})
		return
	}
	t.objects[o.id] = newAPIObject(t.node, o, metadata, fields)
	t.order = append(t.order, o.id)
}

// declare refuses a second declaration of anything that there can be only one of in a cluster.
func (t *tier) declare(key objectKey) bool {
	if first, exists := t.chart.tree.declared[key]; exists {
		problem := fmt.Sprintf("declared by %s already", *first.Node().Path())
		t.refuse(field.ErrorList{{Type: field.ErrorTypeDuplicate, Field: t.path.String(), BadValue: key.String(), Detail: problem}})
		return false
	}
	t.chart.tree.declared[key] = t.node
	return true
}

func (t *tier) addObjects(objects []object) {
	for _, o := range objects {
		t.addObject(o)
	}
}

func (t *tier) keyOf(o object) objectKey {
	key := objectKey{group: groupOf(o.apiVersion), kind: o.kind, namespace: o.namespace, name: o.name}
	switch {
	case o.clusterScoped:
		key.namespace = ""
	case key.namespace == "":
		key.namespace = t.namespace
	}
	return key
}

func (t *tier) metadata(o object) *cdk8s.ApiObjectMetadata {
	labels := t.labels()
	maps.Copy(labels, o.labels)
	metadata := &cdk8s.ApiObjectMetadata{Name: jsii.String(o.name), Labels: stringMap(labels)}
	if len(o.annotations) > 0 {
		metadata.Annotations = stringMap(o.annotations)
	}
	if o.namespace != "" {
		metadata.Namespace = jsii.String(o.namespace)
	}
	return metadata
}

func newAPIObject(scope awsconstructs.Construct, o object, metadata *cdk8s.ApiObjectMetadata, fields map[string]any) cdk8s.ApiObject {
	added := cdk8s.NewApiObject(scope, jsii.String(o.id), &cdk8s.ApiObjectProps{
		ApiVersion: jsii.String(o.apiVersion), Kind: jsii.String(o.kind), Metadata: metadata,
	})
	var patches []cdk8s.JsonPatch
	if o.clusterScoped {
		// cdk8s gives every object of a chart the chart's namespace, and the API server refuses it here.
		patches = append(patches, cdk8s.JsonPatch_Remove(jsii.String("/metadata/namespace")))
	}
	for _, name := range sortedKeys(fields) {
		patches = append(patches, cdk8s.JsonPatch_Add(jsii.String("/"+name), fields[name]))
	}
	added.AddJsonPatch(patches...)
	return added
}

// handle returns an object for the consumer's own patches: nil if the props do not call for it, and an object outside
// the tree if the construct is invalid, so that chained calls work until synthesis reports why.
func (t *tier) handle(id string) cdk8s.ApiObject {
	if added, ok := t.objects[id]; ok || !t.invalid {
		return added
	}
	t.objects[id] = cdk8s.NewApiObject(nowhere(), jsii.String("object"), &cdk8s.ApiObjectProps{
		ApiVersion: jsii.String("v1"), Kind: jsii.String("Invalid"),
	})
	return t.objects[id]
}

// nowhere is a chart outside the tree.
func nowhere() cdk8s.Chart { return cdk8s.NewChart(cdk8s.NewApp(nil), jsii.String("invalid"), nil) }

// plain turns the typed structs of cdk8s-plus into maps, slices and values, without the fields that are not set.
func plain(typed any) any {
	encoded, err := json.Marshal(typed)
	if err != nil {
		panic(fmt.Errorf("encode %T: %w", typed, err))
	}
	var value any
	if err := json.Unmarshal(encoded, &value); err != nil {
		panic(fmt.Errorf("decode %T: %w", typed, err))
	}
	return withoutNulls(value)
}

func withoutNulls(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for key, element := range value {
			if element == nil {
				delete(value, key)
			} else {
				value[key] = withoutNulls(element)
			}
		}
	case []any:
		for i := range value {
			value[i] = withoutNulls(value[i])
		}
	}
	return value
}

func stringMap(values map[string]string) *map[string]*string {
	pointers := make(map[string]*string, len(values))
	for key, value := range values {
		pointers[key] = jsii.String(value)
	}
	return &pointers
}
