package chart

import (
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

// condition is that a choice has one of the outcomes that some renderings show, where it can only have those that others show.
type condition struct {
	choice       *Choice
	shown, among renderings
}

// merge returns the lines that a document has in any rendering, each with its conditions.
func (m *merger) merge(name string) (lines, error) {
	shown := map[*document]renderings{}
	for i, r := range m.renderings {
		shown[r.named[name]] |= 1 << i
	}
	var merged lines
	for i, r := range m.renderings {
		if d := r.named[name]; d != nil && shown[d]&(1<<i-1) == 0 { // The same in no rendering before.
			merged = merged.with(d.lines, shown[d], r.settings)
		}
	}
	return merged, m.explain(merged)
}

// with adds the lines that some more renderings have, of which one has the settings. As many as possible are the same.
func (l lines) with(other lines, shown renderings, settings Settings) lines {
	before, after := l.compared(settings), other.compared(settings)
	common := longestCommon(before, after)
	var merged lines
	for i, j := 0, 0; i < len(l) || j < len(other); {
		next := line{}
		switch {
		case i < len(l) && j < len(other) && before[i] == after[j]:
			next = l[i]
			next.shownBy |= shown
			i, j = i+1, j+1
		case j == len(other) || i < len(l) && (common[i+1][j] > common[i][j+1] || common[i+1][j] == common[i][j+1] && l[i].isBefore(other[j])):
			next = l[i]
			i++
		default:
			next = other[j]
			next.shownBy = shown
			j++
		}
		merged = append(merged, next)
	}
	return merged
}

// longestCommon are the lengths of the longest sequences that both have from each pair of places on, except before the first difference.
func longestCommon(before, after []string) [][]int32 {
	first := 0
	for first < min(len(before), len(after)) && before[first] == after[first] {
		first++
	}
	lengths := make([][]int32, len(before)+1)
	for i := len(before); i >= first; i-- {
		lengths[i] = make([]int32, len(after)+1)
		for j := len(after) - 1; j >= first && i < len(before); j-- {
			if before[i] == after[j] {
				lengths[i][j] = lengths[i+1][j+1] + 1
			} else {
				lengths[i][j] = max(lengths[i+1][j], lengths[i][j+1])
			}
		}
	}
	return lengths
}

// isBefore reports whether a line precedes one that is added at the same place: it is indented further, or its path does not sort after the other's.
func (l line) isBefore(added line) bool {
	return l.indent() > added.indent() || l.indent() == added.indent() && l.path <= added.path
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
			errs = append(errs, fmt.Errorf("%s%s: %w", l.document.name, l.path, m.unexplained(*l)))
		}
		l.under = under
	}
	return errors.Join(errs...)
}

// narrow adds conditions to those that are met already, until they are met in these renderings only: that of one choice, and before it those of
// choices that are rendered alone.
func (m *merger) narrow(under []condition, to renderings) ([]condition, bool) {
	before := m.showing(under)
	if before == to {
		return under, true
	}
	var outer []condition
	for _, choice := range m.choices {
		narrowed := condition{choice, choice.root().showing(to), ^renderings(0)}
		for _, c := range under {
			if c.choice == choice {
				narrowed.among = c.shown
			}
		}
		narrower := append(slices.Clone(under), narrowed)
		switch shown := m.showing(narrower); {
		case shown == to:
			return narrower, true
		case choice.Alone && shown != before && outer == nil:
			outer = narrower
		}
	}
	if outer == nil {
		return nil, false
	}
	return m.narrow(outer, to)
}

// showing are the renderings in which all conditions are met.
func (m *merger) showing(all []condition) renderings {
	shown := renderings(1)<<len(m.renderings) - 1
	for _, c := range all {
		shown &= c.shown
	}
	return shown
}

// unexplained says what is wrong with a line that no choice explains: which choices add or remove it, perhaps.
func (m *merger) unexplained(l line) error {
	changed, on := l.shownBy, []string{}
	if changed&1 != 0 { // The defaults have it.
		changed ^= m.showing(nil)
	}
	for _, c := range m.choices {
		if slices.ContainsFunc(c.root().outcomes()[1:], func(o *Outcome) bool { return o.shown&changed == o.shown || o.shown&changed == changed }) {
			on = append(on, strconv.Quote(c.If))
		}
	}
	return fmt.Errorf("%.200q depends on more than one choice, of which some may be %s: make one of them, add a form, or render Alone what removes it",
		strings.TrimSpace(l.source), strings.Join(on, ", "))
}
