package native

import (
	"slices"

	"github.com/ai-platform/manifests/internal/kernel/js"
)

// metadata is an ApiObjectMetadataDefinition.
// https://github.com/cdk8s-team/cdk8s-core/blob/2.x/src/metadata.ts
type metadata struct {
	reference
	name        string
	namespace   any // A string, or nil.
	labels      *js.Object
	annotations *js.Object
	finalizers  []any
	others      js.Object // What a program added with other names.
}

func (k *kernel) getMetadata(m *metadata, property string) any {
	switch property {
	case "name":
		return m.name
	case "namespace":
		return m.namespace
	}
	handOver("the property " + property + " of metadata")
	return nil
}

func (k *kernel) invokeMetadata(m *metadata, method string, args arguments) any {
	switch method {
	case "addLabel":
		args.atMost(2)
		key := args.string(0)
		checkRenderedKey(key)
		m.labels.Set(key, args.string(1))
		return nil
	case "getLabel":
		args.atMost(1)
		key := args.string(0)
		checkLookup(key)
		value, _ := m.labels.Get(key)
		return value
	case "addAnnotation":
		args.atMost(2)
		key := args.string(0)
		checkRenderedKey(key)
		m.annotations.Set(key, args.string(1))
		return nil
	case "addFinalizers":
		for i := range args.values {
			m.finalizers = append(m.finalizers, args.string(i))
		}
		return nil
	case "add":
		args.atMost(2)
		key, value := args.string(0), plain(args.at(1))
		checkRenderedKey(key)
		checkRendered(value)
		if value == nil {
			handOver("metadata without a value")
		}
		m.others.Set(key, value)
		return nil
	case "toJson":
		args.atMost(0)
		return m.toJSON()
	}
	handOver("the method " + method + " of metadata")
	return nil
}

func (m *metadata) toJSON() *js.Object {
	all := js.Clone(&m.others).(*js.Object)
	all.Delete("ownerReferences") // The definition's own list replaces it, and is empty.
	all.Set("name", m.name)
	all.Set("namespace", m.namespace)
	all.Set("annotations", m.annotations)
	all.Set("finalizers", m.finalizers)
	all.Set("labels", m.labels)
	return sanitize(all).(*js.Object)
}

// sanitize sorts the keys of maps, and leaves out what is empty.
// https://github.com/cdk8s-team/cdk8s-core/blob/2.x/src/_util.ts
func sanitize(value any) any {
	switch value := value.(type) {
	case []any:
		if len(value) == 0 {
			return nil
		}
		list := make([]any, len(value))
		for i, element := range value {
			list[i] = sanitize(element)
		}
		return list
	case *js.Object:
		keys := value.Keys()
		slices.SortFunc(keys, js.Compare)
		result := &js.Object{}
		for _, key := range keys {
			element, _ := value.Get(key)
			if element = sanitize(element); element != nil {
				result.Set(key, element)
			}
		}
		if result.Len() == 0 {
			return nil
		}
		return result
	default:
		return value
	}
}
