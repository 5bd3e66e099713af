package chart

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
)

// weaver writes documents as templates.
type weaver struct {
	base  Settings
	name  string  // Of the document.
	each  *Choice // That repeats the lines, if one does.
	shown map[string]bool
	asked strings.Builder // All conditions.
	errs  []error
}

// version is what one outcome has in a region.
type version struct {
	lines
	inner    []region // Of other choices. Only the model has them: their renderings have the default's outcome of this one.
	settings Settings
}

// weave writes lines, with conditions around those that depend on choices.
func (w *weaver) weave(all lines, regions []region) []string {
	var written []string
	at := 0
	for outer, inner := range w.nested(all, regions) {
		written = append(written, w.lines(all[at:outer.from])...)
		model := version{lines: all[outer.from:outer.to], settings: w.base}
		for _, r := range inner {
			model.inner = append(model.inner, r.moved(-outer.from))
		}
		written = append(written, w.region(outer, model)...)
		at = outer.to
	}
	return append(written, w.lines(all[at:])...)
}

func (r region) moved(by int) region {
	moved := region{r.from + by, r.to + by, r.question, r.decided, map[int][]hunk{}}
	for outcome, hunks := range r.hunks {
		for _, h := range hunks {
			moved.hunks[outcome] = append(moved.hunks[outcome], hunk{h.from + by, h.to + by, h.lines})
		}
	}
	return moved
}

// nested gives the outermost regions in their order, each with those within it.
func (w *weaver) nested(all lines, regions []region) iter.Seq2[region, []region] {
	slices.SortStableFunc(regions, func(a, b region) int {
		// What is put before a line comes before what changes it.
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(min(1, a.to-a.from), min(1, b.to-b.from)), cmp.Compare(b.to, a.to), precedes(a, b))
	})
	return func(yield func(region, []region) bool) {
		for len(regions) > 0 {
			outer, size := regions[0], 1
			for size < len(regions) && outer.holds(regions[size], len(all)) {
				size++
			}
			inner := regions[1:size:size]
			for _, r := range inner {
				if r.to > outer.to || r.from == outer.from && r.to == outer.to {
					w.fail(all, r, "both %q and %q decide on it: make one choice of them", outer.If, r.If)
					return
				}
			}
			if !yield(outer, inner) {
				return
			}
			regions = regions[size:]
		}
	}
}

// holds says whether a region meets another one. That of a whole document holds what is put at its end.
func (r region) holds(other region, size int) bool {
	if r.from == r.to && precedes(r, other) != 0 {
		return false
	}
	return r.meets(other.from, other.to) || r.from == 0 && r.to == size && other.from == size
}

// precedes compares what is put at one place: fields are sorted, and what belongs to the field before comes first.
func precedes(a, b region) int {
	first, second := a.added(), b.added()
	if first == nil || second == nil {
		return 0
	}
	textA, textB := first[0].head+first[0].text, second[0].head+second[0].text
	inner := cmp.Compare(indentOf(second[0]), indentOf(first[0]))
	if inner == 0 && strings.HasPrefix(strings.TrimLeft(textA, " "), "- ") {
		return 0
	}
	return cmp.Or(inner, cmp.Compare(textA, textB))
}

// added are the lines of one of the outcomes that has some.
func (r region) added() lines {
	for _, outcome := range slices.Sorted(maps.Keys(r.hunks)) {
		if added := r.hunks[outcome][0].lines; len(added) > 0 {
			return added
		}
	}
	return nil
}

func (w *weaver) fail(all lines, r region, format string, arguments ...any) {
	h := hunk{r.from, r.to, r.added()}
	w.errs = append(w.errs, fmt.Errorf("%s%s: "+format, append([]any{w.name, h.path(all)}, arguments...)...))
}

// region writes what each outcome has.
func (w *weaver) region(r region, model version) []string {
	versions := map[int]version{}
	for _, outcome := range r.leaves() {
		if hunks := r.hunks[outcome]; hunks != nil {
			versions[outcome] = version{lines: apply(r.moved(-r.from).hunks[outcome], model.lines, 0, len(model.lines))}
		} else {
			versions[outcome] = model
		}
		v := versions[outcome]
		v.settings = maps.Clone(w.base)
		maps.Copy(v.settings, r.decided.settings[outcome])
		versions[outcome] = v
	}
	order := append([]int{}, r.leaves()...)
	slices.SortStableFunc(order, func(a, b int) int { return len(r.decided.settings[a]) - len(r.decided.settings[b]) })
	same := map[int]int{}
	for i, outcome := range order {
		same[outcome] = outcome
		for _, other := range order[:i] {
			v := versions[outcome]
			if slices.Equal(versions[other].written(v.settings), v.written(v.settings)) {
				same[outcome] = same[other]
				break
			}
		}
	}
	return w.ask(r.decided, r.prune(same), versions)
}

