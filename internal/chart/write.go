package chart

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// templates returns the templates by file.
func (m *merger) templates(values []Value) (map[string]string, error) {
	var first lines // The first line of each document.
	for i, r := range m.renderings {
		var all lines
		for _, d := range r.documents {
			all = append(all, d.lines[0])
		}
		first = first.with(all, 1<<i, r.settings)
	}
	templates, w, shown := map[string]string{}, &writer{}, map[*Value]bool{}
	for _, l := range first {
		all, err := m.merge(l.document.name)
		if err != nil {
			w.errs = append(w.errs, err)
			continue
		}
		for _, l := range all {
			for _, p := range l.pieces {
				shown[p.value] = true
			}
		}
		w.written = nil
		w.write(all, 0)
		templates[l.document.file] = cmp.Or(templates[l.document.file], generated) + strings.Join(w.written, "\n") + "\n"
	}
	if err := errors.Join(w.errs...); err != nil {
		return nil, err
	}
	// The objects must show each value, or, if it has no probe, a question must ask for it.
	written := strings.Join(slices.Collect(maps.Values(templates)), "\n")
	for i, v := range values {
		isAsked := v.Probe == nil && regexp.MustCompile(regexp.QuoteMeta(v.expression())+`\b`).MatchString(written)
		if !shown[&values[i]] && !isAsked {
			w.errs = append(w.errs, fmt.Errorf("the value %s stands nowhere in the objects", v.Path))
		}
	}
	return templates, errors.Join(w.errs...)
}

// writer writes the lines of documents as templates, with actions around those that have conditions.
type writer struct {
	written []string
	errs    []error
}

// add adds a line. An action that begins with a dash removes the white space before it: what belongs to the document is kept by an action
// that writes nothing.
func (w *writer) add(text string) {
	if last := len(w.written) - 1; last >= 0 && strings.HasPrefix(strings.TrimLeft(text, " "), "{{-") {
		before := w.written[last]
		if before == "" || unicode.IsSpace(rune(before[len(before)-1])) {
			w.written[last] += `{{ "" }}`
		}
	}
	w.written = append(w.written, text)
}

// leading is how many elements come before the first for which something is not so.
func leading[T any](all []T, is func(T) bool) int {
	if count := slices.IndexFunc(all, func(one T) bool { return !is(one) }); count >= 0 {
		return count
	}
	return len(all)
}

// write writes lines of which some conditions are written already.
func (w *writer) write(all lines, written int) {
	for len(all) > 0 {
		if len(all[0].under) == written {
			w.add(all[0].template())
			all = all[1:]
			continue
		}
		branches := alternatives(all, written)
		all = all[len(slices.Concat(branches...)):]
		w.branches(branches, written)
	}
}

// alternatives are the lines that have the next condition, and those behind them that other outcomes of its choice have instead.
func alternatives(all lines, written int) []lines {
	var found []lines
	first := all[0].under[written]
	for left := first.among; len(all) > 0 && len(all[0].under) > written; {
		c := all[0].under[written]
		if c.choice != first.choice || c.shown&^left != 0 {
			break
		}
		count := leading(all, func(l line) bool { return len(l.under) > written && l.under[written] == c })
		found, all, left = append(found, all[:count]), all[count:], left&^c.shown
	}
	return found
}

// branches writes alternatives, those with the shortest questions first.
func (w *writer) branches(branches []lines, written int) {
	of := func(branch lines) condition { return branch[0].under[written] }
	left := of(branches[0]).among
	slices.SortStableFunc(branches, func(a, b lines) int { return len(of(a).question(left)) - len(of(b).question(left)) })
	padding, action := branches[0][0].padding(), "if "
	for _, branch := range branches {
		switch c := of(branch); {
		case c.choice.Each && c.choice.No.showing(c.among) != 0: // Within the loop there are elements.
			w.checkElements(c, branch)
			w.add(padding + "{{- range $name, $value := " + c.choice.If + " }}")
		case c.shown == left:
			w.add(padding + "{{- else }}")
		default:
			w.add(padding + "{{- " + action + c.question(left) + " }}")
		}
		w.write(branch, written+1)
		left, action = left&^of(branch).shown, "else if "
	}
	w.add(padding + "{{- end }}")
}

// question is how a template asks whether the condition is met, where one of some outcomes must be.
func (c condition) question(among renderings) string { return c.choice.root().asks(c.shown, among) }

// checkElements refuses a loop over lines other than whole elements of a list: two of them would not be two elements.
func (w *writer) checkElements(c condition, all lines) {
	outermost := all[0].indent()
	isOther := func(l line) bool {
		return l.indent() < outermost || l.indent() == outermost && !strings.HasPrefix(strings.TrimLeft(l.source, " "), "- ")
	}
	if c.shown != c.choice.Yes.showing(c.among) || slices.ContainsFunc(all, isOther) {
		w.errs = append(w.errs, fmt.Errorf("%s%s: %q repeats elements of a list, and decides on something else here", all[0].document.name, all[0].path, c.choice.If))
	}
}

// template writes a line as part of a template.
func (l line) template() string {
	var text strings.Builder
	isLiteral := true
	for i, p := range l.pieces {
		if p.action != "" {
			text.WriteString(p.action)
			isLiteral = false
			continue
		}
		literal := p.text
		if l.quoted {
			inQuotes := strconv.Quote(literal) // As Helm's function quote does.
			literal = inQuotes[1 : len(inQuotes)-1]
		}
		literal = escaped(literal)
		if i+1 < len(l.pieces) && strings.HasSuffix(literal, "{") {
			// Three of them before an action are one too many.
			literal = strings.TrimSuffix(literal, "{") + `{{ "{" }}`
		}
		text.WriteString(literal)
	}
	switch {
	case isLiteral:
		return escaped(l.source)
	case l.quoted && len(l.pieces) == 1:
		return escaped(l.head) + strings.TrimSuffix(text.String(), " }}") + " | quote }}"
	case l.quoted: // The schemas make sure that the values need no escapes.
		return escaped(l.head) + `"` + text.String() + `"`
	}
	return text.String()
}

func escaped(text string) string { return strings.ReplaceAll(text, "{{", `{{ "{{" }}`) }
