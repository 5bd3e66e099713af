package chart

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// merger finds the conditions of all lines.
type merger struct {
	choices    []*Choice
	renderings []*rendering // With probes. The first is that of the defaults.
}

// condition is that a choice has one of the outcomes that some renderings show.
type condition struct {
	choice *Choice
	shown  renderings
}

// merge returns the lines that a document has in any rendering, each with its conditions.
func (m *merger) merge(file, document string) (lines, error) {
	isPart := func(l line) bool { return l.document == document }
	merged := m.renderings[0].files[file].where(isPart)
	places := map[int]lines{} // What other renderings have before each line of the first.
	for i, r := range m.renderings {
		shown := renderings(1) << i
		for at, others := range merged.compare(r.files[file].where(isPart), shown, r.settings, behindSame) {
			places[at] = places[at].with(others, shown, r.settings)
		}
	}
	merged = merged.insert(places)
	return merged, m.explain(merged)
}

// with adds the lines of one more rendering.
func (l lines) with(added lines, shown renderings, settings Settings) lines {
	return l.insert(l.compare(added, shown, settings, behindEarlier))
}

// compare notes which lines one more rendering has, too, and returns the others that it has, by the lines before which they belong.
func (l lines) compare(other lines, shown renderings, settings Settings, behind func([]lines, line) int) map[int]lines {
	places := map[int]lines{}
	for i := range l {
		l[i].shownBy |= shown
	}
	for _, d := range diff(l, other, settings) {
		for i := d.Start; i < d.End; i++ {
			l[i].shownBy &^= shown
		}
		at := d.Start
		for _, field := range fields(other[d.ReplStart:d.ReplEnd]) {
			before := fields(l[at:d.End])
			at += len(slices.Concat(before[:behind(before, field[0])]...))
			for _, added := range field {
				added.shownBy = shown
				places[at] = append(places[at], added)
			}
		}
	}
	return places
}

// behindSame is how many of the fields that the defaults have instead of a field it belongs behind: so it is at one place, whatever else
// differs beside it.
func behindSame(defaults []lines, field line) int {
	return 1 + slices.IndexFunc(defaults, func(other lines) bool { return other[0].path == field.path })
}

// behindEarlier is how many of the fields of other renderings a field belongs behind: a field that is further in belongs to the one before,
// and the fields of a map are sorted.
func behindEarlier(others []lines, field line) int {
	return leading(others, func(other lines) bool {
		inner := cmp.Compare(field.indent(), other[0].indent())
		return inner < 0 || inner == 0 && (other[0].isElement() || other[0].source <= field.source)
	})
}

func (l lines) insert(places map[int]lines) lines {
	merged := slices.Clone(places[0])
	for i, line := range l {
		merged = append(append(merged, line), places[i+1]...)
	}
	return merged
}

// explain finds the conditions of all lines.
func (m *merger) explain(all lines) error {
	var errs []error
	for i := range all {
		l := &all[i]
		above := i - 1
		for above >= 0 && (all[above].indent() >= l.indent() || l.shownBy&^all[above].shownBy != 0) {
			above--
		}
		if above >= 0 {
			l.under = all[above].under
		}
		under, found := m.narrow(l.under, l.shownBy)
		if !found && (i == 0 || all[i-1].shownBy != l.shownBy) {
			errs = append(errs, fmt.Errorf("%s%s: %w", l.document, l.path, m.unexplained(*l)))
		}
		l.under = under
	}
	return errors.Join(errs...)
}

// narrow adds or narrows conditions until they are met in these renderings only: that of one choice, and before it those of choices that
// are rendered alone.
func (m *merger) narrow(under []condition, to renderings) ([]condition, bool) {
	before, outer := m.showing(under), [][]condition{}
	if before == to {
		return under, true
	}
	for _, choice := range m.choices {
		narrowed := condition{choice, showing(choice.outcomes(), to)}
		narrower := slices.Clone(under)
		if at := slices.IndexFunc(under, func(c condition) bool { return c.choice == choice }); at >= 0 {
			narrower[at] = narrowed
		} else {
			narrower = append(narrower, narrowed)
		}
		switch shown := m.showing(narrower); {
		case shown == to:
			return narrower, true
		case choice.Alone && shown != before:
			outer = append(outer, narrower)
		}
	}
	for _, conditions := range outer {
		if all, found := m.narrow(conditions, to); found {
			return all, true
		}
	}
	return nil, false
}

// showing are the renderings in which all conditions are met.
func (m *merger) showing(all []condition) renderings {
	shown := renderings(1)<<len(m.renderings) - 1
	for _, c := range all {
		shown &= c.shown
	}
	return shown
}

// unexplained says what is wrong with a line that no choice explains.
func (m *merger) unexplained(l line) error {
	changed, on := l.shownBy, []string{}
	if changed&1 != 0 { // The defaults have it.
		changed ^= m.showing(nil)
	}
	for i, first := range m.choices {
		for _, outcome := range first.outcomes()[1:] {
			if changed&^outcome.shown == 0 {
				on = append(on, strconv.Quote(first.If))
			}
			for _, second := range m.choices[i+1:] {
				if slices.ContainsFunc(second.outcomes()[1:], func(o *Outcome) bool { return outcome.shown|o.shown == changed }) {
					return fmt.Errorf("both %q and %q decide on it: make one choice of them", first.If, second.If)
				}
			}
		}
	}
	return fmt.Errorf("%.200q depends on more than one choice, of which some may be %s: make one of them, add a form, or render Alone what removes it",
		strings.TrimSpace(l.source), cmp.Or(strings.Join(on, ", "), "unknown"))
}
