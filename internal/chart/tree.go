package chart

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// place is where an option is in the tree.
type place struct {
	path    string
	element bool    // Of a list.
	each    *Choice // That repeats it, if one does.
}

// walkObjects visits all options of the objects.
func walkObjects(objects sequence, visit func(place, *option) error) error {
	var errs []error
	for _, object := range objects {
		shown := anyNode(object).(mapping)
		name := shown.at("metadata").(mapping).at("name").(scalar)
		errs = append(errs, walk(object, place{path: textAt(shown, "kind") + " " + name.template(), element: true}, visit))
	}
	return errors.Join(errs...)
}

// walk visits an option and all that are in it.
func walk(o *option, at place, visit func(place, *option) error) error {
	if o == nil || o == nothing {
		return nil
	}
	if err := visit(at, o); err != nil {
		return err
	}
	if o.choice != nil {
		inside := at
		if o.choice.Each {
			inside.each = o.choice
		}
		return errors.Join(walk(o.yes, inside, visit), walk(o.no, at, visit))
	}
	var errs []error
	switch n := o.node.(type) {
	case mapping:
		for _, f := range n {
			errs = append(errs, walk(f.value, place{at.path + "." + f.key, false, at.each}, visit))
		}
	case sequence:
		for i, element := range n {
			errs = append(errs, walk(element, place{fmt.Sprintf("%s[%d]", at.path, i), true, at.each}, visit))
		}
	}
	return errors.Join(errs...)
}

// checkUsed refuses a value that no object shows, and one without a probe that no condition asks for.
func (c Chart) checkUsed(objects sequence) error {
	shown, conditions := map[string]bool{}, &strings.Builder{}
	err := walkObjects(objects, func(_ place, o *option) error {
		if o.choice != nil {
			fmt.Fprintln(conditions, o.choice.If)
		}
		if s, is := o.node.(scalar); is {
			for _, p := range s.pieces {
				if p.symbol != nil {
					shown[p.symbol.value.key()] = true
				}
			}
		}
		return nil
	})
	for _, v := range c.Values {
		asked := regexp.MustCompile(regexp.QuoteMeta(v.expression()) + `\b`).MatchString(conditions.String())
		if !shown[v.key()] && (v.Probe != nil || !asked) {
			err = errors.Join(err, fmt.Errorf("the value %s stands nowhere in the objects", v.key()))
		}
	}
	return err
}

// checkEach refuses what "range" would not write: it repeats elements of lists, and knows no other values within them.
func checkEach(objects sequence) error {
	return walkObjects(objects, func(at place, o *option) error {
		if o.choice != nil && o.choice.Each && (!at.element || o.no != nothing) {
			return fmt.Errorf("%s: %q repeats elements of a list, and decides on something else here", at.path, o.choice.If)
		}
		if at.each == nil {
			return nil
		}
		if o.choice != nil && strings.Contains(o.choice.If, ".Values") {
			return fmt.Errorf("%s: %q is asked for each of %q, where only $name and $value are known", at.path, o.choice.If, at.each.If)
		}
		return checkRepeated(at, o.node)
	})
}

func checkRepeated(at place, n node) error {
	s, _ := n.(scalar)
	for _, p := range s.pieces {
		if p.symbol != nil && p.symbol.value.expression() != at.each.If {
			return fmt.Errorf("%s: %s is within each of %q, where only $name and $value are known", at.path, p.symbol.value.key(), at.each.If)
		}
	}
	return nil
}
