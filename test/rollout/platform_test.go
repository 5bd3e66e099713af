package rollout

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/constructs"
)

const secretName = "ai-platform-secrets"

// platform is the application of apps/ai-platform, with values that upgrades change.
type platform struct {
	database constructs.PostgresProps
	redis    constructs.RedisProps
	backend  constructs.BackendProps
	frontend constructs.FrontendProps
	ingress  constructs.IngressProps

	alertmanager constructs.AlertmanagerProps
	prometheus   constructs.PrometheusProps
	grafana      constructs.GrafanaProps

	withoutRedis bool   // The backend is not connected to it.
	unwatched    bool   // There is no monitoring.
	apiPath      string // Of the backend, on the Ingress.
}

// newPlatform returns what is like production: it has the same objects.
func newPlatform(t *testing.T) platform {
	t.Helper()
	initSQL, err := os.ReadFile(filepath.Join(root, "apps", "ai-platform", "platform", "init.sql"))
	require.NoError(t, err)
	return platform{
		database: constructs.PostgresProps{
			Image:       "postgres:15-alpine",
			Credentials: constructs.PostgresCredentials{Secret: secretName},
			Storage:     constructs.Storage{ClaimName: "postgres-data-pvc"},
			InitSQL:     string(initSQL),
		},
		redis: constructs.RedisProps{
			Image:    "redis:7-alpine",
			Password: constructs.SecretKey{Secret: secretName, Key: "redis-password"},
			Storage:  constructs.Storage{ClaimName: "redis-data-pvc"},
		},
		backend: constructs.BackendProps{
			Image:     "ai-platform-backend:1",
			Replicas:  number(3),
			Storage:   &constructs.Storage{MountPath: "/app/data", Size: "10Gi", AccessMode: constructs.ReadWriteMany},
			EmptyDirs: []constructs.EmptyDir{{Path: "/app/logs"}},
		},
		frontend: constructs.FrontendProps{Image: "ai-platform-frontend:1", Replicas: number(2)},
		ingress:  constructs.IngressProps{Host: "ai-platform.example.com", ClusterIssuer: "letsencrypt-prod"},
		alertmanager: constructs.AlertmanagerProps{Receiver: constructs.AlertReceiver{
			Kind:   constructs.Slack,
			Secret: constructs.SecretKey{Secret: secretName, Key: "slack-url"},
			Server: constructs.External{Host: "hooks.slack.com", Port: 443, CIDRs: []string{"0.0.0.0/0"}},
		}},
		grafana: constructs.GrafanaProps{AdminPassword: constructs.SecretKey{Secret: secretName, Key: "grafana-admin-password"}},
	}
}

// render returns the files of the application.
func (p platform) render(t *testing.T) map[string][]byte {
	t.Helper()
	files, err := constructs.Render(p.program)
	require.NoError(t, err)
	return files
}

func (p platform) program(app cdk8s.App) {
	if !p.unwatched {
		p.frontend.Metrics, p.backend.Metrics = &constructs.Metrics{}, &constructs.Metrics{}
		p.database.Exporter, p.redis.Exporter = &constructs.Exporter{}, &constructs.Exporter{}
	}
	constructs.NewNamespace(chart(app, "00-namespace"), "namespace", constructs.NamespaceProps{})
	p.backend.Database = constructs.NewPostgres(chart(app, "10-database"), "database", p.database)
	redis := constructs.NewRedis(chart(app, "20-redis"), "redis", p.redis)
	if !p.withoutRedis {
		p.backend.Redis = redis
	}
	backend := constructs.NewBackend(chart(app, "30-backend"), "backend", p.backend)
	p.frontend.Backend = backend
	p.ingress.Backend = constructs.NewFrontend(chart(app, "40-frontend"), "frontend", p.frontend)
	if p.apiPath != "" {
		p.ingress.API, p.ingress.APIPath = backend, p.apiPath
	}
	constructs.NewIngress(chart(app, "50-ingress"), "ingress", p.ingress)
	if !p.unwatched {
		p.watch(app)
	}
}

func (p platform) watch(app cdk8s.App) {
	constructs.NewKubeStateMetrics(chart(app, "60-kube-state-metrics"), "kube-state-metrics", constructs.KubeStateMetricsProps{})
	if p.prometheus.Operator == nil {
		p.prometheus.Alertmanager = constructs.NewAlertmanager(chart(app, "70-alertmanager"), "alertmanager", p.alertmanager)
	}
	p.grafana.Prometheus = constructs.NewPrometheus(chart(app, "80-prometheus"), "prometheus", p.prometheus)
	constructs.NewGrafana(chart(app, "90-grafana"), "grafana", p.grafana)
}

func chart(app cdk8s.App, id string) cdk8s.Chart {
	return cdk8s.NewChart(app, jsii.String(id), &cdk8s.ChartProps{
		Namespace: jsii.String(production.namespace),
		Labels:    &map[string]*string{"app": jsii.String("ai-platform")},
	})
}

func number(n int) *int { return &n }

// The upgrades would prove nothing of an application that is made of other things.
func TestPlatformHasTheObjectsOfProduction(t *testing.T) {
	require.Equal(t, namesOf(objectsOf(t, production.files(t))), namesOf(objectsOf(t, newPlatform(t).render(t))))
}
