package chart

import (
	"fmt"
	"maps"
	"math/bits"
	"math/rand/v2"
	"slices"
)

// rendering is the documents that the constructs generate with some settings.
type rendering struct {
	settings  Settings
	described string           // The settings, for errors.
	files     map[string]lines // The documents, by the templates that they go into.
	*probes
}

// render renders the settings of outcomes in place of those with which it begins. Documents that are known need not be read again.
func (c Chart) render(begin, outcomes Settings, described string, known map[string]document) (*rendering, error) {
	maps.Copy(begin, outcomes)
	by, err := probesIn(c.Values, begin)
	if err != nil {
		return nil, err
	}
	r := &rendering{begin, fmt.Sprintf("with %s and %v", described, outcomes), map[string]lines{}, by}
	texts, err := c.Render(begin)
	if err != nil {
		return nil, fmt.Errorf("render %s: %w", r.described, err)
	}
	documents := make([]document, len(texts))
	for i, text := range texts {
		if _, isKnown := known[text]; !isKnown {
			if known[text], err = readDocument(text); err != nil {
				return nil, err
			}
		}
		documents[i] = known[text]
	}
	for _, d := range documents {
		d.name = join(by.split(d.name), defaults(c.Values))
		r.files[d.file] = append(r.files[d.file], d.takeApart(by, documents)...)
	}
	return r, nil
}

// renderings is a set of those with probes: a bit for each.
type renderings uint64

const mostRenderings = 64

// share assigns to each outcome the renderings that show it, and returns the settings of each rendering. The first shows the outcomes of
// the defaults. The next one shows an outcome of every choice that can share renderings, so that all additions appear in their order.
func share(choices []*Choice) ([]Settings, error) {
	total := 0
	for shared := 2; total == 0; shared++ {
		total = distinguish(choices, shared)
	}
	if total > mostRenderings {
		return nil, fmt.Errorf("the choices need %d renderings, and there can be %d", total, mostRenderings)
	}
	var all []Settings
	for range total {
		all = append(all, Settings{})
	}
	for _, c := range choices {
		outcomes := c.outcomes()
		outcomes[0].shown = 1<<total - 1
		for _, o := range outcomes[1:] {
			outcomes[0].shown &^= o.shown
			for i := range all {
				if o.shown&(1<<i) != 0 {
					maps.Copy(all[i], o.Settings)
				}
			}
		}
	}
	return all, nil
}

// distinguish assigns sets of renderings to the outcomes, except those of the defaults. No two outcomes, or groups of outcomes of one
// choice, have the same set. It returns the number of renderings, or 0 if there are too few that can be shared.
func distinguish(choices []*Choice, shared int) int {
	total, taken := shared, map[renderings]bool{}
	for _, c := range choices {
		others, unions, lowest := c.outcomes()[1:], []renderings{0}, renderings(0)
		for i, o := range others {
			if c.Alone {
				o.shown = 1 << total
				total++
				continue
			}
			isFree := func(set renderings) bool {
				// The order of the outcomes is that of the renderings in which they appear first.
				isNext := set&-set > lowest && (set&2 != 0) == (i == 0)
				// With sets of the same size, what two choices decide on together does not look like what a third one decides on.
				isDistinct := len(others) > 1 || bits.OnesCount64(uint64(set)) == shared/2
				return isNext && isDistinct && !slices.ContainsFunc(unions, func(union renderings) bool { return set&union != 0 || taken[set|union] })
			}
			for o.shown = 2; !isFree(o.shown); o.shown += 2 {
				if o.shown >= 1<<shared {
					return 0
				}
			}
			lowest = o.shown & -o.shown
			for _, union := range unions {
				unions = append(unions, union|o.shown)
				taken[union|o.shown] = true
			}
		}
	}
	return total
}

// mix returns settings that show each outcome at least once, and otherwise mix them at random, to find effects that only several outcomes
// have together. The first are the defaults. Choices that are rendered alone are left out.
func mix(choices []*Choice) []Settings {
	all := []Settings{{}}
	for _, c := range choices {
		for len(all) < len(c.outcomes()) {
			all = append(all, Settings{})
		}
	}
	random := rand.New(rand.NewPCG(1, 2)) // Every synthesis must be the same.
	for _, c := range choices {
		if c.Alone {
			continue
		}
		outcomes := c.outcomes()
		for i, number := range random.Perm(len(all) - 1) {
			maps.Copy(all[1+i], outcomes[(1+number)%len(outcomes)].Settings)
		}
	}
	return all
}
