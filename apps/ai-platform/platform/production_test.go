package platform

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/apps/ai-platform/internal/inspect"
)

// The values that production was asked to have, tier by tier.

func TestTiersOfProduction(t *testing.T) {
	for _, tier := range []struct {
		name, component, image                           string
		replicas, port                                   float64
		cpuRequest, cpuLimit, memoryRequest, memoryLimit string
		strategy                                         string
	}{
		{
			name: "ai-platform-frontend", component: "frontend", image: "ai-platform-frontend:latest", replicas: 2, port: 80,
			cpuRequest: "100m", cpuLimit: "250m", memoryRequest: "256Mi", memoryLimit: "512Mi", strategy: "RollingUpdate",
		},
		{
			name: "ai-platform-backend", component: "backend", image: "ai-platform-backend:latest", replicas: 3, port: 8000,
			cpuRequest: "250m", cpuLimit: "500m", memoryRequest: "512Mi", memoryLimit: "1Gi", strategy: "RollingUpdate",
		},
		{
			name: "ai-platform-database", component: "database", image: "postgres:15-alpine", replicas: 1, port: 5432,
			cpuRequest: "500m", cpuLimit: "1", memoryRequest: "1Gi", memoryLimit: "2Gi", strategy: "Recreate",
		},
		{
			name: "ai-platform-redis", component: "redis", image: "redis:7-alpine", replicas: 1, port: 6379,
			cpuRequest: "100m", cpuLimit: "250m", memoryRequest: "256Mi", memoryLimit: "512Mi", strategy: "Recreate",
		},
	} {
		t.Run(tier.name, func(t *testing.T) {
			selector := map[string]any{"app": "ai-platform", "component": tier.component}
			deployment, service := object(t, "Deployment", tier.name), object(t, "Service", tier.name)

			require.Equal(t, tier.replicas, inspect.At(t, deployment, "spec", "replicas"))
			require.Equal(t, tier.strategy, inspect.At(t, deployment, "spec", "strategy", "type"))
			require.Equal(t, selector, inspect.At(t, deployment, "spec", "selector", "matchLabels"))

			require.Equal(t, "ClusterIP", inspect.At(t, service, "spec", "type"))
			require.Equal(t, tier.port, inspect.At(t, service, "spec", "ports", 0, "port"))
			require.Equal(t, selector, inspect.At(t, service, "spec", "selector"))

			c := container(t, tier.name)
			require.Equal(t, tier.image, c["image"])
			require.Equal(t, tier.port, inspect.At(t, c, "ports", 0, "containerPort"))
			require.Equal(t, map[string]any{
				"requests": map[string]any{"cpu": tier.cpuRequest, "memory": tier.memoryRequest},
				"limits":   map[string]any{"cpu": tier.cpuLimit, "memory": tier.memoryLimit},
			}, c["resources"])
		})
	}
}

func TestHTTPTiersOfProduction(t *testing.T) {
	for _, name := range []string{"ai-platform-frontend", "ai-platform-backend"} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, map[string]any{"maxUnavailable": 1.0, "maxSurge": 1.0},
				inspect.At(t, object(t, "Deployment", name), "spec", "strategy", "rollingUpdate"))

			c := container(t, name)
			for probe, timing := range map[string][2]float64{"livenessProbe": {30, 10}, "readinessProbe": {5, 5}} {
				require.Equal(t, "/health", inspect.At(t, c, probe, "httpGet", "path"))
				require.Equal(t, timing[0], inspect.At(t, c, probe, "initialDelaySeconds"))
				require.Equal(t, timing[1], inspect.At(t, c, probe, "periodSeconds"))
			}
		})
	}
}

