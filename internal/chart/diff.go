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
		hunks, least = append(hunks, h), h.to
	}
	return hunks
}

// slide moves what is only added or only removed, where the lines before and after it allow that, so that it begins with its outermost
// line: an element of a list with its dash, and not with the last lines of the element before.
func (h hunk) slide(model lines, least, most int, settings Settings) hunk {
	around := slices.Concat(model[least:h.from], h.lines, model[h.from:most])
	written, length, best := around.written(settings), max(h.to-h.from, len(h.lines)), h.from-least
	for best+length < len(around) && written[best] == written[best+length] {
		best++
	}
	for at := best; at > 0 && written[at-1] == written[at-1+length]; at-- {
		if around[at-1].indent() < around[best].indent() {
			best = at - 1
		}
	}
	if h.from == h.to {
		return hunk{least + best, least + best, around[best : best+length]}
	}
	return hunk{least + best, least + best + length, nil}
}

// places says before which line of the model each line of the hunk belongs: behind the field in whose place it is, if there is one. So it
// is at one place, whatever else differs beside it.
func (h hunk) places(model lines) map[int]lines {
	places, at := map[int]lines{}, h.from
	for _, field := range fields(h.lines) {
		for i, old := range fields(model[at:h.to]) {
			if old[0].path == field[0].path {
				for _, gone := range fields(model[at:h.to])[:i+1] {
					at += len(gone)
				}
				break
			}
		}
		places[at] = append(places[at], field...)
	}
	return places
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
