package chart

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// piece is a part of a text: literal, or a value in one of its forms.
type piece struct {
	literal string
	value   *Value
	form    Form
}

func (p piece) expression() string {
	if !strings.Contains(p.form.Template, "%s") {
		return p.form.Template
	}
	return fmt.Sprintf(p.form.Template, p.value.expression())
}

// probes find the values in texts by their probes.
type probes struct {
	pieces []piece
	marks  *strings.Replacer // Puts the number of a piece in place of its probe, between bytes that no text has.
	trees  []*Value
}

const mark = "\x00"

// probesIn are those that settings have. Two values that show as the same text are refused: neither could be told from the other.
func probesIn(values []Value, settings Settings) (*probes, error) {
	byText, found := map[string]piece{}, &probes{}
	for i := range values {
		v := &values[i]
		switch {
		case v.Probe == nil:
		case v.Tree:
			if reflect.DeepEqual(settings[v.key()], v.Probe) {
				found.trees = append(found.trees, v)
			}
		default:
			if err := v.addProbes(byText, settings[v.key()]); err != nil {
				return nil, err
			}
		}
	}
	var replacements []string
	for _, text := range slices.SortedFunc(maps.Keys(byText), func(a, b string) int { return cmp.Or(len(b)-len(a), cmp.Compare(a, b)) }) {
		replacements = append(replacements, text, mark+strconv.Itoa(len(found.pieces))+mark)
		found.pieces = append(found.pieces, byText[text])
	}
	found.marks = strings.NewReplacer(replacements...)
	return found, nil
}

// addProbes adds the forms in which a setting shows the probe: a map may have the probe's key and another text.
func (v *Value) addProbes(byText map[string]piece, setting any) error {
	for _, form := range v.forms() {
		text := form.Write(v.Probe)
		if text == "" || form.Write(setting) != text {
			continue
		}
		if other, taken := byText[text]; !taken {
			byText[text] = piece{value: v, form: form}
		} else if other.value != v {
			return fmt.Errorf("%s and %s are both probed by %q", other.value.key(), v.key(), text)
		}
	}
	return nil
}

// putTrees puts one line in place of those that a map or a list is written in.
func (p *probes) putTrees(all lines) lines {
	all = slices.Clone(all)
	for _, v := range p.trees {
		rows := strings.Split(asYAML(v.Probe), "\n")
		for i := 0; i+len(rows) <= len(all); i++ {
			pad := strings.Repeat(" ", min(all[i].indent(), len(all[i].source)))
			if !slices.EqualFunc(rows, all[i:i+len(rows)], func(row string, l line) bool { return pad+row == l.source }) {
				continue
			}
			form := Form{Write: asYAML, Template: fmt.Sprintf("toYaml %%s | nindent %d", len(pad))}
			tree := line{path: all[i].path, head: pad, scalar: expression, text: rows[0], pieces: []piece{{value: v, form: form}}}
			if v.Merged {
				tree.scalar = merged
			}
			all = slices.Replace(all, i, i+len(rows), tree)
		}
	}
	return all
}

// split takes a text apart at the probes in it.
func (p *probes) split(text string) []piece {
	var pieces []piece
	for i, part := range strings.Split(p.marks.Replace(text), mark) {
		if number, err := strconv.Atoi(part); i%2 == 1 && err == nil {
			pieces = append(pieces, p.pieces[number])
		} else if part != "" {
			pieces = append(pieces, piece{literal: part})
		}
	}
	return pieces
}

// join is the text that the pieces are with some settings.
func join(pieces []piece, settings Settings) string {
	var text strings.Builder
	for _, p := range pieces {
		if p.value != nil {
			text.WriteString(p.form.Write(settings[p.value.key()]))
		} else {
			text.WriteString(p.literal)
		}
	}
	return text.String()
}

func hasValue(pieces []piece) bool {
	return slices.ContainsFunc(pieces, func(p piece) bool { return p.value != nil })
}