func TestEnvironmentVariablesOfProduction(t *testing.T) {
	require.Equal(t, map[string]string{
		"VITE_API_BASE_URL": "http://ai-platform-backend:8000",
	}, inspect.Variables(t, container(t, "ai-platform-frontend")))

	require.Equal(t, map[string]string{
		"DATABASE_URL":   "ai-platform-secrets/database-url",
		"REDIS_PASSWORD": "ai-platform-secrets/redis-password",
		"REDIS_URL":      "redis://default:$(REDIS_PASSWORD)@ai-platform-redis:6379",
	}, inspect.Variables(t, container(t, "ai-platform-backend")))

	database := inspect.Variables(t, container(t, "ai-platform-database"))
	require.Equal(t, "ai-platform-secrets/database-name", database["POSTGRES_DB"])
	require.Equal(t, "ai-platform-secrets/database-user", database["POSTGRES_USER"])
	require.Equal(t, "ai-platform-secrets/database-password", database["POSTGRES_PASSWORD"])

	redis := inspect.Variables(t, container(t, "ai-platform-redis"))
	require.Equal(t, "ai-platform-secrets/redis-password", redis["REDIS_PASSWORD"])
}

func TestStorageOfProduction(t *testing.T) {
	for _, storage := range []struct{ tier, claim, size, mode, path string }{
		{"ai-platform-backend", "ai-platform-backend-data", "10Gi", "ReadWriteMany", "/app/data"},
		{"ai-platform-database", "postgres-data-pvc", "10Gi", "ReadWriteOnce", "/var/lib/postgresql/data"},
		{"ai-platform-redis", "redis-data-pvc", "5Gi", "ReadWriteOnce", "/data"},
	} {
		t.Run(storage.claim, func(t *testing.T) {
			claim := object(t, "PersistentVolumeClaim", storage.claim)
			require.Equal(t, storage.size, inspect.At(t, claim, "spec", "resources", "requests", "storage"))
			require.Equal(t, []any{storage.mode}, inspect.At(t, claim, "spec", "accessModes"))

			pod := inspect.At(t, object(t, "Deployment", storage.tier), "spec", "template", "spec")
			require.Contains(t, inspect.At(t, pod, "volumes"), map[string]any{
				"name": "data", "persistentVolumeClaim": map[string]any{"claimName": storage.claim},
			})
			require.Contains(t, inspect.At(t, pod, "containers", 0, "volumeMounts"), map[string]any{"name": "data", "mountPath": storage.path})
		})
	}
	require.Contains(t, inspect.At(t, container(t, "ai-platform-backend"), "volumeMounts"),
		map[string]any{"name": "app-logs", "mountPath": "/app/logs"})
}

func TestIngressOfProduction(t *testing.T) {
	ingress := object(t, "Ingress", "ai-platform-ingress")
	require.Equal(t, map[string]any{
		"kubernetes.io/ingress.class":                "nginx",
		"nginx.ingress.kubernetes.io/rewrite-target": "/",
		"nginx.ingress.kubernetes.io/ssl-redirect":   "true",
		"cert-manager.io/cluster-issuer":             "letsencrypt-prod",
		"argocd.argoproj.io/sync-wave":               "5", // After the frontend's.
	}, inspect.At(t, ingress, "metadata", "annotations"))
	require.Equal(t, map[string]any{
		"ingressClassName": "nginx",
		"rules": []any{map[string]any{
			"host": "ai-platform.example.com",
			"http": map[string]any{"paths": []any{map[string]any{
				"path": "/", "pathType": "Prefix",
				"backend": map[string]any{"service": map[string]any{"name": "ai-platform-frontend", "port": map[string]any{"number": 80.0}}},
			}}},
		}},
		"tls": []any{map[string]any{"hosts": []any{"ai-platform.example.com"}, "secretName": "ai-platform-tls"}},
	}, ingress["spec"])
}

func TestNamespaceOfProduction(t *testing.T) {
	labels := inspect.At(t, object(t, "Namespace", "ai-platform"), "metadata", "labels").(map[string]any)
	require.Equal(t, "ai-platform", labels["name"])
	require.Equal(t, "production", labels["environment"])
	require.Equal(t, "restricted", labels["pod-security.kubernetes.io/enforce"])
}

func TestDatabaseRunsItsScriptsOnFirstStart(t *testing.T) {
	files := inspect.At(t, object(t, "ConfigMap", "ai-platform-database-files"), "data").(map[string]any)
	require.Len(t, files, 2)
	require.Equal(t, initSQL, files["init.sql"])
	for name := range files {
		require.Contains(t, inspect.At(t, container(t, "ai-platform-database"), "volumeMounts"), map[string]any{
			"name": "files", "mountPath": "/docker-entrypoint-initdb.d/" + name, "subPath": name, "readOnly": true,
		})
	}
}
