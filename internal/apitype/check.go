// Package apitype checks objects against the types of Kubernetes's own kinds, and their pods against Pod Security, as the API server does.
package apitype

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/pod-security-admission/api"
)

// Checker checks objects that are applied together, one after the other. Of custom resources nothing is known. The zero Checker is ready to use.
type Checker struct {
	count    int
	problems map[int]Problem
	levels   map[string]api.LevelVersion // What namespaces enforce.
	waiting  []pods                      // Those whose namespace has not come yet.
}

// Problem lists the errors of an object.
type Problem struct {
	Index  int // Of the object, among all.
	Object any
	Errs   field.ErrorList
}

// Check takes the next object, as encoding/json gives it. It finds fields that its type does not have, values of another type, a missing name, and pods that its
// namespace would not admit, if that is among the objects. Only the last are of the type Forbidden. It also finds an object that is too large for "kubectl apply", of any
// kind.
func (c *Checker) Check(object any) {
	of := Problem{Index: c.count, Object: object}
	c.count++
	errs := c.decode(of, object, nil)
	if err := tooLarge(object); err != nil {
		errs = append(errs, err)
	}
	c.report(of, errs)
}

// Problems are those of all objects, in their order.
func (c *Checker) Problems() []Problem {
	for _, p := range c.waiting {
		if level, known := c.levels[p.namespace]; known {
			c.report(p.of, p.forbidden(level))
		}
	}
	c.waiting = nil
	all := make([]Problem, 0, len(c.problems))
	for _, index := range slices.Sorted(maps.Keys(c.problems)) {
		problem := c.problems[index]
		slices.SortStableFunc(problem.Errs, func(a, b *field.Error) int { return strings.Compare(a.Field, b.Field) })
		all = append(all, problem)
	}
	return all
}

func (c *Checker) report(of Problem, errs field.ErrorList) {
	if len(errs) == 0 {
		return
	}
	if c.problems == nil {
		c.problems = map[int]Problem{}
	}
	of.Errs = slices.Concat(c.problems[of.Index].Errs, errs)
	c.problems[of.Index] = of
}

// decode decodes an object into its type, and returns the errors that it finds.
func (c *Checker) decode(of Problem, object any, path *field.Path) field.ErrorList {
	fields, _ := object.(map[string]any)
	apiVersion, _ := fields["apiVersion"].(string)
	kind, _ := fields["kind"].(string)
	if items, is := fields["items"].([]any); is && apiVersion == "v1" && kind == "List" {
		var errs field.ErrorList
		for i, item := range items {
			errs = append(errs, c.decode(of, item, path.Child("items").Index(i))...)
		}
		return errs
	}
	typed, problem := newObject(schema.FromAPIVersionAndKind(apiVersion, kind))
	if problem != "" {
		return field.ErrorList{field.Invalid(path.Child("kind"), kind, problem)}
	}
	if typed == nil {
		return nil
	}
	var d decoder
	d.decode(object, reflect.ValueOf(typed).Elem(), path)
	if _, is := typed.(*corev1.Secret); is {
		for _, err := range d.errs {
			err.BadValue = field.OmitValueType{}
		}
	}
	return slices.Concat(d.errs, checkName(fields, path), c.admit(of, typed, path))
}

// checkName finds an object that nothing names: "kubectl apply" refuses it.
func checkName(fields map[string]any, path *field.Path) field.ErrorList {
	metadata, _ := fields["metadata"].(map[string]any)
	for _, name := range []string{"name", "generateName"} {
		if value, set := metadata[name]; set && value != nil && value != "" {
			return nil
		}
	}
	return field.ErrorList{field.Required(path.Child("metadata", "name"), "")}
}

// admit notes what a namespace enforces, and checks pods if that of theirs is known.
func (c *Checker) admit(of Problem, typed runtime.Object, path *field.Path) field.ErrorList {
	if namespace, is := typed.(*corev1.Namespace); is {
		level, errs := enforced(namespace)
		if c.levels == nil {
			c.levels = map[string]api.LevelVersion{}
		}
		c.levels[namespace.Name] = level
		return errs
	}
	p := podsOf(typed, path)
	if p.template == nil {
		return nil
	}
	if level, known := c.levels[p.namespace]; known {
		return p.forbidden(level)
	}
	p.of = of
	c.waiting = append(c.waiting, p)
	return nil
}
