package chart

import (
	"fmt"
	"maps"
	"slices"
)

// Object is a Kubernetes object as read from YAML.
type Object = map[string]any

// variant is a rendering of the objects.
type variant struct {
	choice   int // Which of the choices it shows another outcome of; one of those below for the others.
	outcome  int
	settings Settings
	symbols  symbols
	objects  []Object
}

const (
	base       = -1 // Has probes in place of the values.
	ofDefaults = -2 // Has no probes. What is made of the base must lead to it.
)

// variants renders the base, the defaults, and every other outcome of every choice: with probes, and with the defaults, by which
// a form that a value has only there is held.
func (c Chart) variants(choices []decided) ([]*variant, error) {
	all := []*variant{
		{choice: base, settings: probed(c.Values)},
		{choice: ofDefaults, settings: defaults(c.Values)},
	}
	for i, choice := range choices {
		for _, outcome := range choice.bySettings() {
			for _, others := range []Settings{all[0].settings, all[1].settings} {
				settings := maps.Clone(others)
				maps.Copy(settings, choice.settings[outcome])
				all = append(all, &variant{choice: i, outcome: outcome, settings: settings})
			}
		}
	}
	for _, v := range all {
		if err := c.render(v); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (c Chart) render(v *variant) (err error) {
	if v.symbols, err = newSymbols(c.Values, v.settings); err != nil {
		return err
	}
	if v.objects, err = c.Render(v.settings); err != nil {
		return fmt.Errorf("render with %v: %w", v.settings, err)
	}
	for i := range v.objects {
		v.objects[i] = clone(v.objects[i]).(Object)
	}
	return nameFiles(v.objects)
}

// clone also makes all numbers one type.
func clone(value any) any {
	switch value := value.(type) {
	case map[string]any:
		copied := Object{}
		for key, element := range value {
			copied[key] = clone(element)
		}
		return copied
	case []any:
		copied := make([]any, len(value))
		for i := range value {
			copied[i] = clone(value[i])
		}
		return copied
	case int:
		return float64(value)
	case int64:
		return float64(value)
	default:
		return value
	}
}

// decided is a choice with its outcomes.
type decided struct {
	*decision
	settings []Settings
}

func (d decided) defaultOutcome() int {
	return slices.IndexFunc(d.settings, func(s Settings) bool { return len(s) == 0 })
}

// bySettings are the outcomes but for that of the defaults: those first in which most values have their probes, as they show
// most of them.
func (d decided) bySettings() []int {
	var numbers []int
	for outcome, settings := range d.settings {
		if len(settings) > 0 {
			numbers = append(numbers, outcome)
		}
	}
	slices.SortStableFunc(numbers, func(a, b int) int { return len(d.settings[a]) - len(d.settings[b]) })
	return numbers
}

func decide(choices []Choice) ([]decided, error) {
	var all []decided
	for i := range choices {
		root, settings, err := outcomes(&choices[i])
		if err != nil {
			return nil, err
		}
		all = append(all, decided{root, settings})
	}
	return all, nil
}
