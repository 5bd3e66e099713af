package helm

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// What the chart refuses, and the path that the message names.
func TestWrongValuesAreRefused(t *testing.T) {
	for _, wrong := range []struct {
		path  string
		value any
		says  string
	}{
		{"frontend.replicaCount", "two", "at '/frontend/replicaCount': got string, want integer"},
		{"frontend.replicaCount", 1.5, "at '/frontend/replicaCount': got number, want integer"},
		{"frontend.replicaCount", -1, "at '/frontend/replicaCount': minimum"},
		{"frontend.replicaCount", nil, "at '/frontend': missing property 'replicaCount'"},
		{"frontend.replicas", 2, "at '/frontend': additional properties 'replicas' not allowed"},
		{"frontnd.image", "a:b", "additional properties 'frontnd' not allowed"},
		{"monitoring.images.promtheus", "a:b", "at '/monitoring/images': additional properties 'promtheus' not allowed"},
		{"frontend.autoscaling.enabled", "yes", "at '/frontend/autoscaling/enabled': got string, want boolean"},
		{"frontend.autoscaling.minReplicas", 0, "at '/frontend/autoscaling/minReplicas': minimum"},
		{"monitoring", false, "at '/monitoring': got boolean, want object"},

		{"backend.resources.limits.cpu", "half", "at '/backend/resources/limits/cpu': 'half' does not match pattern"},
		{"backend.resources.limits.cpu", "500Mi", "at '/backend/resources/limits/cpu'"},
		{"backend.resources.limits.cpu", "0", "at '/backend/resources/limits/cpu'"},
		{"backend.resources.limits.cpu", "0.0005", "at '/backend/resources/limits/cpu'"},
		{"backend.resources.limits.cpu", 0, "at '/backend/resources/limits/cpu': minimum"},
		{"backend.resources.limits.cpu", 1.0005, "must be whole thousandths of a core"},
		{"backend.resources.limits.cpu", true, "at '/backend/resources/limits/cpu'"},
		{"backend.resources.limits.memory", "1Gg", "at '/backend/resources/limits/memory': '1Gg' does not match pattern"},
		{"backend.resources.limits.memory", "1 Gi", "at '/backend/resources/limits/memory'"},
		{"backend.resources.limits.memory", "512m", "at '/backend/resources/limits/memory'"},
		{"backend.resources.limits.memory", "-1Gi", "at '/backend/resources/limits/memory'"},
		{"backend.resources.limits.memory", 1073741824, "at '/backend/resources/limits/memory': got number, want string"},
		{"database.storage.size", "0Gi", "at '/database/storage/size'"},
		{"database.storage.size", "ten", "at '/database/storage/size'"},

		{"frontend.image", "web", "at '/frontend/image': 'web' does not match pattern"},
		{"frontend.image", "Web:v1", "at '/frontend/image'"},
		{"frontend.image", "web:", "at '/frontend/image'"},
		{"frontend.image", "web:v1\n", "at '/frontend/image'"},
		{"frontend.image", "", "at '/frontend/image'"},
		{"ingress.host", "https://example.com", "at '/ingress/host'"},
		{"ingress.host", "App.example.com", "at '/ingress/host'"},
		{"ingress.host", `x" }}`, "at '/ingress/host'"},
		{"ingress.className", "", "at '/ingress/className'"},
		{"ingress.tls.clusterIssuer", "my issuer", "at '/ingress/tls/clusterIssuer'"},
		{"secretName", "My_Secret", "at '/secretName'"},
		{"environment", "a b", "at '/environment'"},
		{"monitoring.retention", "30", "at '/monitoring/retention'"},
		{"monitoring.retention", "6h", "at '/monitoring/retention'"},
		{"backend.storage.accessMode", "ReadOnlyMany", "at '/backend/storage/accessMode': value must be one of"},
		{"backend.env", map[string]any{"PORT": 8000}, "at '/backend/env/PORT': got number, want string"},
		{"backend.env", map[string]any{"not a name": "a"}, "'not a name'"},
		{"backend.env", map[string]any{"DATABASE_URL": "mine"}, "'DATABASE_URL'"},
		{"frontend.env", map[string]any{"VITE_API_BASE_URL": "mine"}, "'VITE_API_BASE_URL'"},

		// What no schema says.
		{"backend.resources.requests.cpu", "2", "backend.resources.requests.cpu: 2 is above backend.resources.limits.cpu, which is 500m"},
		{"backend.resources.requests.memory", "2Gi", "backend.resources.requests.memory: 2Gi is above"},
		{"frontend.resources.requests.memory", "1Mi", "frontend.resources.requests.memory: 1Mi must be at least 4Mi"},
		{"frontend.resources.limits.memory", "0.001Ki", `"0.001Ki" is not a whole number of bytes`},
		{"redis.storage.size", "999999Ti", "redis.storage.size: 999999Ti must be at least 1Mi and at most 1Pi"},
		{"backend.autoscaling", map[string]any{"enabled": true, "minReplicas": 12}, "backend.autoscaling.maxReplicas: 9 must not be below minReplicas, which is 12"},
		{"backend.storage.accessMode", "ReadWriteOnce", "backend.storage.accessMode: ReadWriteOnce allows one node only"},
		{"ingress.host", "10.0.0.1", "ingress.host: 10.0.0.1 must be a DNS name"},
	} {
		t.Run(fmt.Sprintf("%s=%v", wrong.path, wrong.value), func(t *testing.T) {
			_, err := template(t, defaultNamespace, nested(map[string]any{wrong.path: wrong.value}))
			require.ErrorContains(t, err, wrong.says)
		})
	}
}

// A name that YAML takes for something else than text would be read as that in the configuration of Prometheus.
func TestNamespaceThatIsNoTextIsRefused(t *testing.T) {
	for _, namespace := range []string{"123", "true", "null", "1e3"} {
		_, err := template(t, namespace, nil)
		require.ErrorContains(t, err, "no text to YAML", namespace)
		_, err = template(t, namespace, nested(map[string]any{"monitoring.enabled": false}))
		require.NoError(t, err, namespace)
	}
}

// A chart that has this one among its own may have global values.
func TestGlobalValuesAreAccepted(t *testing.T) {
	_, err := template(t, defaultNamespace, map[string]any{"global": map[string]any{"team": "shop"}})
	require.NoError(t, err)
}
