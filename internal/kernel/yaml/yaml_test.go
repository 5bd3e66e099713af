package yaml_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/internal/kernel/js"
	"github.com/ai-platform/manifests/internal/kernel/yaml"
	"github.com/ai-platform/manifests/internal/kernel/yaml/yamlcases"
)

func TestStringify(t *testing.T) {
	for name, c := range yamlcases.Cases {
		t.Run(name, func(t *testing.T) {
			value, err := js.Decode([]byte(c.JSON))
			require.NoError(t, err)
			require.Equal(t, c.YAML, yaml.Stringify(value))
		})
	}
}

// These values do not come as JSON.
func TestStringifyOtherValues(t *testing.T) {
	require.Equal(t, "\n", yaml.Stringify(js.Undefined{}))
	require.Equal(t, "- null\n- .nan\n- 0\n", yaml.Stringify([]any{js.Undefined{}, math.NaN(), math.Copysign(0, -1)}))
	object := &js.Object{}
	object.Set("a", js.Undefined{})
	require.Equal(t, "a: null\n", yaml.Stringify(object))
}
