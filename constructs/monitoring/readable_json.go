package monitoring

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// maxJSONLine is how long an object or a list may be that is written on one line, where each key and scalar has seven characters. What has
// PromQL or a description in it is longer.
const maxJSONLine = 105

var scalars = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|[-+.\w]+`)

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
	return indentJSON(bytes.TrimSpace(encoded.Bytes()), "")
}

func indentJSON(raw json.RawMessage, indent string) string {
	size := len(scalars.ReplaceAll(raw, []byte("7 chars")))
	if raw[0] != '{' && raw[0] != '[' || size <= maxJSONLine && !bytes.Contains(raw, []byte(`"expr":`)) && !bytes.Contains(raw, []byte(`"description":`)) {
		return string(raw)
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	open := nextToken(decoder)
	var lines []string
	for decoder.More() {
		prefix := ""
		if raw[0] == '{' {
			prefix = fmt.Sprintf("%q: ", nextToken(decoder))
		}
		var element json.RawMessage
		if err := decoder.Decode(&element); err != nil {
			panic(fmt.Errorf("decode own JSON: %w", err))
		}
		lines = append(lines, indent+"  "+prefix+indentJSON(element, indent+"  "))
	}
	return fmt.Sprintf("%v\n%s\n%s%v", open, strings.Join(lines, ",\n"), indent, nextToken(decoder))
}

func nextToken(decoder *json.Decoder) json.Token {
	token, err := decoder.Token()
	if err != nil {
		panic(fmt.Errorf("decode own JSON: %w", err))
	}
	return token
}
