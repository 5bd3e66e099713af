package chart

import (
	"fmt"
	"maps"
	"math/bits"
	"math/rand/v2"
)

// rendering is the documents that the constructs generate with some settings.
type rendering struct {
	settings  Settings
	described string // The settings, for errors.
	documents []*document
	named     map[string]*document
	files     map[string]lines // Those of the documents that go into a template.
}

// render renders the settings of outcomes in place of those with which it begins.
func (c Chart) render(begin, outcomes Settings, described string, by *probes) (*rendering, error) {
	maps.Copy(begin, outcomes)
	r := &rendering{begin, fmt.Sprintf("with %s and %v", described, outcomes), nil, map[string]*document{}, map[string]lines{}}
	texts, err := c.Render(begin)
	if err != nil {
		return nil, fmt.Errorf("render %s: %w", r.described, err)
	}
	for _, text := range texts {
		d, err := by.document(text)
		if err != nil {
			return nil, err
		}
		r.documents, r.named[d.name] = append(r.documents, d), d
		r.files[d.file] = append(r.files[d.file], d.lines...)
	}
	return r, nil
}

// renderings is a set of those with probes: a bit for each.
type renderings uint64

// share assigns to each outcome the renderings that show it, and returns the settings of each rendering. The first shows the outcomes of the
// defaults. Choices share the next ones: half of them show another outcome of a choice, and the first of them that of each, so that all
// additions appear in their order. Further outcomes, and those of choices that are rendered alone, have renderings of their own.
func share(choices []*Choice) ([]Settings, error) {
	// Sets of the same size: so what two choices decide on together does not look like what a third one decides on.
	shared, sets := 1, []renderings{}
	for len(sets) < len(choices) {
		shared, sets = shared+1, nil
		for set := renderings(2); set < 2<<shared; set += 4 {
			if bits.OnesCount64(uint64(set)) == shared/2 {
				sets = append(sets, set)
			}
		}
	}
	var all []Settings
	for range 1 + shared {
		all = append(all, Settings{})
	}
	for i, c := range choices {
		outcomes := c.root().outcomes()
		outcomes[0].shown = ^renderings(0)
		for k, o := range outcomes[1:] {
			if o.shown = sets[i]; k > 0 || c.Alone {
				o.shown = 1 << len(all)
				all = append(all, Settings{})
			}
			outcomes[0].shown &^= o.shown
			for i := range all {
				if o.shown&(1<<i) != 0 {
					maps.Copy(all[i], o.Settings)
				}
			}
		}
	}
	if len(all) > 64 {
		return nil, fmt.Errorf("the choices need %d renderings, and there can be 64", len(all))
	}
	return all, nil
}

// mix returns settings that show each outcome at least once, and otherwise mix them at random, to find effects that only several outcomes
// have together. The first are the defaults. Choices that are rendered alone are left out.
func mix(choices []*Choice) []Settings {
	all := []Settings{{}}
	random := rand.New(rand.NewPCG(1, 2)) // Every synthesis must be the same.
	for _, c := range choices {           // The first has most outcomes.
		outcomes := c.root().outcomes()
		for len(all) < len(outcomes) {
			all = append(all, Settings{})
		}
		if !c.Alone {
			for i, number := range random.Perm(len(all) - 1) {
				maps.Copy(all[1+i], outcomes[(1+number)%len(outcomes)].Settings)
			}
		}
	}
	return all
}
