package chart

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// merger finds what in the documents follows from which choice.
type merger struct {
	choices []decided
	base    *rendering   // Has probes in place of the values.
	others  []*rendering // That of the defaults first.
	known   map[string]document
}

// region is a part of a document that depends on a choice.
type region struct {
	from, to int
	*question
	decided decided
	hunks   map[int][]hunk // By outcome. The others have there what the model has.
}

// change is a hunk with the renderings that show it: a bit for each.
type change struct {
	hunk
	shown uint64
	first int // Of the renderings.
}

// names are those of all documents, each behind the one that it follows in a rendering.
func (m merger) names() []string {
	var order []string
	for _, r := range append([]*rendering{m.base}, m.others...) {
		place := 0
		for _, d := range r.documents {
			if known := slices.Index(order, d.name); known >= 0 {
				place = known + 1
			} else {
				order = slices.Insert(order, place, d.name)
				place++
			}
		}
	}
	return order
}

// regions are the parts of a document that depend on choices.
func (m merger) regions(name string) ([]region, error) {
	model := m.base.document(name).lines
	hunks, errs := make([]map[int][]hunk, len(m.choices)), []error{}
	all := m.changes(name, model)
	for _, c := range all {
		choice := m.cause(c.shown)
		if choice < 0 {
			errs = append(errs, fmt.Errorf("%s%s: %w", name, c.path(model), m.unexplained(c, all, model)))
			continue
		}
		if hunks[choice] == nil {
			hunks[choice] = map[int][]hunk{}
		}
		for outcome, shown := range m.choices[choice].shown {
			if shown&c.shown != 0 {
				hunks[choice][outcome] = append(hunks[choice][outcome], c.hunk)
			}
		}
	}
	var found []region
	for i, choice := range m.choices {
		found = append(found, unite(choice, choice.question, hunks[i])...)
	}
	return found, errors.Join(errs...)
}

// changes are all hunks of a document. Those with probes come first: their lines have the values in them.
func (m merger) changes(name string, model lines) []*change {
	var all []*change
	for _, probed := range []bool{true, false} {
		for i, r := range m.others {
			if (i%2 == 1) != probed {
				continue
			}
			place := 0
			for _, h := range diff(model, r.document(name).lines, r.settings) {
				at := slices.IndexFunc(all, func(c *change) bool { return c.same(h, r.settings) })
				if at < 0 {
					at = place
					all = slices.Insert(all, place, &change{hunk: h, first: i})
				}
				all[at].shown |= 1 << i
				place = at + 1
			}
		}
	}
	slices.SortStableFunc(all, func(a, b *change) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
	return all
}

// cause is the choice of which some outcomes are shown by exactly these renderings, and -1 if there is none.
func (m merger) cause(shown uint64) int {
	return slices.IndexFunc(m.choices, func(c decided) bool {
		var all uint64
		for _, by := range c.shown {
			if by&shown == by {
				all |= by
			}
		}
		return all == shown
	})
}

// unexplained says what is wrong with a change of which no choice is the cause.
func (m merger) unexplained(c *change, all []*change, model lines) error {
	of := m.others[c.first]
	is, was, formless := c.lines, model[c.from:c.to], c.shown&1 != 0
	for _, other := range all {
		if other.from == c.from && m.cause(c.shown|other.shown) >= 0 {
			is, was, formless = other.lines, c.lines, true
		}
	}
	if formless {
		return fmt.Errorf("is %s with the probes and %s with the defaults, which no form of a value explains", brief(was), brief(is))
	}
	var causes []string
	for _, choice := range m.choices {
		if slices.ContainsFunc(choice.shown, func(by uint64) bool { return by != 0 && by&c.shown == by }) {
			causes = append(causes, choice.If)
		}
	}
	if len(causes) > 1 {
		return fmt.Errorf("both %q and %q decide on it: make one choice of them", causes[0], causes[1])
	}
	return fmt.Errorf("is %s, and %s with %v: no choice explains that. Render one Alone that removes what others decide on",
		brief(was), brief(is), of.settings)
}

// path is where in the object a hunk is.
func (h hunk) path(model lines) string {
	if h.from < h.to {
		return model[h.from].path
	}
	return h.lines[0].path
}

// brief is what lines say, for an error.
func brief(l lines) string {
	const most = 200
	var all []string
	for _, line := range l {
		if line.text != "---" {
			all = append(all, line.text)
		}
	}
	text := strings.TrimSpace(strings.Join(all, "\n"))
	switch {
	case len(l) == 0:
		return "not there"
	case len(text) > most:
		return strconv.Quote(text[:most] + "…")
	}
	return strconv.Quote(text)
}

// unite makes regions of the hunks of a question's outcomes: those that touch become one.
func unite(choice decided, q *question, byOutcome map[int][]hunk) []region {
	type owned struct {
		hunk
		outcome int
	}
	var all []owned
	for _, outcome := range slices.Sorted(maps.Keys(byOutcome)) {
		for _, h := range byOutcome[outcome] {
			all = append(all, owned{h, outcome})
		}
	}
	slices.SortStableFunc(all, func(a, b owned) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
	var regions []region
	for _, h := range all {
		last := len(regions) - 1
		if last < 0 || h.from > regions[last].to {
			regions = append(regions, region{from: h.from, to: h.to, question: q, decided: choice, hunks: map[int][]hunk{}})
			last++
		}
		r := &regions[last]
		r.to = max(r.to, h.to)
		r.hunks[h.outcome] = append(r.hunks[h.outcome], h.hunk)
	}
	return regions
}

// meets says whether a hunk changes lines of the region, or what is put at the same place.
func (r region) meets(from, to int) bool {
	return from < r.to || from == r.from && to == r.to
}
