package chart

import (
	"cmp"
	"fmt"
	"maps"
	"math/bits"
	"reflect"
	"slices"
)

// decided is a choice with its outcomes.
type decided struct {
	*question
	settings []Settings   // By outcome.
	shownBy  []renderings // By outcome.
}

// others are the outcomes but for that of the defaults: those first in which most values have their probes, so that lines with values in
// them are found before the same lines without.
func (d decided) others() []int {
	var numbers []int
	for outcome, settings := range d.settings {
		if len(settings) > 0 {
			numbers = append(numbers, outcome)
		}
	}
	slices.SortStableFunc(numbers, func(a, b int) int { return cmp.Compare(len(d.settings[a]), len(d.settings[b])) })
	return numbers
}

// renderings is a set: a bit for each.
type renderings uint64

const mostRenderings = 64

// decide gives the choices, those first that need renderings alone, and then those with many outcomes.
func (c Chart) decide() ([]decided, error) {
	var choices []decided
	for i := range c.Choices {
		root, all, err := outcomes(&c.Choices[i])
		if err != nil {
			return nil, err
		}
		choices = append(choices, decided{root, all, make([]renderings, len(all))})
	}
	slices.SortStableFunc(choices, func(a, b decided) int {
		if a.Alone != b.Alone {
			return map[bool]int{true: -1, false: 1}[a.Alone]
		}
		return cmp.Compare(len(b.settings), len(a.settings))
	})
	return choices, nil
}

// share says which outcomes each rendering shows, besides the base, which shows the defaults'. Choices share renderings, but no two
// outcomes are shown by the same ones: what differs in exactly these renderings follows from the outcome.
func share(choices []decided) ([]Settings, error) {
	for count := 1; count <= mostRenderings; count++ {
		s := sharing{shown: make([]Settings, count), taken: map[renderings]bool{}}
		if !slices.ContainsFunc(choices, func(d decided) bool { return !s.give(d) }) {
			return s.shown, nil
		}
	}
	return nil, fmt.Errorf("%d choices need more than %d renderings", len(choices), mostRenderings)
}

// together are renderings in which each outcome is shown once, with as many others as there is room for.
func together(choices []decided) []Settings {
	s := sharing{shown: []Settings{nil}}
	for _, d := range choices {
		next := 1
		for _, outcome := range d.others() {
			for next < len(s.shown) && !s.fits(d, outcome, 1<<next) {
				next++
			}
			if next == len(s.shown) {
				s.shown = append(s.shown, nil)
			}
			s.show(d, outcome, 1<<next)
			next++
		}
	}
	return s.shown
}

type sharing struct {
	shown []Settings // By rendering, the base first.
	alone renderings // That show one choice only.
	taken map[renderings]bool
}

// give gives each outcome of a choice one rendering or two, and that of the defaults all others. It says whether there are enough.
func (s *sharing) give(d decided) bool {
	var candidates []renderings
	for i := 1; i < len(s.shown); i++ {
		for j := 1; j <= i; j++ {
			candidates = append(candidates, 1<<i|1<<j)
		}
	}
	slices.SortStableFunc(candidates, func(a, b renderings) int { return bits.OnesCount64(uint64(a)) - bits.OnesCount64(uint64(b)) })
	unions, last := []renderings{0}, renderings(0)
	for _, outcome := range d.others() {
		at := slices.IndexFunc(candidates, func(set renderings) bool {
			return set&-set > last && set&unions[len(unions)-1] == 0 && s.fits(d, outcome, set) &&
				!slices.ContainsFunc(unions, func(others renderings) bool { return s.taken[others|set] })
		})
		if at < 0 {
			return false
		}
		set := candidates[at]
		for _, others := range unions {
			unions = append(unions, others|set)
			s.taken[others|set] = true
		}
		last = set & -set
		d.shownBy[outcome] = set
		s.show(d, outcome, set)
	}
	for outcome, settings := range d.settings {
		if len(settings) == 0 {
			d.shownBy[outcome] = (1<<len(s.shown) - 1) &^ unions[len(unions)-1]
		}
	}
	return true
}

func (s *sharing) fits(d decided, outcome int, set renderings) bool {
	for i, given := range s.shown {
		if set&(1<<i) == 0 {
			continue
		}
		if s.alone&(1<<i) != 0 || d.Alone && given != nil {
			return false
		}
		for key, value := range d.settings[outcome] {
			if other, is := given[key]; is && !reflect.DeepEqual(value, other) {
				return false
			}
		}
	}
	return true
}

func (s *sharing) show(d decided, outcome int, set renderings) {
	for i := range s.shown {
		if set&(1<<i) != 0 {
			merged := maps.Clone(d.settings[outcome])
			maps.Copy(merged, s.shown[i])
			s.shown[i] = merged
		}
	}
	if d.Alone {
		s.alone |= set
	}
}

// rendering is the documents for some settings.
type rendering struct {
	settings  Settings
	shown     Settings   // Those of outcomes.
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

// render renders settings in place of some that it begins with.
func (m *merger) render(settings, others Settings) (*rendering, error) {
	maps.Copy(settings, others)
	texts, err := m.Render(settings)
	if err != nil {
		return nil, fmt.Errorf("render with %v: %w", others, err)
	}
	r := &rendering{settings: settings, shown: others}
	for _, text := range texts {
		d, err := m.read(text)
		if err != nil {
			return nil, err
		}
		r.source = append(r.source, d)
	}
	return r, nil
}

// addProbed adds a rendering with probes, and finds them.
func (m *merger) addProbed(settings Settings) error {
	r, err := m.render(probed(m.Values), settings)
	if err != nil {
		return err
	}
	by, err := probesIn(m.Values, r.settings)
	if err != nil {
		return err
	}
	for _, d := range r.source {
		if d, err = d.takenApart(by, r.source); err != nil {
			return err
		}
		d.name = join(by.split(d.name), defaults(m.Values))
		r.documents = append(r.documents, d)
	}
	m.probed = append(m.probed, r)
	return nil
}

// read remembers documents: most of them are in many renderings.
func (m *merger) read(text string) (d document, err error) {
	d, known := m.known[text]
	if !known {
		d, err = newDocument(text)
		m.known[text] = d
	}
	return d, err
}
