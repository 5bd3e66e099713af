package apitype

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTooLarge(t *testing.T) {
	object := func(length int) map[string]any {
		return map[string]any{
			"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "files", "annotations": map[string]any{"a": "b"}},
			"data": map[string]any{"init.sql": strings.Repeat("x", length)},
		}
	}
	const rest = len(`{"apiVersion":"v1","data":{"init.sql":""},"kind":"ConfigMap","metadata":{"annotations":{"a":"b"},"name":"files"}}`+"\n") + len(LastApplied) + len("ab")
	require.Nil(t, tooLarge(object(AnnotationsLimit-rest)))
	require.EqualError(t, tooLarge(object(AnnotationsLimit-rest+1)), `metadata.annotations: Too long: "kubectl apply" would store 262145 bytes there, `+
		`more than the limit of 262144: split the object, or always apply it with --server-side, and allow it with constructs.AllowFields`)
	lines := object(0)
	lines["data"] = map[string]any{"init.sql": strings.Repeat("\n", AnnotationsLimit/2)}
	require.NotNil(t, tooLarge(lines), "each takes two bytes in JSON")
}
