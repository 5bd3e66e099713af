package chart

import (
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
	templates, w := map[string]string{}, &writer{}
	for _, r := range m.renderings {
		for file := range r.files {
			templates[file] = generated
		}
	}
	for _, file := range slices.Sorted(maps.Keys(templates)) {
		var documents lines // The first line of each.
		for i, r := range m.renderings {
			first := r.files[file].where(func(l line) bool { return l.source == separator })
			documents = documents.with(first, renderings(1)<<i, r.settings)
		}
		for _, first := range documents {
			all, err := m.merge(file, first.document)
			if err != nil {
				w.errs = append(w.errs, err)
				continue
			}
			w.written = nil
			w.write(all, 0)
			templates[file] += strings.Join(w.written, "\n") + "\n"
		}
	}
	if err := errors.Join(w.errs...); err != nil {
		return nil, err
	}
	// The objects must show each value, or, if it has no probe, a question must ask for it.
	written := strings.Join(slices.Collect(maps.Values(templates)), "\n")
	for i, v := range values {
		isShown := slices.ContainsFunc(m.renderings, func(r *rendering) bool { return r.found[&values[i]] })
		isAsked := v.Probe == nil && regexp.MustCompile(regexp.QuoteMeta(v.expression())+`\b`).MatchString(written)
		if !isShown && !isAsked {
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
func (w *writer) write(all lines, conditions int) {
	for len(all) > 0 {
		if len(all[0].under) == conditions {
			w.add(all[0].template())
			all = all[1:]
			continue
		}
		choice := all[0].under[conditions].choice
		count := leading(all, func(l line) bool { return len(l.under) > conditions && l.under[conditions].choice == choice })
		w.outcome(&Outcome{Then: choice}, all[:count], conditions)
		all = all[count:]
	}
}

// outcome writes lines that are there with an outcome, or with some of those to which it leads.
func (w *writer) outcome(o *Outcome, all lines, conditions int) {
	for len(all) > 0 {
		always := o.alwaysHas(all[0], conditions)
		count := leading(all, func(l line) bool { return o.alwaysHas(l, conditions) == always })
		if always {
			w.write(all[:count], conditions+1)
		} else {
			w.choice("if", o.Then, all[:count], conditions)
		}
		all = all[count:]
	}
}

func (o *Outcome) alwaysHas(l line, condition int) bool {
	return showing(o.outcomes(), ^renderings(0))&^l.under[condition].shown == 0
}

// of are the lines that are there with some of the outcomes.
func (o *Outcome) of(all lines, condition int) lines {
	return all.where(func(l line) bool { return showing(o.outcomes(), l.under[condition].shown) != 0 })
}

// choice writes what follows from each answer.
func (w *writer) choice(action string, c *Choice, all lines, conditions int) {
	act := func(format string, arguments ...any) {
		w.add(all[0].padding() + fmt.Sprintf("{{- "+format+" }}", arguments...))
	}
	yes, no := c.Yes.of(all, conditions), c.No.of(all, conditions)
	switch {
	case c.Each:
		w.checkElements(c, yes, no)
		if c.Names == "" {
			act("range $name, $value := %s", c.If)
		} else {
			act("range $name := %s", c.Names) // Within the loop a dot is the name.
			act("$value := index $%s $name", c.If)
		}
	case len(yes) > 0:
		act("%s %s", action, c.If)
	case strings.Contains(c.If, " "):
		act("%s not (%s)", action, c.If)
	default:
		act("%s not %s", action, c.If)
	}
	w.outcome(&c.Yes, yes, conditions)
	if len(yes) > 0 && len(no) > 0 {
		always := slices.ContainsFunc(no, func(l line) bool { return c.No.alwaysHas(l, conditions) })
		if next := c.No.Then; !always && !next.Each && len(next.Yes.of(no, conditions)) > 0 {
			w.choice("else if", next, no, conditions)
			return
		}
		act("else")
	}
	w.outcome(&c.No, no, conditions)
	act("end")
}

// checkElements refuses a loop over lines other than whole elements of a list: two of them would not be two elements.
func (w *writer) checkElements(c *Choice, yes, no lines) {
	outermost := yes[0].indent()
	if len(no) > 0 || slices.ContainsFunc(yes, func(l line) bool { return l.indent() < outermost || l.indent() == outermost && !l.isElement() }) {
		w.errs = append(w.errs, fmt.Errorf("%s%s: %q repeats elements of a list, and decides on something else here", yes[0].document, yes[0].path, c.If))
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
