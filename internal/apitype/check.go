// Package apitype checks objects against the types of Kubernetes's own kinds, and their pods against Pod Security, as the API server does.
package apitype

import (
	"reflect"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/pod-security-admission/api"
)

// Check says what is wrong with each of the objects that are applied together, as encoding/json gives them: fields that its type does not
// have, values of another type, and pods that its namespace would not admit, if that is among the objects. Only the last are of the type
// Forbidden. It also finds objects that are too large for "kubectl apply", of any kind. Of custom resources nothing is known.
func Check(objects []any) []field.ErrorList {
	c := checker{errs: make([]field.ErrorList, len(objects)), levels: map[string]api.LevelVersion{}}
	for i, object := range objects {
		c.decode(i, object, nil)
		if err := tooLarge(object); err != nil {
			c.report(i, err)
		}
	}
	for _, decoded := range c.decoded {
		c.checkPods(decoded)
	}
	for _, errs := range c.errs {
		slices.SortStableFunc(errs, func(a, b *field.Error) int { return strings.Compare(a.Field, b.Field) })
	}
	return c.errs
}

type checker struct {
	errs    []field.ErrorList
	decoded []decoded
	levels  map[string]api.LevelVersion // What namespaces enforce.
}

// decoded is an object in its type, and where it was.
type decoded struct {
	index  int
	path   *field.Path // Within a list.
	object runtime.Object
}

// decode keeps what there is of an object in its type, and reports what is wrong with it.
func (c *checker) decode(index int, object any, path *field.Path) {
	fields, _ := object.(map[string]any)
	apiVersion, _ := fields["apiVersion"].(string)
	kind, _ := fields["kind"].(string)
	if items, is := fields["items"].([]any); is && apiVersion == "v1" && kind == "List" {
		for i, item := range items {
			c.decode(index, item, path.Child("items").Index(i))
		}
		return
	}
	typed, problem := newObject(schema.FromAPIVersionAndKind(apiVersion, kind))
	if problem != "" {
		c.report(index, field.Invalid(path.Child("kind"), kind, problem))
	}
	if typed == nil {
		return
	}
	var d decoder
	d.decode(object, reflect.ValueOf(typed).Elem(), path)
	if _, is := typed.(*corev1.Secret); is {
		for _, err := range d.errs {
			err.BadValue = field.OmitValueType{}
		}
	}
	c.report(index, d.errs...)
	c.decoded = append(c.decoded, decoded{index, path, typed})
	if namespace, is := typed.(*corev1.Namespace); is {
		level, errs := enforced(namespace)
		c.levels[namespace.Name] = level
		c.report(index, errs...)
	}
}

func (c *checker) checkPods(decoded decoded) {
	object, is := decoded.object.(metav1.Object)
	if !is {
		return
	}
	if level, known := c.levels[object.GetNamespace()]; known {
		if err := forbidden(decoded.object, decoded.path, object.GetNamespace(), level); err != nil {
			c.report(decoded.index, err)
		}
	}
}

func (c *checker) report(index int, errs ...*field.Error) {
	c.errs[index] = append(c.errs[index], errs...)
}
