package chart

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// Choice is a question about values whose answer adds, removes or changes lines. The lines are found by rendering each outcome. Two
// choices must not decide on the same line: make one choice of them, whose outcomes lead to further choices.
type Choice struct {
	// If is the question, as a template expression.
	If string

	// Each repeats the lines of Yes for every element of the map that the expression gives, as $name and $value.
	Each bool

	// Names are the keys over which Each iterates, in order, as a template expression. Defaults to the map's, sorted.
	Names string

	// Alone keeps other choices out of the renderings of this one, because it removes objects on which they decide.
	Alone bool

	Yes, No Outcome
}

// Outcome is the answer to a choice, and to the choices to which it leads. Exactly one outcome of a choice and of those to which it leads
// has no settings: that of the defaults.
type Outcome struct {
	Settings Settings // Which values give this answer.
	Then     *Choice

	shown renderings // Those that show it, if it leads to no further choice.
}

// sorted are copies of the choices, those with most outcomes first. Each outcome has also the settings of the answers that lead to it.
func (c Chart) sorted() ([]*Choice, error) {
	var all []*Choice
	by := map[string]*Choice{}
	for i := range c.Choices {
		choice := Outcome{Then: &c.Choices[i]}.within(Settings{}).Then
		outcomes := choice.outcomes()
		if count := leading(outcomes, func(o *Outcome) bool { return len(o.Settings) == 0 }); count != 1 {
			return nil, fmt.Errorf("the choice %q has %d outcomes without settings, and must have one: that of the defaults", choice.If, count)
		}
		for _, o := range outcomes {
			for path := range o.Settings {
				if other := by[path]; other != nil && other != choice {
					return nil, fmt.Errorf("both %q and %q set %s: make one choice of them", other.If, choice.If, path)
				}
				by[path] = choice
			}
		}
		all = append(all, choice)
	}
	slices.SortStableFunc(all, func(a, b *Choice) int { return cmp.Compare(len(b.outcomes()), len(a.outcomes())) })
	return all, nil
}

// within returns a copy that has also the settings before it.
func (o Outcome) within(before Settings) Outcome {
	settings := maps.Clone(before)
	maps.Copy(settings, o.Settings)
	o.Settings = settings
	if o.Then != nil {
		then := *o.Then
		then.Yes, then.No = then.Yes.within(settings), then.No.within(settings)
		o.Then = &then
	}
	return o
}

// outcomes are those at the end of all answers. That of the defaults comes first, and then those in which most values have their probes: a
// line with a value must be found before the same line without.
func (c *Choice) outcomes() []*Outcome {
	all := append(c.Yes.outcomes(), c.No.outcomes()...)
	slices.SortStableFunc(all, func(a, b *Outcome) int { return cmp.Compare(len(a.Settings), len(b.Settings)) })
	return all
}

func (o *Outcome) outcomes() []*Outcome {
	if o.Then == nil {
		return []*Outcome{o}
	}
	return o.Then.outcomes()
}

// showing are the renderings of the outcomes of which some of these renderings show one.
func showing(outcomes []*Outcome, some renderings) renderings {
	var all renderings
	for _, o := range outcomes {
		if o.shown&some != 0 {
			all |= o.shown
		}
	}
	return all
}
