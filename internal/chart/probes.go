package chart

import (
	"fmt"
	"regexp"
	"slices"
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

// probes are the pieces that stand for probes, by the text that shows them.
type probes struct {
	byText map[string]piece
	texts  [256][]string // By the first byte, the longest first.
}

// probesIn are those that settings have. Two values that show as the same text are refused: neither could be told from the other.
func probesIn(values []Value, settings Settings) (*probes, error) {
	found := &probes{byText: map[string]piece{}}
	for i := range values {
		v := &values[i]
		if v.Probe == nil {
			continue
		}
		for _, form := range v.forms() {
			text := form.Write(v.Probe)
			if text == "" || form.Write(settings[v.key()]) != text {
				// Not probed, or only in other forms: a map may have the probe's key and another text.
				continue
			}
			if other, taken := found.byText[text]; taken && other.value != v {
				return found, fmt.Errorf("%s and %s are both probed by %q", other.value.key(), v.key(), text)
			} else if taken {
				continue
			}
			found.byText[text] = piece{value: v, form: form}
			found.texts[text[0]] = append(found.texts[text[0]], text)
		}
	}
	for first := range found.texts {
		slices.SortFunc(found.texts[first], func(a, b string) int { return len(b) - len(a) })
	}
	return found, nil
}

// split takes a text apart at the probes in it.
func (p *probes) split(text string) []piece {
	var pieces []piece
	literal := 0
	for at := 0; at < len(text); {
		found := p.at(text, at)
		if found == "" {
			at++
			continue
		}
		if at > literal {
			pieces = append(pieces, piece{literal: text[literal:at]})
		}
		pieces = append(pieces, p.byText[found])
		at += len(found)
		literal = at
	}
	if literal < len(text) {
		pieces = append(pieces, piece{literal: text[literal:]})
	}
	return pieces
}

// at is the longest probe that begins at a position. A number is no part of a longer one.
func (p *probes) at(text string, at int) string {
	for _, candidate := range p.texts[text[at]] {
		after, found := strings.CutPrefix(text[at:], candidate)
		if found && !oneNumber(text[max(0, at-2):at], candidate) && !oneNumber(candidate, after) {
			return candidate
		}
	}
	return ""
}

// oneNumber says whether a number goes on from one text to the next.
func oneNumber(text, next string) bool {
	return endsInNumber.MatchString(text) && goesOnAsNumber.MatchString(next)
}

var (
	endsInNumber   = regexp.MustCompile(`[0-9][.]?$`)
	goesOnAsNumber = regexp.MustCompile(`^[.]?[0-9]`)
)

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
