package chart

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// piece is a part of a text: literal, or the action of a template that writes a value in one of its forms.
type piece struct {
	text   string
	action string
	value  *Value
	write  func(value any) string
}

// probes find the values in documents.
type probes struct {
	defaults  Settings
	pieces    map[string]piece     // By the text of the probe.
	marks     *strings.Replacer    // Puts a mark before and after each probe.
	trees     map[*Value][]string  // The lines of each map or list.
	documents map[string]*document // Those that are read, by their text.
}

const mark = "\x00" // No text contains it.

// probesOf are those of values. Two values with the same text are refused: they could not be told apart.
func probesOf(values []Value) (*probes, error) {
	p := &probes{defaults: defaults(values), pieces: map[string]piece{}, trees: map[*Value][]string{}, documents: map[string]*document{}}
	for i := range values {
		v := &values[i]
		if v.Probe == nil {
			continue
		}
		if v.Tree {
			p.trees[v] = strings.Split(asYAML(v.Probe), "\n")
			continue
		}
		for _, form := range v.forms() {
			text := form.Write(v.Probe)
			if other, taken := p.pieces[text]; taken && other.value != v {
				return nil, fmt.Errorf("%s and %s are both probed by %q", other.value.Path, v.Path, text)
			} else if !taken {
				action := "{{ " + strings.ReplaceAll(form.Template, "%s", v.expression()) + " }}"
				p.pieces[text] = piece{action: action, value: v, write: form.Write}
			}
		}
	}
	var replacements []string
	for _, text := range slices.Backward(slices.Sorted(maps.Keys(p.pieces))) { // Backward: if one begins another, the longer comes first.
		replacements = append(replacements, text, mark+text+mark)
	}
	p.marks = strings.NewReplacer(replacements...)
	return p, nil
}

// putTrees puts one line in place of those in which a map or a list is written. One of several lines also replaces another one of some of them.
func (p *probes) putTrees(all lines) lines {
	for v, rows := range p.trees {
		for i := 0; i+len(rows) <= len(all); i++ {
			padding := all[i].padding()
			if !slices.EqualFunc(rows, all[i:i+len(rows)], func(row string, l line) bool { return strings.TrimPrefix(l.source, padding) == row }) {
				continue
			}
			action := fmt.Sprintf("%s{{- toYaml %s | nindent %d }}", padding, v.expression(), len(padding))
			if v.NoChoice {
				action = fmt.Sprintf("{{- with %s }}{{ toYaml . | nindent %d }}{{ end }}", v.expression(), len(padding))
			}
			whole := line{source: padding + strings.Join(rows, "\n"+padding), document: all[i].document, path: all[i].path}
			whole.pieces = []piece{{action: action, value: v, write: asYAML}}
			all = slices.Replace(all, i, i+len(rows), whole)
		}
	}
	return all
}

// split takes a text apart at the probes in it.
func (p *probes) split(text string) []piece {
	var pieces []piece
	for i, part := range strings.Split(p.marks.Replace(text), mark) {
		if i%2 == 1 {
			pieces = append(pieces, p.pieces[part])
		} else if part != "" {
			pieces = append(pieces, piece{text: part})
		}
	}
	return pieces
}

// join is the text that the pieces are with some settings.
func join(pieces []piece, settings Settings) string {
	var text strings.Builder
	for _, p := range pieces {
		if p.value == nil {
			text.WriteString(p.text)
		} else {
			text.WriteString(p.write(settings[p.value.Path]))
		}
	}
	return text.String()
}
