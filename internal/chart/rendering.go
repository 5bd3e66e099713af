package chart

import (
	"cmp"
	"fmt"
	"maps"
	"math/bits"
	"reflect"
	"slices"
)

// renderings is a set: a bit for each.
type renderings uint64

const mostRenderings = 64

// questions are those of all choices, those first that need renderings alone, and then those with many outcomes.
func (c Chart) questions() ([]*question, error) {
	var all []*question
	for i := range c.Choices {
		q, err := newQuestion(&c.Choices[i])
		if err != nil {
			return nil, err
		}
		all = append(all, q)
	}
	slices.SortStableFunc(all, func(a, b *question) int {
		if a.Alone != b.Alone {
			return map[bool]int{true: -1, false: 1}[a.Alone]
		}
		return cmp.Compare(len(b.outcomes()), len(a.outcomes()))
	})
	return all, nil
}

// share says which outcomes each rendering shows, besides the base, which shows the defaults'. Choices share renderings, but no two
// outcomes are shown by the same ones: what differs in exactly these renderings follows from the outcome.
func share(questions []*question) ([]Settings, error) {
	for count := 1; count <= mostRenderings; count++ {
		s := sharing{settings: make([]Settings, count), taken: map[renderings]bool{}}
		if !slices.ContainsFunc(questions, func(q *question) bool { return !s.give(q) }) {
			return s.settings, nil
		}
	}
	return nil, fmt.Errorf("%d choices need more than %d renderings", len(questions), mostRenderings)
}

// together are the settings of renderings in which each outcome is shown once, with as many others as there is room for. Those of choices
// that are rendered alone would show nothing together.
func together(questions []*question) []Settings {
	s := sharing{settings: []Settings{nil}}
	for _, q := range questions {
		if q.Alone {
			continue
		}
		next := 1
		for _, outcome := range q.others() {
			for next < len(s.settings) && !s.fits(q, outcome, 1<<next) {
				next++
			}
			if next == len(s.settings) {
				s.settings = append(s.settings, nil)
			}
			s.show(q, outcome, 1<<next)
			next++
		}
	}
	return s.settings
}

type sharing struct {
	settings []Settings // By rendering, the base first.
	alone    renderings // That show one choice only.
	taken    map[renderings]bool
}

// give gives each outcome one rendering or two, and that of the defaults all others. It says whether there are enough.
func (s *sharing) give(q *question) bool {
	var candidates []renderings
	for i := 1; i < len(s.settings); i++ {
		for j := 1; j <= i; j++ {
			candidates = append(candidates, 1<<i|1<<j)
		}
	}
	slices.SortStableFunc(candidates, func(a, b renderings) int { return bits.OnesCount64(uint64(a)) - bits.OnesCount64(uint64(b)) })
	unions, last := []renderings{0}, renderings(0)
	for _, outcome := range q.others() {
		at := slices.IndexFunc(candidates, func(set renderings) bool {
			return set&-set > last && set&unions[len(unions)-1] == 0 && s.fits(q, outcome, set) &&
				!slices.ContainsFunc(unions, func(others renderings) bool { return s.taken[others|set] })
		})
		if at < 0 {
			return false
		}
		outcome.shown = candidates[at]
		for _, others := range unions {
			unions = append(unions, others|outcome.shown)
			s.taken[others|outcome.shown] = true
		}
		last = outcome.shown & -outcome.shown
		s.show(q, outcome, outcome.shown)
	}
	for _, outcome := range q.outcomes() {
		if len(outcome.settings) == 0 {
			outcome.shown = (1<<len(s.settings) - 1) &^ unions[len(unions)-1]
		}
	}
	return true
}

func (s *sharing) fits(q, outcome *question, set renderings) bool {
	for i, given := range s.settings {
		if set&(1<<i) == 0 {
			continue
		}
		if s.alone&(1<<i) != 0 || q.Alone && given != nil {
			return false
		}
		for key, value := range outcome.settings {
			if other, is := given[key]; is && !reflect.DeepEqual(value, other) {
				return false
			}
		}
	}
	return true
}

func (s *sharing) show(q, outcome *question, set renderings) {
	for i := range s.settings {
		if set&(1<<i) != 0 {
			merged := maps.Clone(outcome.settings)
			maps.Copy(merged, s.settings[i])
			s.settings[i] = merged
		}
	}
	if q.Alone {
		s.alone |= set
	}
}

// rendering is the documents for some settings.
type rendering struct {
	settings  Settings
	others    Settings   // Those of them that outcomes have.
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
	r := &rendering{settings: settings, others: others}
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
