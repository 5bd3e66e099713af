package externalsecrets

import (
	"fmt"
	"maps"
	"slices"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/manifest"
)

// checkKeysAtSynthesis compares the keys that the objects of the application read with those that the Secret has, after all patches.
func checkKeysAtSynthesis(s *secret, readElsewhere bool) {
	name := fmt.Sprintf("externalsecrets %s/%s", s.node.Component.Namespace, s.name)
	manifest.AtSynthesis(s.node.Construct(), name, func(root awsconstructs.IConstruct, _ []*manifest.Node) {
		if errs := s.checkKeys(manifest.AllPatched(root), readElsewhere); len(errs) > 0 {
			manifest.Report(s.node.Construct(), errs)
		}
	})
}

func (s *secret) checkKeys(objects []manifest.Patched, readElsewhere bool) field.ErrorList {
	namespace := s.node.Component.Namespace
	filled, others := s.filledKeys(objects)
	readers := map[string]string{} // The first object that reads a key.
	all := readElsewhere
	for _, o := range objects {
		if o.Namespace != namespace {
			continue
		}
		readsFrom(s.name, o.Fields, "", func(key string) {
			if _, known := readers[key]; !known {
				readers[key] = o.String()
			}
			all = all || key == everyKey
		})
	}
	delete(readers, everyKey)
	var errs field.ErrorList
	refuse := func(problem string) { errs = append(errs, field.Invalid(s.node.Path, s.name, problem)) }
	for _, key := range slices.Sorted(maps.Keys(readers)) {
		if !others && !filled[key] {
			refuse(fmt.Sprintf("has no key %s, which the %s reads: fill it, or take it from another Secret", key, readers[key]))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(filled)) {
		if _, read := readers[key]; !read && !all {
			refuse(fmt.Sprintf("has the key %s, which no object of the application reads: remove it, or set ReadElsewhere", key))
		}
	}
	return errs
}

// filledKeys are the keys that the operator fills. Whoever patches the ExternalSecret may have it fill others too, which are not known here.
func (s *secret) filledKeys(objects []manifest.Patched) (filled map[string]bool, others bool) {
	filled = map[string]bool{}
	namespace := s.node.Component.Namespace
	find := func(group, kind, name string) (fields any) {
		key := manifest.Key{GroupKind: schema.GroupKind{Group: group, Kind: kind}, Namespace: namespace, Name: name}
		if i := slices.IndexFunc(objects, func(o manifest.Patched) bool { return o.Key == key }); i >= 0 {
			return objects[i].Fields
		}
		return nil
	}
	spec := manifest.At(find(group, "ExternalSecret", s.name), "spec")
	for _, data := range list(manifest.At(spec, "data")) {
		if key, is := manifest.At(data, "secretKey").(string); is {
			filled[key] = true
		}
	}
	templates, _ := manifest.At(spec, "target", "template", "data").(map[string]any)
	for key := range templates {
		filled[key] = true
	}
	others = manifest.At(spec, "target", "template", "templateFrom") != nil
	for _, source := range list(manifest.At(spec, "dataFrom")) {
		generator, _ := manifest.At(source, "sourceRef", "generatorRef", "name").(string)
		passwords := list(manifest.At(find(generatorGroup, "Password", generator), "spec", "secretKeys"))
		for _, key := range passwords {
			if key, is := key.(string); is {
				filled[key] = true
			}
		}
		others = others || len(passwords) == 0 || manifest.At(source, "rewrite") != nil
	}
	return filled, others
}

// everyKey stands for all keys of a Secret: those of a volume, or of envFrom.
const everyKey = ""

// readsFrom visits the keys of a Secret that an object reads, wherever in it a Secret may be referred to.
func readsFrom(secret string, value any, parent string, visit func(key string)) {
	switch value := value.(type) {
	case []any:
		for _, element := range value {
			readsFrom(secret, element, parent, visit)
		}
	case map[string]any:
		key, hasKey := value["key"].(string)
		switch {
		case value["name"] == secret && hasKey && parent != "configMapKeyRef": // secretKeyRef, and what custom resources call so.
			visit(key)
		case value["secretName"] == secret, // A volume, the certificate of an Ingress.
			value["name"] == secret && slices.Contains([]string{"secret", "secretRef", "imagePullSecrets"}, parent):
			items := list(value["items"])
			for _, item := range items {
				key, _ := manifest.At(item, "key").(string)
				visit(key)
			}
			if len(items) == 0 {
				visit(everyKey)
			}
		}
		for name, element := range value {
			readsFrom(secret, element, name, visit)
		}
	}
}

func list(value any) []any {
	elements, _ := value.([]any)
	return elements
}
