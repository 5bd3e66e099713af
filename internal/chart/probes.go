package chart

import (
	"fmt"
	"maps"
	"reflect"
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

// probes find the values in texts.
type probes struct {
	pieces map[string]piece    // By the text of the probe.
	marks  *strings.Replacer   // Puts a mark before and after each probe.
	trees  map[*Value][]string // The lines of each map or list.
	found  map[*Value]bool     // Those of which a text had a probe.
}

const mark = "\x00" // No text contains it.

// probesIn are those that settings have.
func probesIn(values []Value, settings Settings) (*probes, error) {
	all := &probes{pieces: map[string]piece{}, trees: map[*Value][]string{}, found: map[*Value]bool{}}
	for i := range values {
		v := &values[i]
		switch setting := settings[v.Path]; {
		case v.Probe == nil:
		case v.Tree && reflect.DeepEqual(setting, v.Probe):
			all.trees[v] = strings.Split(asYAML(v.Probe), "\n")
		case !v.Tree:
			if err := all.addForms(v, setting); err != nil {
				return nil, err
			}
		}
	}
	var replacements []string
	for _, text := range slices.Backward(slices.Sorted(maps.Keys(all.pieces))) { // Backward: if one begins another, the longer comes first.
		replacements = append(replacements, text, mark+text+mark)
	}
	all.marks = strings.NewReplacer(replacements...)
	return all, nil
}

// addForms adds the forms in which a setting shows the probe: a map may have the probe's key and another text. Two values with the same text
// are refused: they could not be told apart.
func (p *probes) addForms(v *Value, setting any) error {
	for _, form := range v.forms() {
		text := form.Write(v.Probe)
		if text == "" || form.Write(setting) != text {
			continue
		}
		if other, taken := p.pieces[text]; !taken {
			action := "{{ " + strings.ReplaceAll(form.Template, "%s", v.expression()) + " }}"
			p.pieces[text] = piece{action: action, value: v, write: form.Write}
		} else if other.value != v {
			return fmt.Errorf("%s and %s are both probed by %q", other.value.Path, v.Path, text)
		}
	}
	return nil
}

// putTrees puts one line in place of those in which a map or a list is written.
func (p *probes) putTrees(all lines) lines {
	for v, rows := range p.trees {
		for i := 0; i+len(rows) <= len(all); i++ {
			padding := all[i].padding()
			if !slices.EqualFunc(rows, all[i:i+len(rows)], func(row string, l line) bool { return padding+row == l.source }) {
				continue
			}
			action := fmt.Sprintf("%s{{- toYaml %s | nindent %d }}", padding, v.expression(), len(padding))
			if v.Merged {
				action = fmt.Sprintf("{{- with %s }}{{ toYaml . | nindent %d }}{{ end }}", v.expression(), len(padding))
			}
			whole := line{source: padding + strings.Join(rows, "\n"+padding), document: all[i].document, path: all[i].path}
			whole.pieces = []piece{{action: action, value: v, write: asYAML}}
			all = slices.Replace(all, i, i+len(rows), whole)
			p.found[v] = true
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
			p.found[p.pieces[part].value] = true
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
		if p.value != nil {
			text.WriteString(p.write(settings[p.value.Path]))
		} else {
			text.WriteString(p.text)
		}
	}
	return text.String()
}
