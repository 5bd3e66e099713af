package chart

import "github.com/aymanbagabas/go-udiff/lcs"

// diff is how other lines, with their settings, differ from those of a model.
func diff(model, other lines, settings Settings) []lcs.Diff {
	before, after, same := model.written(settings), other.written(settings), 0
	for same < min(len(before), len(after)) && before[same] == after[same] {
		same++
	}
	var all []lcs.Diff
	for _, d := range lcs.DiffLines(before[same:], after[same:]) {
		all = append(all, move(d, same))
	}
	last := lcs.Diff{}
	for i, d := range all {
		next := lcs.Diff{Start: len(before), ReplStart: len(after)}
		if i+1 < len(all) {
			next = all[i+1]
		}
		if d.Start == d.End {
			d = move(d, slide(other[:next.ReplStart], after, last.ReplEnd, d.ReplStart, d.ReplEnd))
		} else if d.ReplStart == d.ReplEnd {
			d = move(d, slide(model[:next.Start], before, last.End, d.Start, d.End))
		}
		all[i], last = d, d
	}
	return all
}

func move(d lcs.Diff, by int) lcs.Diff {
	return lcs.Diff{Start: d.Start + by, End: d.End + by, ReplStart: d.ReplStart + by, ReplEnd: d.ReplEnd + by}
}

// slide returns by how much to move lines that are only added or only removed, where the lines before and after allow it, so that they begin
// with the outermost one: an element of a list with its dash, and not with the last lines of the element before.
func slide(all lines, written []string, least, from, to int) int {
	best, length := from, to-from
	for best+length < len(all) && written[best] == written[best+length] {
		best++
	}
	for at := best; at > least && written[at-1] == written[at-1+length]; at-- {
		if all[at-1].indent() < all[best].indent() {
			best = at - 1
		}
	}
	return best - from
}

// fields are lines up to each that is no further in than the first.
func fields(of lines) []lines {
	var all []lines
	for len(of) > 0 {
		count := 1 + leading(of[1:], func(l line) bool { return l.indent() > of[0].indent() })
		all, of = append(all, of[:count]), of[count:]
	}
	return all
}
