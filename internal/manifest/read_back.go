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

// Misread reads the document that cdk8s wrote of an object as kubectl does, and reports whether something else comes back: the two do not agree on all of
// YAML. cdk8s quotes 10_000, but not 0o17, which kubectl takes for fifteen.
func Misread(object any, document []byte) bool {
	if surelyRead(object) {
		return false
	}
	read, err := readYAML(document)
	return err != nil || !reflect.DeepEqual(read, object)
}

// readBack is for an app that writes its files itself.
type readBack struct{ root awsconstructs.IConstruct }

// Validate reports what it finds at the constructs.
func (r *readBack) Validate() *[]*string {
	ReportMisread(r.root, Report)
	return &[]*string{}
}

// ReportMisread has the document of each object written once more, to say whose is misread.
func ReportMisread(root awsconstructs.IConstruct, report func(at awsconstructs.Construct, errs field.ErrorList)) {
	all, _ := AllPatched(root)
	for _, object := range all {
		errs := misreadObject(object)
		if len(errs) == 0 {
			continue
		}
		owner, owned := trees[root].ownerOf(object.Key)
		if !owned {
			report(object.Node, errs)
			continue
		}
		for _, err := range errs {
			err.Field, err.Detail = owner.Path.String(), fmt.Sprintf("%s (%s)", err.Detail, err.Field)
		}
		report(owner.nearest, errs)
	}
}

func misreadObject(object Patched) field.ErrorList {
	if surelyRead(object.Fields) {
		return nil
	}
	read, err := readYAML([]byte(*cdk8s.Yaml_Stringify(object.Fields)))
	if err == nil && reflect.DeepEqual(read, object.Fields) {
		return nil
	}
	errs := misreadTexts(object.Fields, object.String())
	if err != nil && len(errs) == 0 {
		errs = field.ErrorList{unreadable(object.String(), field.OmitValueType{}, err)}
	}
	return errs
}

// ownerOf is the construct that declared an object. An app of other constructs only has no tree.
func (t *tree) ownerOf(key Key) (owner *Node, owned bool) {
	if t == nil {
		return nil, false
	}
	owner, owned = t.declared[key]
	return owner, owned
}

func readYAML(document []byte) (read any, err error) {
	err = yaml.Unmarshal(document, &read)
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
	read, err := readYAML([]byte(*cdk8s.Yaml_Stringify(document)))
	if err != nil {
		return field.ErrorList{unreadable(at, text, err)}
	}
	if At(read, key) != want {
		problem := "cdk8s writes the key in a form that kubectl reads as another one: rename it"
		if key != text {
			problem = fmt.Sprintf("cdk8s writes the text in a form that kubectl reads as %#v: change it", At(read, key))
		}
		return field.ErrorList{field.Invalid(field.NewPath(at), text, problem)}
	}
	return nil
}

func unreadable(at string, value any, err error) *field.Error {
	// Before it is where in a document that nobody sees.
	reason := err.Error()[strings.LastIndex(err.Error(), ": ")+1:]
	return field.Invalid(field.NewPath(at), value, "cdk8s writes the text in a form that kubectl cannot read:"+reason)
}
