package chart

import (
	"fmt"
	"maps"
)

// Choice is what the values decide on: whether an object, a field or an element is there, and which of several it is. The places that
// depend on it are found by rendering each outcome and comparing the lines. Two choices must not decide on one place: then they are one
// choice, whose outcomes lead to further ones. (It is an error if each of them changes the place. What only both together change is not
// found.)
type Choice struct {
	// If is the condition, as a template expression.
	If string

	// Each repeats what is there with Yes for every element of the map that the condition is, as $name and $value.
	Each bool

	// Names are those that Each goes through, in their order, as a template expression. Defaults to the map's, sorted.
	Names string

	// Alone has no other choice show in the renderings of this one, because this one removes what others decide on.
	Alone bool

	Yes, No Outcome
}

// Outcome says which settings show what follows from an answer. Exactly one outcome of each choice, and of the choices that
// it leads to, has no settings at all: that of the defaults.
type Outcome struct {
	Settings Settings
	Then     *Choice
}

// question is a choice among the outcomes of one that is the root of others, or one outcome.
type question struct {
	*Choice
	yes, no *question
	outcome int
}

// outcomes numbers the outcomes of a choice, and gives the settings of each.
func outcomes(choice *Choice) (root *question, all []Settings, err error) {
	var ask func(*Choice, Settings) *question
	number := func(o Outcome, before Settings) *question {
		settings := maps.Clone(before)
		maps.Copy(settings, o.Settings)
		if o.Then != nil {
			return ask(o.Then, settings)
		}
		all = append(all, settings)
		return &question{outcome: len(all) - 1}
	}
	ask = func(choice *Choice, settings Settings) *question {
		return &question{Choice: choice, yes: number(choice.Yes, settings), no: number(choice.No, settings)}
	}
	root = ask(choice, Settings{})
	count := 0
	for _, settings := range all {
		if len(settings) == 0 {
			count++
		}
	}
	if count != 1 {
		err = fmt.Errorf("the choice %q has %d outcomes without settings, and must have one: that of the defaults", choice.If, count)
	}
	return root, all, err
}

// outcomes are those that a question leads to: a bit for each.
func (q *question) outcomes() uint64 {
	if q.Choice == nil {
		return 1 << q.outcome
	}
	return q.yes.outcomes() | q.no.outcomes()
}
