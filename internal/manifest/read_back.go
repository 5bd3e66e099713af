package manifest

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/yaml"
)

// ReadBack reads the documents that cdk8s wrote of objects as kubectl does, and finds the texts that come back as something else:
// the two do not agree on all of YAML. cdk8s quotes 10_000, but not 0o17, which kubectl takes for fifteen.
func ReadBack(objects []any, documents []string) field.ErrorList {
	var errs field.ErrorList
	for i, object := range objects {
		read, err := readYAML(documents[i])
		if err == nil && reflect.DeepEqual(read, object) {
			continue
		}
		at := KeyOf(object).String()
		misread := misreadTexts(object, at)
		if err != nil && len(misread) == 0 {
			misread = field.ErrorList{unreadable(at, field.OmitValueType{}, err)}
		}
		errs = append(errs, misread...)
	}
	return errs
}

// readBack is ReadBack for an app that writes its files itself: the document of each object is made once more. Render has the documents.
type readBack struct {
	root     awsconstructs.IConstruct
	rendered cdk8s.App
}

// Validate reports what it finds at the objects.
func (r *readBack) Validate() *[]*string {
	if any(r.root) == any(r.rendered) {
		return &[]*string{}
	}
	all, _ := AllPatched(r.root)
	for _, object := range all {
		if errs := ReadBack([]any{object.Fields}, []string{*cdk8s.Yaml_Stringify(object.Fields)}); len(errs) > 0 {
			Report(object.Node, errs)
		}
	}
	return &[]*string{}
}

func readYAML(document string) (read any, err error) {
	err = yaml.Unmarshal([]byte(document), &read)
	return read, err
}

// misreadTexts has each key and text below a value written and read alone.
func misreadTexts(value any, at string) field.ErrorList {
	var errs field.ErrorList
	switch value := value.(type) {
	case string:
		return misread(at, value, map[string]any{"text": value}, "text", value)
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			errs = append(errs, misread(at, key, map[string]any{key: "of the key"}, key, "of the key")...)
			errs = append(errs, misreadTexts(value[key], at+"."+key)...)
		}
	case []any:
		for i, element := range value {
			place := strconv.Itoa(i)
			if name, named := At(element, "name").(string); named {
				place = name
			}
			errs = append(errs, misreadTexts(element, at+"["+place+"]")...)
		}
	}
	return errs
}

// misread has a document written, and wants a text at a key of it.
func misread(at, text string, document map[string]any, key, want string) field.ErrorList {
	read, err := readYAML(*cdk8s.Yaml_Stringify(document))
	if err != nil {
		return field.ErrorList{unreadable(at, text, err)}
	}
	if At(read, key) != want {
		problem := fmt.Sprintf("cdk8s writes it without quotes, and kubectl reads it as something else: %v", read)
		return field.ErrorList{field.Invalid(field.NewPath(at), text, problem)}
	}
	return nil
}

func unreadable(at string, value any, err error) *field.Error {
	// Before it is where in a document that nobody sees.
	reason := err.Error()[strings.LastIndex(err.Error(), ": ")+1:]
	return field.Invalid(field.NewPath(at), value, "kubectl cannot read what cdk8s writes:"+reason)
}
