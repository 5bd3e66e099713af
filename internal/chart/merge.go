package chart

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// merger makes one tree of the variants' objects.
type merger struct {
	choices  []decided
	defaults Settings
}

// held is what a variant has in one place: nil if it has nothing there. (Kubernetes' objects have no nulls.)
type held struct {
	*variant
	value any
}

// option compares what the variants have in one place. The first of them is the model of the others.
func (m merger) option(at string, all []held) (*option, error) {
	model := all[0]
	var others []held // That are of another kind than the model.
	for _, h := range all {
		if !m.alike(model, h) {
			others = append(others, h)
		}
	}
	if len(others) == 0 {
		return m.leaf(at, all)
	}
	decider, err := m.decider(at, model, others)
	if err != nil {
		return nil, err
	}
	return m.decide(at, decider, all)
}

// decider is the choice that all differences in one place come from.
func (m merger) decider(at string, model held, others []held) (int, error) {
	for _, other := range others {
		if other.choice == ofDefaults {
			return 0, fmt.Errorf("%s: is %s with the probes and %s with the defaults, which no form of a value explains",
				at, brief(model.value), brief(other.value))
		}
		if other.choice != others[0].choice {
			return 0, fmt.Errorf("%s: both %q and %q decide on it: make one choice of them",
				at, m.choices[others[0].choice].choice.If, m.choices[other.choice].choice.If)
		}
	}
	return others[0].choice, nil
}

// decide makes a choice between what its outcomes have in one place.
func (m merger) decide(at string, decider int, all []held) (*option, error) {
	byOutcome := map[int]*option{}
	for rest := all; len(rest) > 0; {
		model := rest[0]
		var alike, others []held
		for _, h := range rest {
			if m.alike(model, h) {
				alike = append(alike, h)
			} else {
				others = append(others, h)
			}
		}
		made, err := m.leaf(at, alike)
		if err != nil {
			return nil, err
		}
		for _, h := range alike {
			if outcome, is := m.outcomeOf(decider, h); is {
				byOutcome[outcome] = made
			}
		}
		rest = others
	}
	return choose(m.choices[decider].decision, byOutcome), nil
}

// outcomeOf is the outcome of a choice that a variant shows. Variants of other choices show that of the defaults, as the base
// does, and are not counted.
func (m merger) outcomeOf(choice int, h held) (outcome int, is bool) {
	if h.choice == choice {
		return h.outcome, true
	}
	if h.choice == base {
		return m.choices[choice].defaultOutcome(), true
	}
	return 0, false
}

// choose leaves out questions whose answer makes no difference, or is known.
func choose(d *decision, byOutcome map[int]*option) *option {
	if d.choice == nil {
		return byOutcome[d.outcome]
	}
	yes, no := choose(d.yes, byOutcome), choose(d.no, byOutcome)
	switch {
	case yes == nil || yes == no:
		return no
	case no == nil:
		return yes
	}
	return &option{choice: d.choice, yes: yes, no: no}
}

// alike says whether two variants have the same in one place, or both have maps or both lists, whatever is in them.
func (m merger) alike(model, other held) bool {
	switch value := model.value.(type) {
	case Object:
		object, is := other.value.(Object)
		return is && (len(value) == 0) == (len(object) == 0)
	case []any:
		list, is := other.value.([]any)
		return is && (len(value) == 0) == (len(list) == 0)
	case string, float64, file:
		return reflect.TypeOf(model.value) == reflect.TypeOf(other.value) &&
			sameText(join(model.symbols.split(textOf(value)), other.settings), textOf(other.value))
	default:
		return reflect.DeepEqual(model.value, other.value)
	}
}

// leaf makes a node of what is alike.
func (m merger) leaf(at string, all []held) (*option, error) {
	var made node
	var err error
	switch value := all[0].value.(type) {
	case nil:
		return nothing, nil
	case Object:
		made, err = m.mapping(at, all)
	case []any:
		made, err = m.sequence(at, all)
	case string:
		made = scalar{pieces: split(all), text: true}
	case file:
		made = scalar{pieces: split(all), text: true, file: value.name}
	case float64:
		made = scalar{pieces: split(all)}
	case digest:
		made = value
	default:
		made = plain{value}
	}
	return &option{node: made}, err
}

