package chart

import (
	"fmt"
	"maps"
)

// Choice is what the values decide beside the values themselves: whether an object, a field or an element is there, and
// which of several it is. The places that depend on it are found by rendering each outcome and comparing the objects. Two
// choices must not decide on one place: then they are one choice, whose outcomes lead to further ones. (It is an error if each of
// them changes the place. What only both together change is not found.)
type Choice struct {
	// If is the condition, as a template expression.
	If string

	// Each repeats what is there with Yes for every element of the map that the condition is, as $name and $value.
	Each bool

	// Names are those that Each goes through, in their order, as a template expression. Defaults to the map's, sorted.
	Names string

	Yes, No Outcome
}

// Outcome says which settings show what follows from an answer. Exactly one outcome of each choice, and of the choices that
// it leads to, has no settings at all: that of the defaults.
type Outcome struct {
	Settings Settings
	Then     *Choice
}

// decision is a choice with its outcomes numbered, or one outcome.
type decision struct {
	choice  *Choice
	yes, no *decision
	outcome int
}

// outcomes numbers the outcomes of a choice, and gives the settings of each.
func outcomes(choice *Choice) (*decision, []Settings, error) {
	var all []Settings
	var number func(Outcome, Settings) *decision
	decide := func(choice *Choice, settings Settings) *decision {
		return &decision{choice: choice, yes: number(choice.Yes, settings), no: number(choice.No, settings)}
	}
	number = func(o Outcome, before Settings) *decision {
		settings := maps.Clone(before)
		maps.Copy(settings, o.Settings)
		if o.Then != nil {
			return decide(o.Then, settings)
		}
		all = append(all, settings)
		return &decision{outcome: len(all) - 1}
	}
	root := decide(choice, Settings{})
	return root, all, checkDefaultOutcome(choice, all)
}

func checkDefaultOutcome(choice *Choice, all []Settings) error {
	count := 0
	for _, settings := range all {
		if len(settings) == 0 {
			count++
		}
	}
	if count != 1 {
		return fmt.Errorf("the choice %q has %d outcomes without settings, and must have one: that of the defaults", choice.If, count)
	}
	return nil
}
