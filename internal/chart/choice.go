package chart

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
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

	settings Settings   // Of an outcome. That of the defaults has none.
	shown    renderings // Those that show the outcome.
}

// newQuestion wants one outcome of the defaults.
func newQuestion(choice *Choice) (*question, error) {
	var answer func(Outcome, Settings) *question
	ask := func(choice *Choice, settings Settings) *question {
		return &question{Choice: choice, yes: answer(choice.Yes, settings), no: answer(choice.No, settings)}
	}
	answer = func(o Outcome, before Settings) *question {
		settings := maps.Clone(before)
		maps.Copy(settings, o.Settings)
		if o.Then != nil {
			return ask(o.Then, settings)
		}
		return &question{settings: settings}
	}
	root := ask(choice, Settings{})
	if count := len(root.outcomes()) - len(root.others()); count != 1 {
		return nil, fmt.Errorf("the choice %q has %d outcomes without settings, and must have one: that of the defaults", choice.If, count)
	}
	return root, nil
}

// outcomes are those that a question leads to.
func (q *question) outcomes() []*question {
	if q.Choice == nil {
		return []*question{q}
	}
	return append(q.yes.outcomes(), q.no.outcomes()...)
}

// others are the outcomes but for that of the defaults: those first in which most values have their probes, so that lines with values in
// them are found before the same lines without.
func (q *question) others() []*question {
	others := slices.DeleteFunc(q.outcomes(), func(o *question) bool { return len(o.settings) == 0 })
	slices.SortStableFunc(others, func(a, b *question) int { return cmp.Compare(len(a.settings), len(b.settings)) })
	return others
}

// shownBy are the renderings of the outcomes of which some show: all of them, or those that are among others.
func (q *question) shownBy(among renderings) renderings {
	var all renderings
	for _, o := range q.outcomes() {
		if o.shown&among != 0 {
			all |= o.shown
		}
	}
	return all
}
