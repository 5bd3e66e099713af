package monitoring

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// maxJSONLine is how long an object or a list may be that is written on one line.
const maxJSONLine = 100

// readableJSON is JSON with a line for each small object, as people review it in diffs: indented throughout, a dashboard
// has four times as many lines.
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
	if len(raw) <= maxJSONLine || (raw[0] != '{' && raw[0] != '[') {
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
