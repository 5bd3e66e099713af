package chart

import (
	"math"
	"slices"
	"strings"

	"github.com/aymanbagabas/go-udiff/lcs"
)

// hunk is other lines in place of some of a model's, or at a place between two.
type hunk struct {
	from, to int
	lines    lines
}

// same says whether two hunks are, with the settings of the other one.
func (h hunk) same(other hunk, settings Settings) bool {
	return h.from == other.from && h.to == other.to && slices.Equal(h.lines.written(settings), other.lines.written(settings))
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
		h := hunk{d.Start + same, d.End + same, other[d.ReplStart+same : d.ReplEnd+same]}
		most := len(model)
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
		if end == len(of) || indentOf(of[end]) <= indentOf(of[start]) {
			all, start = append(all, of[start:end]), end
		}
	}
	return all
}

// slide moves what is only added or only removed, where the lines before and after it allow that, so that it begins with its outermost
// line: an element of a list with its dash, and not with the last lines of the element before.
func (h hunk) slide(model lines, least, most int, settings Settings) hunk {
	for h.to < most && h.moved(model, 1, settings) != nil {
		h = *h.moved(model, 1, settings)
	}
	best := h
	for h.from > least && h.moved(model, -1, settings) != nil {
		if h = *h.moved(model, -1, settings); h.indent(model) < best.indent(model) {
			best = h
		}
	}
	return best
}

// moved is the hunk one line further down or up, and nil if that is another one.
func (h hunk) moved(model lines, by int, settings Settings) *hunk {
	changed, added := model[h.from:h.to], h.from == h.to
	if added {
		changed = h.lines
	}
	gone, next := changed[0], h.to
	if by < 0 {
		gone, next = changed[len(changed)-1], h.from-1
	}
	if gone.written(settings) != model[next].written(settings) {
		return nil
	}
	moved := hunk{h.from + by, h.to + by, h.lines}
	if added && by > 0 {
		moved.lines = append(slices.Clone(h.lines[1:]), model[next])
	} else if added {
		moved.lines = append(lines{model[next]}, h.lines[:len(h.lines)-1]...)
	}
	return &moved
}

func (h hunk) indent(model lines) int {
	if h.from < h.to {
		return indentOf(model[h.from])
	}
	return indentOf(h.lines[0])
}

// indentOf is how far in a line is. An empty one belongs to those around it.
func indentOf(l line) int {
	text := l.head + l.text
	if text == "" {
		return math.MaxInt
	}
	return len(text) - len(strings.TrimLeft(text, " "))
}

// apply makes the hunks in the lines of a model between two places.
func apply(hunks []hunk, model lines, from, to int) lines {
	var made lines
	for _, h := range hunks {
		made = slices.Concat(made, model[from:h.from], h.lines)
		from = h.to
	}
	return append(made, model[from:to]...)
}
