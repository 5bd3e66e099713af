package chart

import (
	"slices"

	"github.com/aymanbagabas/go-udiff/lcs"
)

// hunk is lines in place of some of a model's, or at a place between two.
type hunk struct {
	from, to int
	lines    lines
}

// diff is how other lines, with their settings, differ from those of a model.
func diff(model, other lines, settings Settings) []hunk {
	before, after := model.written(settings), other.written(settings)
	same := 0
	for same < min(len(before), len(after)) && before[same] == after[same] {
		same++
	}
	var hunks []hunk
	found, least := lcs.DiffLines(before[same:], after[same:]), 0
	for i, d := range found {
		h, most := hunk{d.Start + same, d.End + same, other[d.ReplStart+same : d.ReplEnd+same]}, len(model)
		if i+1 < len(found) {
			most = found[i+1].Start + same
		}
		if h.from == h.to || len(h.lines) == 0 {
			h = h.slide(model, least, most, settings)
		}
		hunks, least = append(hunks, h.apart(model)...), h.to
	}
	return hunks
}

// apart has a hunk for each field and element that is added, removed or changed: not all of them need follow from one choice.
func (h hunk) apart(model lines) []hunk {
	var parts []hunk
	gone, at := fields(model[h.from:h.to]), h.from
	remove := func(count int, added lines) {
		for i, field := range gone[:count] {
			part := hunk{at, at + len(field), nil}
			if i == count-1 {
				part.lines = added
			}
			parts, at = append(parts, part), part.to
		}
		gone = gone[count:]
	}
	for _, added := range fields(h.lines) {
		if same := slices.IndexFunc(gone, func(field lines) bool { return field[0].path == added[0].path }); same >= 0 {
			remove(same+1, added)
		} else {
			parts = append(parts, hunk{at, at, added})
		}
	}
	remove(len(gone), nil)
	return parts
}

// fields are lines up to each that is no further in than the first.
func fields(of lines) []lines {
	var all []lines
	for start, end := 0, 1; end <= len(of); end++ {
		if end == len(of) || of[end].indent() <= of[start].indent() {
			all, start = append(all, of[start:end]), end
		}
	}
	return all
}

// slide moves what is only added or only removed, where the lines before and after it allow that, so that it begins with its outermost
// line: an element of a list with its dash, and not with the last lines of the element before.
func (h hunk) slide(model lines, least, most int, settings Settings) hunk {
	added := h.from == h.to
	first := h.from - least
	around := slices.Concat(model[least:h.from], h.lines, model[h.from:most])
	length := max(h.to-h.from, len(h.lines))
	written := around.written(settings)
	best := first
	for at := first; at+length < len(around) && written[at] == written[at+length]; at++ {
		best = at + 1
	}
	for at := best; at > 0 && written[at-1] == written[at-1+length]; at-- {
		if around[at-1].indent() < around[best].indent() {
			best = at - 1
		}
	}
	if h.from, h.to = least+best, least+best; added {
		h.lines = around[best : best+length]
	} else {
		h.to += length
	}
	return h
}
