package chart

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// piece is a part of a text: literal, or a form of a value.
type piece struct {
	literal string
	symbol  *symbol
}

// symbol is a form of a value.
type symbol struct {
	value Value
	form  Form
}

func (s symbol) expression() string {
	if !strings.Contains(s.form.Template, "%s") {
		return s.form.Template
	}
	return fmt.Sprintf(s.form.Template, s.value.expression())
}

func (s symbol) text(settings Settings) string { return s.form.Write(settings[s.value.key()]) }

// symbols are the forms of all probes, by the text to which they lead.
type symbols struct {
	byText map[string]*symbol
	texts  map[byte][]string // By the first byte, the longest first.
}

// newSymbols refuses two values that show as the same text: neither could be told from the other.
func newSymbols(values []Value, settings Settings) (symbols, error) {
	found := symbols{byText: map[string]*symbol{}, texts: map[byte][]string{}}
	for _, v := range values {
		if v.Probe == nil {
			continue
		}
		for _, form := range v.forms() {
			text := form.Write(v.Probe)
			if text == "" || form.Write(settings[v.key()]) != text {
				// Not probed, or only in other forms: a map may have the probe's key and another text.
				continue
			}
			if other, taken := found.byText[text]; taken && other.value.key() != v.key() {
				return found, fmt.Errorf("%s and %s are both probed by %q", other.value.key(), v.key(), text)
			} else if taken {
				continue
			}
			found.byText[text] = &symbol{value: v, form: form}
			found.texts[text[0]] = append(found.texts[text[0]], text)
		}
	}
	for first := range found.texts {
		slices.SortFunc(found.texts[first], func(a, b string) int { return len(b) - len(a) })
	}
	return found, nil
}

// split takes a text apart at the probes in it.
func (s symbols) split(text string) []piece {
	var pieces []piece
	literal := 0
	for at := 0; at < len(text); {
		found := s.at(text, at)
		if found == "" {
			at++
			continue
		}
		if at > literal {
			pieces = append(pieces, piece{literal: text[literal:at]})
		}
		pieces = append(pieces, piece{symbol: s.byText[found]})
		at += len(found)
		literal = at
	}
	if literal < len(text) || len(pieces) == 0 {
		pieces = append(pieces, piece{literal: text[literal:]})
	}
	return pieces
}

// at is the longest probe that begins at a position. A number is no part of a longer one.
func (s symbols) at(text string, at int) string {
	for _, candidate := range s.texts[text[at]] {
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
		if p.symbol != nil {
			text.WriteString(p.symbol.text(settings))
		} else {
			text.WriteString(p.literal)
		}
	}
	return text.String()
}

func isLiteral(pieces []piece) bool {
	return !slices.ContainsFunc(pieces, func(p piece) bool { return p.symbol != nil })
}
