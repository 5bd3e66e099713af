package chart

import (
	"cmp"
	"fmt"
	"maps"
	"math/bits"
	"slices"
)

// decided is a choice with its outcomes.
type decided struct {
	*question
	settings []Settings // By outcome.
	shown    []uint64   // By outcome: a bit for each of the renderings that show it.
}

// bySettings are the outcomes but for that of the defaults: those first in which most values have their probes.
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

// mostRenderings is how many a set of bits can hold.
const mostRenderings = 64

// plan says what to render besides the base: the defaults first, and then pairs, of which one rendering has probes and the other one has
// none. Choices share them, and each outcome is shown by some of its own: what differs in exactly these renderings follows from it. There
// are both kinds among them, so that every form of a value has been held against another value too.
func (c Chart) plan() (choices []decided, renderings []Settings, err error) {
	for i := range c.Choices {
		root, all, err := outcomes(&c.Choices[i])
		if err != nil {
			return nil, nil, err
		}
		choices = append(choices, decided{root, all, make([]uint64, len(all))})
	}
	for pairs := 0; 1+2*pairs <= mostRenderings; pairs++ {
		p := plan{renderings: []Settings{defaults(c.Values)}, taken: map[uint64]bool{}}
		for range pairs {
			p.renderings = append(p.renderings, probed(c.Values), defaults(c.Values))
		}
		p.given = make([]Settings, len(p.renderings))
		if p.share(choices, candidates(pairs)) {
			return choices, p.renderings, nil
		}
	}
	return nil, nil, fmt.Errorf("%d choices need more than %d renderings", len(choices), mostRenderings)
}

type plan struct {
	renderings []Settings
	given      []Settings      // By rendering: those of the outcomes that it shows.
	alone      uint64          // Renderings that show one choice.
	taken      map[uint64]bool // The renderings in which a difference may be already, and then tells what it follows from.
}

// candidates are sets of one or two renderings with probes and one or two without, the smallest first.
func candidates(pairs int) []uint64 {
	var halves, all []uint64
	for i := range pairs {
		for j := i; j < pairs; j++ {
			halves = append(halves, 1<<(1+2*i)|1<<(1+2*j))
		}
	}
	for _, probed := range halves {
		for _, others := range halves {
			all = append(all, probed|others<<1)
		}
	}
	slices.SortStableFunc(all, func(a, b uint64) int { return bits.OnesCount64(a) - bits.OnesCount64(b) })
	return all
}

// share says whether there are renderings for all outcomes: first for choices that need some alone, and for those with many outcomes.
func (p *plan) share(choices []decided, candidates []uint64) bool {
	for _, choice := range slices.SortedStableFunc(slices.Values(choices), func(a, b decided) int {
		if a.Alone != b.Alone {
			return map[bool]int{true: -1, false: 1}[a.Alone]
		}
		return cmp.Compare(len(b.settings), len(a.settings))
	}) {
		shown := []uint64{0} // By some of the outcomes.
		for _, outcome := range choice.bySettings() {
			at := slices.IndexFunc(candidates, func(set uint64) bool { return p.fits(choice, outcome, set, shown) })
			if at < 0 {
				return false
			}
			set := candidates[at]
			for _, others := range shown {
				shown = append(shown, others|set)
				p.taken[others|set] = true
			}
			choice.shown[outcome] = set
			if choice.Alone {
				p.alone |= set
			}
			p.show(set, choice.settings[outcome])
		}
	}
	return true
}

func (p *plan) fits(choice decided, outcome int, set uint64, shown []uint64) bool {
	if set&p.alone != 0 || set&shown[len(shown)-1] != 0 {
		return false
	}
	for i, given := range p.given {
		if set&(1<<i) == 0 {
			continue
		}
		for key, value := range choice.settings[outcome] {
			if other, is := given[key]; choice.Alone && given != nil || is && !sameValue(value, other) {
				return false
			}
		}
	}
	return !slices.ContainsFunc(shown, func(others uint64) bool { return p.taken[others|set] })
}

func sameValue(a, b any) bool { return fmt.Sprintf("%#v", a) == fmt.Sprintf("%#v", b) }

func (p *plan) show(set uint64, settings Settings) {
	for i := range p.renderings {
		if set&(1<<i) == 0 {
			continue
		}
		if p.given[i] == nil {
			p.given[i] = Settings{}
		}
		maps.Copy(p.given[i], settings)
		maps.Copy(p.renderings[i], settings)
	}
}

// rendering is the documents for some settings.
type rendering struct {
	settings  Settings
	source    []document // As they were rendered.
	documents []document // With their lines taken apart, and names as with the defaults.
}

// document is empty if the rendering has none of that name.
func (r *rendering) document(name string) document {
	at := slices.IndexFunc(r.documents, func(d document) bool { return d.name == name })
	if at < 0 {
		return document{}
	}
	return r.documents[at]
}

func (m merger) render(c Chart, settings Settings) (*rendering, error) {
	by, err := probesIn(c.Values, settings)
	if err != nil {
		return nil, err
	}
	texts, err := c.Render(settings)
	if err != nil {
		return nil, fmt.Errorf("render with %v: %w", settings, err)
	}
	r := &rendering{settings: settings}
	for _, text := range texts {
		d, err := m.read(text)
		if err != nil {
			return nil, err
		}
		r.source = append(r.source, d)
	}
	for _, d := range r.source {
		if d, err = d.digested(r.source); err != nil {
			return nil, err
		}
		r.documents = append(r.documents, d.split(by, defaults(c.Values)))
	}
	return r, nil
}

// read remembers documents: most of them are in many renderings.
func (m merger) read(text string) (d document, err error) {
	d, known := m.known[text]
	if !known {
		d, err = newDocument(text)
		m.known[text] = d
	}
	return d, err
}