// split takes the model's text apart, in the layout that it has with the defaults.
func split(all []held) []piece {
	text := textOf(all[0].value)
	for _, h := range all {
		if h.choice == ofDefaults {
			text = layOutAs(text, textOf(h.value))
		}
	}
	return all[0].symbols.split(text)
}

func textOf(value any) string {
	switch value := value.(type) {
	case file:
		return value.text
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64)
	default:
		return fmt.Sprint(value)
	}
}

func (m merger) mapping(at string, all []held) (node, error) {
	if len(all[0].value.(Object)) == 0 {
		return plain{Object{}}, nil
	}
	objects := make([]Object, len(all))
	for i, h := range all {
		objects[i] = h.value.(Object)
	}
	var made mapping
	for _, key := range keysOf(objects...) {
		values := make([]held, len(all))
		for i, h := range all {
			values[i] = held{h.variant, objects[i][key]}
		}
		value, err := m.option(at+"."+key, values)
		if err != nil {
			return nil, err
		}
		made = append(made, field{key, value})
	}
	return made, nil
}

// keysOf are the keys that any of the objects has, sorted.
func keysOf(objects ...Object) []string {
	keys := map[string]bool{}
	for _, o := range objects {
		for key := range o {
			keys[key] = true
		}
	}
	return slices.Sorted(maps.Keys(keys))
}

func (m merger) sequence(at string, all []held) (node, error) {
	if len(all[0].value.([]any)) == 0 {
		return plain{[]any{}}, nil
	}
	identify := identity(all)
	order, elements := []string{}, make([]map[string]any, len(all))
	for i, h := range all {
		elements[i] = map[string]any{}
		place := 0
		for j, element := range h.value.([]any) {
			// With the defaults in place of probes an element is the same one in all variants.
			id := join(h.symbols.split(identify(j, element)), m.defaults)
			elements[i][id] = element
			if known := slices.Index(order, id); known >= 0 {
				place = known + 1
			} else {
				order = slices.Insert(order, place, id)
				place++
			}
		}
	}
	var made sequence
	for _, id := range order {
		values := make([]held, len(all))
		for i, h := range all {
			values[i] = held{h.variant, elements[i][id]}
		}
		value, err := m.option(at+"["+id+"]", values)
		if err != nil {
			return nil, err
		}
		made = append(made, value)
	}
	return made, nil
}

// identity tells which elements of several lists are the same one: those with one name, those in one place of lists that are
// equally long, or else those that are equal.
func identity(all []held) func(index int, element any) string {
	named, equallyLong := true, true
	for _, h := range all {
		list := h.value.([]any)
		equallyLong = equallyLong && len(list) == len(all[0].value.([]any))
		names := map[string]bool{}
		for _, element := range list {
			name := nameOf(element)
			named = named && name != "" && !names[name]
			names[name] = true
		}
	}
	switch {
	case named:
		return func(_ int, element any) string { return nameOf(element) }
	case equallyLong:
		return func(index int, _ any) string { return strconv.Itoa(index) }
	}
	return func(_ int, element any) string {
		encoded, err := json.Marshal(element)
		if err != nil {
			panic(fmt.Errorf("encode %v: %w", element, err))
		}
		return string(encoded)
	}
}

// nameOf is the name of an element of a list, or of an object with its kind.
func nameOf(element any) string {
	fields, _ := element.(Object)
	if metadata, isObject := fields["metadata"].(Object); isObject {
		return fmt.Sprintf("%v %v", fields["kind"], metadata["name"])
	}
	name, _ := fields["name"].(string)
	return name
}

// brief is a value for an error.
func brief(value any) string {
	const most = 200
	text := strings.TrimSpace(fmt.Sprint(value))
	switch {
	case value == nil:
		return "not there"
	case len(text) > most:
		return strconv.Quote(text[:most] + "…")
	}
	return strconv.Quote(text)
}
