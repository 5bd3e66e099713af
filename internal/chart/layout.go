package chart

import (
	"bytes"
	"encoding/json"
	"strings"
)

// sameText says whether two texts are equal. The layout of JSON does not count: the constructs break a line where it gets
// long, which depends on the values.
func sameText(a, b string) bool {
	if a == b {
		return true
	}
	compactA, isJSONA := compact(a)
	compactB, isJSONB := compact(b)
	return isJSONA && isJSONB && compactA == compactB
}

func compact(text string) (string, bool) {
	if !strings.HasPrefix(text, "{") {
		return "", false
	}
	var compacted bytes.Buffer
	err := json.Compact(&compacted, []byte(text))
	return compacted.String(), err == nil
}

// layOutAs gives JSON the line breaks and indents of other JSON that has the same fields.
func layOutAs(text, model string) string {
	if _, isJSON := compact(model); !isJSON {
		return text
	}
	tokens, _ := jsonTokens(text)
	modelTokens, gaps := jsonTokens(model)
	if len(tokens) != len(modelTokens) {
		return text
	}
	var laidOut strings.Builder
	for i, token := range tokens {
		laidOut.WriteString(token)
		laidOut.WriteString(gaps[i])
	}
	return laidOut.String()
}

// jsonTokens takes valid JSON apart: its tokens, and the white space after each.
func jsonTokens(text string) (tokens, gaps []string) {
	for at := 0; at < len(text); {
		end := at + tokenLength(text[at:])
		space := end
		for space < len(text) && strings.IndexByte(" \t\r\n", text[space]) >= 0 {
			space++
		}
		tokens, gaps = append(tokens, text[at:end]), append(gaps, text[end:space])
		at = space
	}
	return tokens, gaps
}

func tokenLength(text string) int {
	switch {
	case text[0] == '"':
		for i := 1; i < len(text); i++ {
			switch text[i] {
			case '\\':
				i++
			case '"':
				return i + 1
			}
		}
	case strings.IndexByte("{}[]:,", text[0]) >= 0:
		return 1
	default:
		if length := strings.IndexAny(text, "{}[]:, \t\r\n"); length > 0 {
			return length
		}
	}
	return len(text)
}
