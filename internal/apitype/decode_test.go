package apitype

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"

	"github.com/ai-platform/manifests/internal/objectfile"
)

// The decoder of Kubernetes itself finds fault with the same objects, and decodes the others to the same: those of this repository, and all
// that come of them by putting another value into one field, or by adding a field.
func TestDecoderAgreesWithKubernetes(t *testing.T) {
	strict := serializer.NewCodecFactory(kinds(), serializer.EnableStrict).UniversalDeserializer()
	refused, total := 0, 0
	for kind, object := range samples(t) {
		compare := func() {
			encoded, err := json.Marshal(object)
			require.NoError(t, err)
			expected, _, err := strict.Decode(encoded, nil, nil)
			typed, problem := newObject(kind)
			require.Empty(t, problem)
			var d decoder
			d.decode(object, reflect.ValueOf(typed).Elem(), nil)
			if total++; err != nil {
				refused++
				require.NotEmpty(t, d.errs, "%s\n%s", err, encoded)
				return
			}
			require.Empty(t, d.errs, string(encoded))
			require.Equal(t, asJSON(t, expected), asJSON(t, typed))
		}
		compare()
		mutate(object, compare)
	}
	t.Logf("%d objects, %d of them refused", total, refused)
}

// samples are an object of each kind in the repository's manifests.
func samples(t *testing.T) map[schema.GroupVersionKind]map[string]any {
	t.Helper()
	found := map[schema.GroupVersionKind]map[string]any{}
	for _, pattern := range []string{"../../dist/*.yaml", "../../constructs/testdata/*.yaml", "../../constructs/monitoring/testdata/*.yaml"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		require.NotEmpty(t, files)
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			objects, err := objectfile.Read(text)
			require.NoError(t, err)
			for _, object := range objects {
				kind := schema.FromAPIVersionAndKind(object["apiVersion"].(string), object["kind"].(string))
				if kinds().Recognizes(kind) {
					found[kind] = object
				}
			}
		}
	}
	return found
}

// mutate puts other values into each field, one after the other.
func mutate(value any, then func()) {
	others := []any{nil, true, 7.0, 1.5, 1e10, "text", "7", map[string]any{}, map[string]any{"a": "b"}, []any{}, []any{"a"}, []any{nil}}
	switch value := value.(type) {
	case map[string]any:
		value["another"] = "x"
		then()
		delete(value, "another")
		for _, key := range slices.Sorted(maps.Keys(value)) {
			if key == "apiVersion" || key == "kind" {
				continue
			}
			original := value[key]
			for _, value[key] = range others {
				then()
			}
			value[key] = original
			mutate(original, then)
		}
	case []any:
		for i, original := range value {
			for _, value[i] = range others {
				then()
			}
			value[i] = original
			mutate(original, then)
		}
	}
}

func asJSON(t *testing.T, object runtime.Object) string {
	t.Helper()
	encoded, err := json.Marshal(object)
	require.NoError(t, err)
	return string(encoded)
}
