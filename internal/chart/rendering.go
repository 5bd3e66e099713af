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
	settings []Settings   // By outcome.
	shownBy  []renderings // By outcome.
}

// bySettings are the outcomes, those first in which most values have their probes: lines with values in them are found before the same
// lines without.
func (d decided) bySettings() []int {
	numbers := make([]int, len(d.settings))
	for outcome := range numbers {
		numbers[outcome] = outcome
	}
	slices.SortStableFunc(numbers, func(a, b int) int { return cmp.Compare(len(d.settings[a]), len(d.settings[b])) })
	return numbers
}

// renderings is a set: a bit for each.
type renderings uint64

const mostRenderings = 64

// shareRenderings says which outcomes each rendering shows, besides the base, which shows the defaults'. Choices share renderings, but
// no two outcomes are shown by the same ones: what differs in exactly these renderings follows from the outcome.
func (c Chart) shareRenderings() (choices []decided, shown []Settings, err error) {
	for i := range c.Choices {
		root, all, err := outcomes(&c.Choices[i])
		if err != nil {
			return nil, nil, err
		}
		choices = append(choices, decided{root, all, nil})
	}
	// First choices that need renderings alone, and those with many outcomes.
	order := slices.SortedStableFunc(slices.Values(choices), func(a, b decided) int {
		if a.Alone != b.Alone {
			return map[bool]int{true: -1, false: 1}[a.Alone]
		}
		return cmp.Compare(len(b.settings), len(a.settings))
	})
	for count := 1; count <= mostRenderings; count++ {
		s := share{shown: make([]Settings, count), taken: map[renderings]bool{}}
		if !slices.ContainsFunc(order, func(d decided) bool { return !s.give(d) }) {
			for i := range choices {
				choices[i].shownBy = s.given[choices[i].question]
			}
			return choices, s.shown, nil
		}
	}
	return nil, nil, fmt.Errorf("%d choices need more than %d renderings", len(choices), mostRenderings)
}

type share struct {
	shown []Settings // By rendering, the base first.
	alone renderings // That show one choice only.
	taken map[renderings]bool
	given map[*question][]renderings
}

// give gives each outcome of a choice one rendering or two, and says whether there are enough. That of the defaults, which has no
// settings, gets all others.
func (s *share) give(d decided) bool {
	var candidates []renderings
	for i := 1; i < len(s.shown); i++ {
		for j := 1; j <= i; j++ {
			candidates = append(candidates, 1<<i|1<<j)
		}
	}
	slices.SortStableFunc(candidates, func(a, b renderings) int { return bits.OnesCount64(uint64(a)) - bits.OnesCount64(uint64(b)) })
	shownBy, unions, last := make([]renderings, len(d.settings)), []renderings{0}, renderings(0)
	bySettings := d.bySettings()
	for _, outcome := range bySettings[1:] {
		settings := d.settings[outcome]
		at := slices.IndexFunc(candidates, func(set renderings) bool {
			return set&-set > last && set&unions[len(unions)-1] == 0 && s.fits(d, settings, set) &&
				!slices.ContainsFunc(unions, func(others renderings) bool { return s.taken[others|set] })
		})
		if at < 0 {
			return false
		}
		last = candidates[at] & -candidates[at]
		shownBy[outcome] = candidates[at]
		for _, others := range unions {
			unions = append(unions, others|candidates[at])
		}
		s.show(settings, candidates[at])
		if d.Alone {
			s.alone |= candidates[at]
		}
	}
	for _, set := range unions {
		s.taken[set] = true
	}
	shownBy[bySettings[0]] = s.all() &^ unions[len(unions)-1]
	if s.given == nil {
		s.given = map[*question][]renderings{}
	}
	s.given[d.question] = shownBy
	return true
}

func (s *share) all() renderings { return 1<<len(s.shown) - 1 }

func (s *share) fits(d decided, settings Settings, set renderings) bool {
	for i, given := range s.shown {
		if set&(1<<i) == 0 {
			continue
		}
		if s.alone&(1<<i) != 0 || d.Alone && given != nil {
			return false
		}
		for key, value := range settings {
			if other, is := given[key]; is && fmt.Sprintf("%#v", value) != fmt.Sprintf("%#v", other) {
				return false
			}
		}
	}
	return true
}

func (s *share) show(settings Settings, set renderings) {
	for i := range s.shown {
		if set&(1<<i) == 0 {
			continue
		}
		if s.shown[i] == nil {
			s.shown[i] = Settings{}
		}
		maps.Copy(s.shown[i], settings)
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

func (m *merger) render(settings Settings) (*rendering, error) {
	texts, err := m.Render(settings)
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
	return r, nil
}

// takeApart finds the values in a rendering with probes.
func (m *merger) takeApart(r *rendering) error {
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
