package externalsecrets

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// checkKeysAtSynthesis compares the keys that the objects of the application read with those that the Secret has, after all patches. Where
// anything else is wrong, some of them are missing, and there is nothing to compare.
func checkKeysAtSynthesis(s *secret, readElsewhere bool) {
	name := fmt.Sprintf("externalsecrets %s/%s", s.node.Component.Namespace, s.name)
	manifest.AtSynthesis(s.node.Construct(), name, func(root awsconstructs.IConstruct, nodes []*manifest.Node) {
		objects, complete := manifest.AllPatched(root)
		if !complete || slices.ContainsFunc(nodes, (*manifest.Node).Invalid) {
			return
		}
		if errs := s.checkKeys(objects, readElsewhere); len(errs) > 0 {
			manifest.Report(s.node.Construct(), errs)
		}
	})
}

func (s *secret) checkKeys(objects []manifest.Patched, readElsewhere bool) field.ErrorList {
	read := readings{secret: s.name, readers: map[string]string{}, others: map[string]bool{}}
	var problems []string
	for _, o := range objects {
		switch {
		case o.Namespace != s.node.Component.Namespace || o.Key == s.key():
		case fills(o, s.name):
			problems = append(problems, fmt.Sprintf("is also filled by the %s: remove one of them", o))
		default:
			read.in(o)
		}
	}
	filled := s.filledKeys(objects)
	problems = append(problems, filled.missing(read)...)
	if !readElsewhere && !read.all {
		problems = append(problems, filled.unread(read)...)
	}
	return check.Invalid(s.node.Path, s.name, problems)
}

// key is that of the ExternalSecret.
func (s *secret) key() manifest.Key {
	return manifest.Key{GroupKind: schema.GroupKind{Group: group, Kind: "ExternalSecret"}, Namespace: s.node.Component.Namespace, Name: s.name}
}

// fills reports whether another object makes the Secret.
func fills(o manifest.Patched, secret string) bool {
	switch o.GroupKind.String() {
	case "Secret", "SealedSecret.bitnami.com":
		return o.Name == secret
	case "ExternalSecret." + group:
		target, named := o.At("spec", "target", "name").(string)
		return target == secret || !named && o.Name == secret
	case "Certificate.cert-manager.io":
		return o.At("spec", "secretName") == secret
	}
	return false
}

// filling is what the operator fills the Secret with.
type filling struct {
	keys      map[string]bool
	others    bool     // Keys that are not known here, if someone has patched the ExternalSecret.
	templates []string // Which may read keys.
}

// missing are keys that are read and not filled.
func (f filling) missing(read readings) (problems []string) {
	for _, key := range slices.Sorted(maps.Keys(read.readers)) {
		if !f.others && !f.keys[key] {
			problems = append(problems, fmt.Sprintf("has no key %s, which the %s reads: add the key, or change the Secret that is read", key, read.readers[key]))
		}
	}
	return problems
}

// unread are keys that are filled and not read, not even by a template.
func (f filling) unread(read readings) (problems []string) {
	if len(read.readers) == 0 {
		what := "not read by any object of the application"
		if len(read.others) > 0 {
			what += " (they read " + strings.Join(slices.Sorted(maps.Keys(read.others)), ", ") + ")"
		}
		return []string{"is " + what + ": correct the name, or set ReadElsewhere"}
	}
	for _, key := range slices.Sorted(maps.Keys(f.keys)) {
		_, reads := read.readers[key]
		mentions := func(template string) bool { return strings.Contains(template, key) }
		if !reads && !slices.ContainsFunc(f.templates, mentions) {
			problems = append(problems,
				fmt.Sprintf("has the key %s, which no object of the application reads: remove the key, correct its name, or set ReadElsewhere", key))
		}
	}
	return problems
}

func (s *secret) filledKeys(objects []manifest.Patched) filling {
	f := filling{keys: map[string]bool{}}
	spec := manifest.At(find(objects, s.key()), "spec")
	for _, data := range list(manifest.At(spec, "data")) {
		f.add(manifest.At(data, "secretKey"))
	}
	for _, source := range list(manifest.At(spec, "dataFrom")) {
		generator, _ := manifest.At(source, "sourceRef", "generatorRef", "name").(string)
		password := manifest.Key{GroupKind: schema.GroupKind{Group: generatorGroup, Kind: "Password"}, Namespace: s.node.Component.Namespace, Name: generator}
		passwords := list(manifest.At(find(objects, password), "spec", "secretKeys"))
		for _, key := range passwords {
			f.add(key)
		}
		f.others = f.others || len(passwords) == 0 || manifest.At(source, "rewrite") != nil
	}
	template := manifest.At(spec, "target", "template")
	f.others = f.others || manifest.At(template, "templateFrom") != nil
	templates, _ := manifest.At(template, "data").(map[string]any)
	if len(templates) > 0 && manifest.At(template, "mergePolicy") != "Merge" {
		f.keys = map[string]bool{}
	}
	for key, text := range templates {
		f.add(key)
		f.templates = append(f.templates, fmt.Sprint(text))
	}
	return f
}

func (f filling) add(key any) {
	if key, is := key.(string); is {
		f.keys[key] = true
	}
}

func find(objects []manifest.Patched, key manifest.Key) any {
	if i := slices.IndexFunc(objects, func(o manifest.Patched) bool { return o.Key == key }); i >= 0 {
		return objects[i].Fields
	}
	return nil
}
