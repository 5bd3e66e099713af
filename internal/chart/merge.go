package chart

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// merger finds which lines of the documents follow from which choice.
type merger struct {
	Chart
	choices []*question
	probed  []*rendering // Have probes in place of the values. The first one is the base.
	known   map[string]document
}

// condition is that a choice has one of the outcomes that some renderings show.
type condition struct {
	choice *question
	shown  renderings
}

// names are those of all documents, each behind the one that it follows in a rendering.
func (m *merger) names() []string {
	var order []string
	for _, r := range m.probed {
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

// merge gives the lines that a document has in any rendering, each with its conditions.
func (m *merger) merge(name string) (lines, error) {
	base := slices.Clone(m.probed[0].document(name).lines)
	for i := range base {
		base[i].shownBy = m.all()
	}
	places := make([]lines, len(base)+1) // What other renderings have before each line.
	for i, r := range m.probed[1:] {
		shown := renderings(1) << (i + 1)
		for _, h := range diff(base, r.document(name).lines, r.settings) {
			for at := h.from; at < h.to; at++ {
				base[at].shownBy &^= shown
			}
			for at, added := range h.places(base) {
				places[at] = places[at].with(added, shown, r.settings)
			}
		}
	}
	merged := places[0]
	for i, l := range base {
		merged = append(append(merged, l), places[i+1]...)
	}
	return merged, m.explain(name, merged)
}

func (m *merger) all() renderings { return 1<<len(m.probed) - 1 }

// with adds the lines that one more rendering has at the same place.
func (l lines) with(added lines, shown renderings, settings Settings) lines {
	added = slices.Clone(added)
	var merged lines
	at := 0
	same := func(to int) {
		for ; at < to; at++ {
			l[at].shownBy |= shown
			merged = append(merged, l[at])
		}
	}
	for i := range added {
		added[i].shownBy = shown
	}
	for _, h := range diff(l, added, settings) {
		same(h.from)
		others := fields(l[h.from:h.to])
		for _, field := range fields(h.lines) {
			for len(others) > 0 && others[0][0].precedes(field[0]) {
				merged, others = append(merged, others[0]...), others[1:]
			}
			merged = append(merged, field...)
		}
		merged, at = append(merged, slices.Concat(others...)...), h.to
	}
	same(len(l))
	return merged
}

// precedes compares what two choices add at one place: what belongs to the field before comes first, and fields are sorted.
func (l line) precedes(other line) bool {
	inner := cmp.Compare(other.indent(), l.indent())
	return inner < 0 || inner == 0 && (l.isElement() || l.head+l.text <= other.head+other.text)
}

// explain finds the conditions of all lines.
func (m *merger) explain(name string, all lines) error {
	var errs []error
	for i := range all {
		l := &all[i]
		above := i - 1
		for above >= 0 && (all[above].indent() >= l.indent() || l.shownBy&^all[above].shownBy != 0) {
			above--
		}
		var under []condition
		if above >= 0 {
			under = all[above].under
		}
		under = m.narrow(under, l.shownBy)
		if under == nil && (i == 0 || all[i-1].shownBy != l.shownBy) {
			errs = append(errs, fmt.Errorf("%s%s: %w", name, l.path, m.unexplained(*l)))
		}
		l.under = under
	}
	return errors.Join(errs...)
}

// narrow adds or narrows conditions until they hold in these renderings only: that of one choice, and before it those of choices that are
// rendered alone.
func (m *merger) narrow(under []condition, to renderings) []condition {
	before := m.shownBy(under)
	if before == to {
		return append([]condition{}, under...)
	}
	for _, outer := range []bool{false, true} {
		for _, choice := range m.choices {
			narrower, narrowed := slices.Clone(under), condition{choice, choice.shownBy(to)}
			if at := slices.IndexFunc(under, func(c condition) bool { return c.choice == choice }); at >= 0 {
				narrower[at] = narrowed
			} else {
				narrower = append(narrower, narrowed)
			}
			switch shown := m.shownBy(narrower); {
			case shown == to:
				return narrower
			case outer && choice.Alone && shown != before:
				if all := m.narrow(narrower, to); all != nil {
					return all
				}
			}
		}
	}
	return nil
}

// shownBy are the renderings in which all conditions hold.
func (m *merger) shownBy(all []condition) renderings {
	shown := m.all()
	for _, c := range all {
		shown &= c.shown
	}
	return shown
}

// unexplained says what is wrong with a line that no choice explains.
func (m *merger) unexplained(l line) error {
	changed := l.shownBy
	if changed&1 != 0 { // The base has it.
		changed = m.all() &^ changed
	}
	for i, first := range m.choices {
		for _, second := range m.choices[i+1:] {
			for _, outcome := range first.others() {
				rest := changed &^ outcome.shown
				if outcome.shown&^changed == 0 && slices.ContainsFunc(second.others(), func(o *question) bool { return o.shown == rest }) {
					return fmt.Errorf("both %q and %q decide on it: make one choice of them", first.If, second.If)
				}
			}
		}
	}
	var with []Settings
	for i, r := range m.probed {
		if l.shownBy&(1<<i) != 0 {
			with = append(with, r.others)
		}
	}
	return fmt.Errorf("%s is there with %v only, and no choice explains that. Render one Alone that removes what others decide on", brief(lines{l}), with)
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