// prune leaves out questions whose answer makes no difference. Outcomes that are the same have the number of the first of them.
func (q *question) prune(same map[int]int) *question {
	if q.Choice == nil {
		return &question{outcome: same[q.outcome]}
	}
	yes, no := q.yes.prune(same), q.no.prune(same)
	if yes.Choice == nil && no.Choice == nil && yes.outcome == no.outcome {
		return yes
	}
	return &question{Choice: q.Choice, yes: yes, no: no}
}

// ask writes a question, and what follows from its answers.
func (w *weaver) ask(of decided, q *question, versions map[int]version) []string {
	if q.Choice == nil {
		return w.weave(versions[q.outcome].lines, versions[q.outcome].inner)
	}
	if w.each != nil && strings.Contains(q.If, ".Values") {
		w.errs = append(w.errs, fmt.Errorf("%s: %q is asked for each of %q, where only $name and $value are known", w.name, q.If, w.each.If))
	}
	w.asked.WriteString(q.If + "\n")
	nothing := func(q *question) bool { return q.Choice == nil && len(versions[q.outcome].lines) == 0 }
	var written []string
	switch {
	case q.Each:
		written = w.repeat(of, q, versions)
	case nothing(q.yes):
		written = append([]string{"{{- if not " + parenthesized(q.If) + " }}"}, w.common(of, q.no, versions)...)
	default:
		written = append([]string{"{{- if " + q.If + " }}"}, w.common(of, q.yes, versions)...)
		for q = q.no; !nothing(q); q = q.no {
			if q.Choice == nil || q.Each || nothing(q.yes) {
				written = append(append(written, "{{- else }}"), w.common(of, q, versions)...)
				break
			}
			w.asked.WriteString(q.If + "\n")
			written = append(append(written, "{{- else if "+q.If+" }}"), w.common(of, q.yes, versions)...)
		}
	}
	return indented(append(written, "{{- end }}"))
}

// common writes what several outcomes share once, and asks only about the rest.
func (w *weaver) common(of decided, q *question, versions map[int]version) []string {
	leaves := q.leaves()
	slices.SortStableFunc(leaves, func(a, b int) int { return len(of.settings[a]) - len(of.settings[b]) })
	model, hunks := versions[leaves[0]], map[int][]hunk{}
	for _, outcome := range leaves[1:] {
		v := versions[outcome]
		hunks[outcome] = diff(model.lines, v.lines, v.settings)
	}
	return w.weave(model.lines, append(unite(of, q, hunks), model.inner...))
}

// repeat writes elements of a list for each element of a map.
func (w *weaver) repeat(of decided, q *question, versions map[int]version) []string {
	shown := versions[q.yes.leaves()[0]].lines
	if q.no.Choice != nil || len(versions[q.no.outcome].lines) > 0 || !areElements(shown) {
		w.errs = append(w.errs, fmt.Errorf("%s%s: %q repeats elements of a list, and decides on something else here", w.name, shown[0].path, q.If))
		return nil
	}
	defer func(outer *Choice) { w.each = outer }(w.each)
	w.each = q.Choice
	loop := []string{"{{- range $name, $value := " + q.If + " }}"}
	if q.Names != "" {
		// Within the loop a dot is the name.
		loop = []string{"{{- range $name := " + q.Names + " }}", "{{- $value := index $" + q.If + " $name }}"}
	}
	return append(loop, w.common(of, q.yes, versions)...)
}

// areElements says whether lines are whole elements of a list.
func areElements(all lines) bool {
	outermost := -1
	for _, l := range all {
		text := l.head + l.text
		indent := indentOf(l)
		if outermost < 0 {
			outermost = indent
		}
		if indent < outermost || indent == outermost && !strings.HasPrefix(text[indent:], "- ") {
			return false
		}
	}
	return outermost >= 0
}

func parenthesized(condition string) string {
	if strings.Contains(condition, " ") {
		return "(" + condition + ")"
	}
	return condition
}

// indented puts actions under the lines that they are about.
func indented(written []string) []string {
	at := slices.IndexFunc(written, func(text string) bool { return !strings.HasPrefix(strings.TrimLeft(text, " "), "{{-") })
	if at < 0 {
		return written
	}
	indent := written[at][:len(written[at])-len(strings.TrimLeft(written[at], " "))]
	for i, text := range written {
		if strings.HasPrefix(text, "{{-") {
			written[i] = indent + text
		}
	}
	return written
}

func (w *weaver) lines(all lines) []string {
	var written []string
	for _, l := range all {
		for _, p := range l.pieces {
			if p.value == nil {
				continue
			}
			w.shown[p.value.key()] = true
			if w.each != nil && p.value.expression() != w.each.If {
				w.errs = append(w.errs, fmt.Errorf("%s%s: %s is within each of %q, where only $name and $value are known",
					w.name, l.path, p.value.key(), w.each.If))
			}
		}
		written = append(written, l.template())
	}
	return written
}
