package monitoring

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

const (
	// maxJSONLine is how long an object or a list may be that is written on one line, where each key and scalar has scalarSize characters. What
	// has PromQL or a description in it is longer.
	maxJSONLine = 105

	scalarSize = 7
)

// readableJSON is JSON with a line for each small object, as people review it in diffs: indented throughout, a dashboard
// has four times as many lines. Where a line is broken does not depend on how long texts and numbers are: another namespace changes only
// the lines that name it.
func readableJSON(value any) string {
	var encoded bytes.Buffer
	encoder := json.NewEncoder(&encoded)
	encoder.SetEscapeHTML(false) // PromQL is full of < and >.
	if err := encoder.Encode(value); err != nil {
		panic(fmt.Errorf("encode %T: %w", value, err))
	}
	var text strings.Builder
	readJSON(encoded.String()).write(&text, "\n")
	return text.String()
}

// compactJSON is a value within compact JSON.
type compactJSON struct {
	key      string // With its colon. Empty for an element of a list.
	text     string
	size     int  // The length of text, were all keys and scalars equally long.
	long     bool // Whether it has lines of its own, whatever its size.
	elements []compactJSON
}

// readJSON returns the value that begins a text.
func readJSON(text string) compactJSON {
	if text[0] != '{' && text[0] != '[' {
		return compactJSON{text: scalar(text), size: scalarSize}
	}
	v := compactJSON{size: len("{}")}
	at := 1
	for text[at] != '}' && text[at] != ']' {
		if text[at] == ',' {
			at++
			v.size++
		}
		key := ""
		if text[0] == '{' {
			key = scalar(text[at:]) + ":"
			at += len(key)
			v.size += scalarSize + len(":")
		}
		element := readJSON(text[at:])
		element.key = key
		at += len(element.text)
		v.size += element.size
		v.long = v.long || element.long || key == `"expr":` || key == `"description":`
		v.elements = append(v.elements, element)
	}
	v.text = text[:at+1]
	return v
}

// scalar is the string, number or word that begins a text.
func scalar(text string) string {
	if text[0] != '"' {
		return text[:strings.IndexAny(text, ",]}\n")]
	}
	end := 1
	for ; text[end] != '"'; end++ {
		if text[end] == '\\' {
			end++
		}
	}
	return text[:end+1]
}

// write writes the value, with lines that begin with a line break and the indent of the value's own line.
func (v compactJSON) write(to *strings.Builder, line string) {
	if v.size <= maxJSONLine && !v.long || len(v.elements) == 0 {
		to.WriteString(v.text)
		return
	}
	to.WriteString(v.text[:1])
	for i, element := range v.elements {
		if i > 0 {
			to.WriteString(",")
		}
		to.WriteString(line + "  ")
		if element.key != "" {
			to.WriteString(element.key + " ")
		}
		element.write(to, line+"  ")
	}
	to.WriteString(line + v.text[len(v.text)-1:])
}
