package manifest

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/internal/kernel/js"
	"github.com/ai-platform/manifests/internal/kernel/yaml"
)

// What is surely read is read, at each place where a text may be: all short texts that may be numbers, of several lines, or look like YAML.
func TestSurelyReadIsRead(t *testing.T) {
	for name, set := range map[string]struct {
		pieces       []string
		length, sure int
	}{
		"numbers": {[]string{"0", "1", "7", "_", ".", "-", "+", ":", "b", "B", "e", "E", "o", "O", "x", "X", "T"}, 3, 1_000},
		"times":   {[]string{"2026-01", "-31", "T", "t", " ", "1:59", ":59", ".5", "Z", "-07:00", "60"}, 4, 2_000},
		"lines":   {[]string{"a", " ", "\n", "#", "-", ":"}, 5, 2_000},
		"words":   {[]string{"y", "n", "no", "on", "off", "true", "null", "~", ".", "nan", "inf", "=", "<<", "-", "--", "A"}, 3, 1_000},
		"YAML": {[]string{
			"a", " ", "'", `"`, `\`, "{", "[", "]", ",", "*", "&", "!", "%", "@", "`", "?", "=", "<", ">", "|", "$", "(", "/", "#", ":", "\n", "\t", "é", "\u0085", "\u2028", "\ufeff", "\x7f", "---", "...",
		}, 3, 5_000},
		"long": {[]string{strings.Repeat("long ", 20), strings.Repeat("k", 500), `"`, "\n", ": ", " #", "-"}, 4, 1_000},
	} {
		t.Run(name, func(t *testing.T) {
			sure := 0
			for _, text := range texts(set.pieces, set.length) {
				if requireReadIfSure(t, map[string]any{"value": text, "list": []any{text, map[string]any{"value": text}, []any{text}}}) {
					sure++
				}
				if requireReadIfSure(t, map[string]any{text: "value", "list": []any{map[string]any{text: "value"}}}) {
					sure++
				}
			}
			require.Greater(t, sure, set.sure)
		})
	}
}

// texts are all that are put together of so many pieces, or fewer.
func texts(pieces []string, length int) []string {
	all, last := []string{""}, []string{""}
	for range length {
		var longer []string
		for _, start := range last {
			for _, piece := range pieces {
				longer = append(longer, start+piece)
			}
		}
		all, last = append(all, longer...), longer
	}
	return all
}

func TestNumbersSurelyReadAreRead(t *testing.T) {
	sure := 0
	for _, number := range []float64{
		0, math.Copysign(0, -1), 1, -1, 0.5, 8080, 1e14, 123456789012345, -123456789012345, 1e15, 1e16, 1e20, 1e21, 1e300, 1e-7, math.MaxInt64, math.Pi,
	} {
		if requireReadIfSure(t, map[string]any{"value": number, "true": true, "null": nil, "false": false, "list": []any{}, "map": map[string]any{}}) {
			sure++
		}
	}
	require.Equal(t, 8, sure)
}

// requireReadIfSure reports whether an object is surely read.
func requireReadIfSure(t *testing.T, object map[string]any) bool {
	t.Helper()
	if !surelyRead(object) {
		return false
	}
	document := yaml.Stringify(forJavaScript(object))
	read, err := readYAML([]byte(document))
	require.NoError(t, err, document)
	require.Equal(t, any(object), read, document)
	return true
}

func forJavaScript(value any) any {
	switch value := value.(type) {
	case map[string]any:
		object := &js.Object{}
		for key, element := range value {
			object.Set(key, forJavaScript(element))
		}
		return object
	case []any:
		list := make([]any, len(value))
		for i, element := range value {
			list[i] = forJavaScript(element)
		}
		return list
	default:
		return value
	}
}
