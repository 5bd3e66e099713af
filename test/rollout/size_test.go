package rollout

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/internal/apitype"
)

// TestLargestAppliedObject wants the size from which on Synth refuses objects to be that of "kubectl apply".
func TestLargestAppliedObject(t *testing.T) {
	for _, annotations := range []map[string]any{nil, {"a": "b<c"}} {
		metadata := map[string]any{"name": "large", "namespace": "default"}
		if annotations != nil {
			metadata["annotations"] = annotations
		}
		object := map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": map[string]any{"text": ""}}
		apply := func(length int) error {
			object["data"] = map[string]any{"text": strings.Repeat("x", length)}
			encoded, err := json.Marshal(object)
			require.NoError(t, err)
			_, _, err = control.Kubectl(t.Context(), string(encoded), "apply", "--filename=-")
			return err
		}
		largest := apitype.AnnotationsLimit - apitype.AppliedSize(object)
		require.NoError(t, apply(largest))
		require.ErrorContains(t, apply(largest+1), "metadata.annotations: Too long")
		kubectl(t, "delete", "configmap/large", "--namespace=default")
	}
}
