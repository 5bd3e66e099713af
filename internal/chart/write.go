package chart

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// writer writes lines as a template, with actions around those that have conditions.
type writer struct {
	name    string // Of the document.
	written []string
	shown   map[string]bool
	asked   strings.Builder // All conditions.
	errs    []error
}

// templates gives the documents as templates, by file.
func (m *merger) templates() (map[string]string, error) {
	templates := map[string]string{}
	w := &writer{shown: map[string]bool{}}
	for _, name := range m.names() {
		all, err := m.merge(name)
		if err != nil {
			w.errs = append(w.errs, err)
			continue
		}
		w.name, w.written = name, nil
		w.write(all, 0)
		file := m.file(name)
		if templates[file] == "" {
			templates[file] = generated
		}
		templates[file] += joinLines(w.written)
	}
	return templates, errors.Join(append(w.errs, m.checkUsed(w))...)
}

// file is the template of a document.
func (m *merger) file(name string) string {
	at := slices.IndexFunc(m.probed, func(r *rendering) bool { return r.document(name).file != "" })
	return m.probed[at].document(name).file
}

// checkUsed refuses a value that no document shows, and one without a probe that no condition asks for.
func (m *merger) checkUsed(w *writer) error {
	var errs []error
	for _, v := range m.Values {
		asked := regexp.MustCompile(regexp.QuoteMeta(v.expression()) + `\b`).MatchString(w.asked.String())
		if !w.shown[v.key()] && (v.Probe != nil || !asked) {
			errs = append(errs, fmt.Errorf("the value %s stands nowhere in the objects", v.key()))
		}
	}
	return errors.Join(errs...)
}

// joinLines joins the lines of a template. An action that begins with a dash takes the white space before it: what belongs to the
// document is kept by an action that writes nothing.
func joinLines(written []string) string {
	for i := range written[:max(0, len(written)-1)] {
		text, next := written[i], strings.TrimLeft(written[i+1], " ")
		if strings.HasPrefix(next, "{{-") && (text == "" || unicode.IsSpace(rune(text[len(text)-1]))) {
			written[i] += `{{ "" }}`
		}
	}
	return strings.Join(written, "\n") + "\n"
}

// write writes lines of which the first conditions are written already.
func (w *writer) write(all lines, conditions int) {
	for len(all) > 0 {
		if len(all[0].under) == conditions {
			w.line(all[0])
			all = all[1:]
			continue
		}
		choice := all[0].under[conditions].choice
		size := slices.IndexFunc(all, func(l line) bool { return len(l.under) == conditions || l.under[conditions].choice != choice })
		if size < 0 {
			size = len(all)
		}
		w.ask(choice, all[:size], conditions)
		all = all[size:]
	}
}

// ask writes lines that depend on a question, and those between them that are there whatever the answer.
func (w *writer) ask(q *question, all lines, conditions int) {
	for len(all) > 0 {
		whole := q.decidesOn(all[0], conditions) == always
		size := slices.IndexFunc(all, func(l line) bool { return (q.decidesOn(l, conditions) == always) != whole })
		if size < 0 {
			size = len(all)
		}
		if whole {
			w.write(all[:size], conditions+1)
		} else {
			w.branches(q, all[:size], conditions)
		}
		all = all[size:]
	}
}

// answer says with which of the outcomes that a question leads to a line is there.
type answer int

const (
	never answer = iota
	sometimes
	always
)

func (q *question) decidesOn(l line, condition int) answer {
	all := q.shownBy(^renderings(0))
	switch l.under[condition].shown & all {
	case 0:
		return never
	case all:
		return always
	}
	return sometimes
}

// branches writes what follows from each answer.
func (w *writer) branches(q *question, all lines, conditions int) {
	with := func(answer *question) lines {
		return slices.DeleteFunc(slices.Clone(all), func(l line) bool { return answer.decidesOn(l, conditions) == never })
	}
	act := func(format string, arguments ...any) {
		text := all[0].head + all[0].text
		indent := text[:len(text)-len(strings.TrimLeft(text, " "))]
		w.written = append(w.written, indent+fmt.Sprintf(format, arguments...))
	}
	defer act("{{- end }}")
	w.asked.WriteString(q.If + "\n")
	yes, no := with(q.yes), with(q.no)
	if q.Each {
		w.checkElements(q, yes, no)
		if q.Names == "" {
			act("{{- range $name, $value := %s }}", q.If)
		} else {
			// Within the loop a dot is the name.
			act("{{- range $name := %s }}", q.Names)
			act("{{- $value := index $%s $name }}", q.If)
		}
		w.ask(q.yes, yes, conditions)
		return
	}
	if len(yes) == 0 {
		condition := q.If
		if strings.Contains(condition, " ") {
			condition = "(" + condition + ")"
		}
		act("{{- if not %s }}", condition)
		w.ask(q.no, no, conditions)
		return
	}
	act("{{- if %s }}", q.If)
	w.ask(q.yes, yes, conditions)
	for q = q.no; len(no) > 0; {
		shared := slices.ContainsFunc(no, func(l line) bool { return q.decidesOn(l, conditions) == always })
		if shared || q.Each || len(with(q.yes)) == 0 {
			act("{{- else }}")
			w.ask(q, no, conditions)
			return
		}
		w.asked.WriteString(q.If + "\n")
		act("{{- else if %s }}", q.If)
		w.ask(q.yes, with(q.yes), conditions)
		q = q.no
		no = with(q)
	}
}

// checkElements refuses a loop of something else than whole elements of a list: two of them would not be two elements.
func (w *writer) checkElements(q *question, yes, no lines) {
	outermost := yes[0].indent()
	if len(no) > 0 || slices.ContainsFunc(yes, func(l line) bool { return l.indent() < outermost || l.indent() == outermost && !l.isElement() }) {
		w.errs = append(w.errs, fmt.Errorf("%s%s: %q repeats elements of a list, and decides on something else here", w.name, yes[0].path, q.If))
	}
}

func (w *writer) line(l line) {
	for _, p := range l.pieces {
		if p.value != nil {
			w.shown[p.value.key()] = true
		}
	}
	w.written = append(w.written, l.template())
}
