package chart

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Choice is a question about values whose answer adds, removes or changes lines. The lines are found by rendering each outcome. Two
// choices must not decide on the same line: make one choice of them, whose outcomes lead to further choices.
type Choice struct {
	If    string // The question, as a template expression.
	Each  bool   // Repeats the lines of Yes for each element of the map or list that the expression returns. They can use $name and $value.
	Alone bool   // Keeps other choices out of the renderings of this one, because it removes objects on which they decide.

	Yes, No Outcome
}

// Outcome is the answer to a choice: settings, or a further choice to which the answer leads. Exactly one of the outcomes to which a choice leads
// has no settings: that of the defaults.
type Outcome struct {
	Settings Settings // Which values give this answer, and those that led to it.
	Then     *Choice

	shown renderings // Those that show it, if it leads to no further choice.
}

// sorted are the choices, those with most outcomes first.
func (c Chart) sorted() ([]*Choice, error) {
	var all []*Choice
	by := map[string]*Choice{}
	for i := range c.Choices {
		choice := &c.Choices[i]
		outcomes := choice.root().outcomes()
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
	slices.SortStableFunc(all, func(a, b *Choice) int { return cmp.Compare(len(b.root().outcomes()), len(a.root().outcomes())) })
	return all, nil
}

// root is an outcome that leads to the choice: any of its own.
func (c *Choice) root() *Outcome { return &Outcome{Then: c} }

// outcomes are those at the end of all answers. That of the defaults comes first, and then those in which most values have their probes: a
// line with a value must be found before the same line without.
func (o *Outcome) outcomes() []*Outcome {
	if o.Then == nil {
		return []*Outcome{o}
	}
	all := append(o.Then.Yes.outcomes(), o.Then.No.outcomes()...)
	slices.SortStableFunc(all, func(a, b *Outcome) int { return cmp.Compare(len(a.Settings), len(b.Settings)) })
	return all
}

// showing are the renderings of the outcomes of which some of these renderings show one.
func (o *Outcome) showing(some renderings) renderings {
	var all renderings
	for _, end := range o.outcomes() {
		if end.shown&some != 0 {
			all |= end.shown
		}
	}
	return all
}

const always, never = "true", "false"

// asks is a template expression: whether the outcome is one that certain renderings show, of those that others show.
func (o *Outcome) asks(shown, among renderings) string {
	switch possible := o.showing(among); {
	case possible&^shown == 0:
		return always
	case possible&shown == 0:
		return never
	}
	is, isNot := o.Then.If, "not "+grouped(o.Then.If)
	yes, no := o.Then.Yes.asks(shown, among), o.Then.No.asks(shown, among)
	switch {
	case yes == no || o.Then.No.showing(among) == 0:
		return yes
	case o.Then.Yes.showing(among) == 0:
		return no
	case yes == always:
		return combined("or", is, no)
	case no == always:
		return combined("or", isNot, yes)
	}
	return combined("or", combined("and", is, yes), combined("and", isNot, no))
}

// combined calls the function and or or. It takes over the arguments of another call of it.
func combined(function, a, b string) string {
	switch arguments, same := strings.CutPrefix(b, function+" "); {
	case a == never || function == "and" && b == never:
		return b
	case b == always || b == never:
		return a
	case same:
		return function + " " + grouped(a) + " " + arguments
	}
	return function + " " + grouped(a) + " " + grouped(b)
}

func grouped(expression string) string {
	if strings.Contains(expression, " ") {
		return "(" + expression + ")"
	}
	return expression
}
