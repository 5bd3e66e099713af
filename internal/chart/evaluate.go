package chart

import (
	"fmt"
	"reflect"
	"strconv"
)

// verify evaluates the tree as Helm will, with the settings of each variant, and wants what the variant's objects are: the merge
// finds elements of lists by names and places, and might have lost one.
func (m merger) verify(root sequence, variants []*variant) error {
	for _, v := range variants {
		made := evaluation{settings: v.settings, answers: m.answers(v)}.sequence(root)
		for i, object := range v.objects {
			if i == len(made) {
				return fmt.Errorf("%s: is missing in the chart %s", nameOf(object), m.describe(v))
			}
			if at, want, got := firstDifference(nameOf(object), object, made[i]); at != "" {
				return fmt.Errorf("%s: is %s %s, and %s in the chart", at, brief(want), m.describe(v), brief(got))
			}
		}
		if len(made) > len(v.objects) {
			return fmt.Errorf("%s: is only in the chart %s", nameOf(made[len(v.objects)]), m.describe(v))
		}
	}
	return nil
}

// describe names a variant by what tells it from the defaults.
func (m merger) describe(v *variant) string {
	switch v.choice {
	case base:
		return "with the probes"
	case ofDefaults:
		return "with the defaults"
	}
	return fmt.Sprintf("with %v", m.choices[v.choice].settings[v.outcome])
}

// answers are those to all questions on the way to a variant's outcome.
func (m merger) answers(v *variant) map[*Choice]bool {
	answers := map[*Choice]bool{}
	for i, c := range m.choices {
		outcome, is := m.outcomeOf(i, held{variant: v})
		if !is {
			outcome = c.defaultOutcome()
		}
		c.answer(outcome, answers)
	}
	return answers
}

// answer notes the way to an outcome, and says whether it is to be found here.
func (d *decision) answer(outcome int, answers map[*Choice]bool) (found bool) {
	switch {
	case d.choice == nil:
		return d.outcome == outcome
	case d.yes.answer(outcome, answers):
		answers[d.choice] = true
	case d.no.answer(outcome, answers):
		answers[d.choice] = false
	default:
		return false
	}
	return true
}

// evaluation is what the tree becomes with some settings.
type evaluation struct {
	settings Settings
	answers  map[*Choice]bool
}

func (e evaluation) option(o *option) any {
	for o != nil && o.choice != nil {
		if e.answers[o.choice] {
			o = o.yes
		} else {
			o = o.no
		}
	}
	if o == nil || o.node == nil {
		return nil
	}
	switch n := o.node.(type) {
	case mapping:
		return e.mapping(n)
	case sequence:
		return e.sequence(n)
	case scalar:
		return e.scalar(n)
	case digest:
		return n
	default:
		return n.(plain).value
	}
}

func (e evaluation) mapping(m mapping) Object {
	made := Object{}
	for _, f := range m {
		if value := e.option(f.value); value != nil {
			made[f.key] = value
		}
	}
	return made
}

func (e evaluation) sequence(s sequence) []any {
	made := []any{}
	for _, element := range s {
		if value := e.option(element); value != nil {
			made = append(made, value)
		}
	}
	return made
}

func (e evaluation) scalar(s scalar) any {
	text := join(s.pieces, e.settings)
	if s.file != "" {
		return file{s.file, text}
	}
	if number, err := strconv.ParseFloat(text, 64); err == nil && !s.text {
		return number
	}
	return text
}

// firstDifference is where two values differ, and how; the layout of JSON does not count. The path is empty if they do not.
func firstDifference(path string, want, got any) (at string, wanted, gotten any) {
	switch expected := want.(type) {
	case Object:
		if fields, is := got.(Object); is {
			return firstDifferentField(path, expected, fields)
		}
	case []any:
		if elements, is := got.([]any); is && len(elements) == len(expected) {
			for i := range expected {
				if at, wanted, gotten := firstDifference(fmt.Sprintf("%s[%d]", path, i), expected[i], elements[i]); at != "" {
					return at, wanted, gotten
				}
			}
			return "", nil, nil
		}
	case string, file:
		if reflect.TypeOf(want) == reflect.TypeOf(got) && sameText(textOf(want), textOf(got)) {
			return "", nil, nil
		}
	}
	if reflect.DeepEqual(want, got) {
		return "", nil, nil
	}
	return path, want, got
}

func firstDifferentField(path string, want, got Object) (at string, wanted, gotten any) {
	for _, key := range keysOf(want, got) {
		if at, wanted, gotten := firstDifference(path+"."+key, want[key], got[key]); at != "" {
			return at, wanted, gotten
		}
	}
	return "", nil, nil
}
