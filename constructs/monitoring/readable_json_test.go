package monitoring

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Where lines are broken does not depend on how long texts and numbers are.
func TestLinesOfJSONFollowItsStructure(t *testing.T) {
	written := func(text string, number int) string {
		return readableJSON(map[string]any{
			"list": []any{text, text}, "small": map[string]any{"a": text, "b": number, "c": true},
			"steps": []any{map[string]any{"color": text, "value": number}, map[string]any{"color": "red", "value": nil}, map[string]any{"color": "red", "value": 0.5}},
			"panel": map[string]any{"targets": []any{map[string]any{"expr": text}}},
		})
	}
	short := written("a", 1)
	require.Equal(t, strings.Split(`{
  "list": ["a","a"],
  "panel": {
    "targets": [
      {
        "expr": "a"
      }
    ]
  },
  "small": {"a":"a","b":1,"c":true},
  "steps": [{"color":"a","value":1},{"color":"red","value":null},{"color":"red","value":0.5}]
}`, "\n"), strings.Split(short, "\n"))
	for _, text := range []string{"", `"{\`, strings.Repeat("long ", 100)} {
		require.Equal(t, strings.Count(short, "\n"), strings.Count(written(text, 1_000_000_000), "\n"), text)
	}
}
