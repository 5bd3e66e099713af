package native

import (
	"strings"

	"github.com/ai-platform/manifests/internal/kernel/js"
)

// apiObject is what an ApiObject has in addition to a construct.
// https://github.com/cdk8s-team/cdk8s-core/blob/2.x/src/api-object.ts
type apiObject struct {
	apiVersion, apiGroup, kind, name string
	chart                            *construct
	metadata                         *metadata
	patches                          []referable // Patches, and what is no patch of this kernel.
}

// newAPIObject fails as JavaScript's constructor does: the construct is in the tree by then.
func newAPIObject(args arguments) *construct {
	args.atMost(3)
	scope, id := args.construct(0), args.string(1)
	props := args.fields(2, "cdk8s.ApiObjectProps", "apiVersion", "kind", "metadata")
	apiVersion, hasVersion := optionalString(props, "apiVersion")
	kind, hasKind := optionalString(props, "kind")
	if !hasVersion || !hasKind {
		handOver("an ApiObject without apiVersion or kind")
	}
	given, _ := props.Get("metadata")
	meta := fields(given, "cdk8s.ApiObjectMetadata", "name", "namespace", "labels", "annotations", "finalizers")
	labels, annotations := optionalStrings(meta, "labels"), optionalStrings(meta, "annotations")
	finalizers := optionalList(meta, "finalizers")

	c := newConstruct(classAPIObject, scope, id)
	chart := chartOf(c)
	o := &apiObject{apiVersion: apiVersion, apiGroup: apiGroup(apiVersion), kind: kind, chart: chart}
	if name, set := optionalString(meta, "name"); set {
		o.name = name
	} else {
		o.name = chart.chart.generateObjectName(c, kind)
	}
	o.metadata = &metadata{
		reference:   reference{class: classMetadata},
		name:        o.name,
		namespace:   optionalText(meta, "namespace"),
		labels:      js.Clone(chart.chart.labels).(*js.Object),
		annotations: annotations,
		finalizers:  finalizers,
	}
	if o.metadata.namespace == nil {
		o.metadata.namespace = chart.chart.namespace
	}
	for key, value := range labels.All {
		o.metadata.labels.Set(key, value)
	}
	c.apiObject = o
	return c
}

func apiGroup(apiVersion string) string {
	parts := strings.Split(apiVersion, "/")
	switch len(parts) {
	case 1:
		return "core"
	case 2:
		return parts[0]
	}
	throw("invalid apiVersion " + apiVersion + ", expecting GROUP/VERSION. See https://kubernetes.io/docs/reference/using-api/api-overview/#api-groups")
	return ""
}

func (k *kernel) getAPIObject(c *construct, property string) any {
	o := c.apiObject
	if o == nil {
		handOver("an ApiObject that could not be created")
	}
	switch property {
	case "apiGroup":
		return o.apiGroup
	case "apiVersion":
		return o.apiVersion
	case "chart":
		return o.chart
	case "kind":
		return o.kind
	case "metadata":
		return o.metadata
	case "name":
		return o.name
	}
	return k.getConstruct(c, property)
}

func (k *kernel) invokeAPIObject(c *construct, method string, args arguments) any {
	o := c.apiObject
	if o == nil {
		handOver("an ApiObject that could not be created")
	}
	switch method {
	case "addDependency":
		c.node.addDependencies(args.constructs())
		return nil
	case "addJsonPatch":
		for i := range args.values {
			patch := args.object(i)
			switch patch.(type) {
			case *jsonPatch, *foreign:
			default:
				handOver("a patch that is not a JsonPatch")
			}
			o.patches = append(o.patches, patch)
		}
		return nil
	case "toJson":
		args.atMost(0)
		return o.toJSON(c)
	}
	return k.invokeConstruct(c, method, args)
}

// toJSON is the object with its patches applied. What Kubernetes expects first comes first.
func (o *apiObject) toJSON(c *construct) *js.Object {
	document := &js.Object{}
	document.Set("apiVersion", o.apiVersion)
	document.Set("kind", o.kind)
	document.Set("metadata", o.metadata.toJSON())
	if problem := applyPatches(document, o.patches); problem != "" {
		throw("Failed serializing construct at path '" + c.node.path() + "' with name '" + o.name + "': " + problem)
	}
	result := &js.Object{}
	for _, key := range []string{"apiVersion", "kind", "metadata"} {
		if value, ok := document.Get(key); ok {
			result.Set(key, value)
		}
	}
	for key, value := range document.All {
		result.Set(key, value)
	}
	return result
}

// objectOf is the object that a construct is, or that its default child is.
func objectOf(c *construct) *construct {
	for c.apiObject == nil {
		child := c.node.defaultChild()
		if child == nil {
			throw("cannot find a (direct or indirect) child of type ApiObject for construct " + c.node.path())
		}
		c = child
	}
	return c
}
