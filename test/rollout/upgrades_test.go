package rollout

import (
	"time"

	"github.com/ai-platform/manifests/apps/ai-platform/platform"
	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/constructs/monitoring"
)

// upgrade is a change of a platform that runs.
type upgrade struct {
	name     string
	change   func(*platform.Tiers)
	replaced []string // The tiers that get new pods. The pods of the others stay.

	// heading is that of docs/upgrades.md under which the commands stand, for client-side and for server-side apply.
	// Defaults to kubectl apply.
	heading string
}

// upgrades of a platform. Each begins where the one before it ended.
func upgrades() []upgrade {
	tracing := map[string]string{"OTEL_TRACES_EXPORTER": "otlp"}
	return []upgrade{
		{
			name: "images and more replicas",
			change: func(p *platform.Tiers) {
				p.Frontend.Image, p.Backend.Image = "ai-platform-frontend:2", "ai-platform-backend:2"
				p.Database.Image, p.Redis.Image = "postgres:15.9-alpine", "redis:7.4-alpine"
				p.Backend.Replicas, p.Frontend.Replicas = number(5), number(3)
			},
			replaced: []string{"backend", "database", "frontend", "redis"},
		},
		{
			name: "fewer replicas and larger storage",
			change: func(p *platform.Tiers) {
				p.Backend.Replicas, p.Frontend.Replicas = number(2), number(1)
				p.Database.Storage.Size, p.Redis.Storage.Size = "20Gi", "10Gi"
				p.Backend.Storage = &constructs.Storage{MountPath: "/app/data", Size: "15Gi", AccessMode: constructs.ReadWriteMany}
			},
			replaced: []string{"prometheus"}, // An alert compares what the database holds with its volume.
		},
		{
			name:     "environment of one replica and of several",
			change:   func(p *platform.Tiers) { p.Frontend.Env, p.Backend.Env = tracing, tracing },
			replaced: []string{"backend", "frontend"},
		},
		{
			// An alert compares what the backend uses with its limit.
			name: "resources",
			change: func(p *platform.Tiers) {
				p.Backend.Resources.Limits.Memory = "2Gi"
				p.Database.Resources.Requests.CPU = "750m"
				p.Redis.Resources.Limits.Memory = "1Gi"
			},
			replaced: []string{"backend", "database", "prometheus", "redis"},
		},
		{
			name: "configuration added",
			change: func(p *platform.Tiers) {
				p.Backend.Files = map[string]string{"/etc/backend/log.conf": "level=info\n"}
				p.Backend.SecretEnv = map[string]constructs.SecretKeyRef{"DB_NAME": {Secret: platform.SecretName, Key: platform.DatabaseNameKey}}
			},
			replaced: []string{"backend"},
		},
		{
			// A database that exists does not read init.sql again, so it is not restarted.
			name: "configuration changed",
			change: func(p *platform.Tiers) {
				p.Backend.Files = map[string]string{"/etc/backend/log.conf": "level=debug\n"}
				p.Database.InitSQL += "CREATE EXTENSION IF NOT EXISTS citext;\n"
			},
			replaced: []string{"backend"},
		},
		{
			name:     "a connection removed",
			change:   func(p *platform.Tiers) { p.Connections.BackendToRedis = false },
			replaced: []string{"backend"},
		},
		{
			name: "connections added",
			change: func(p *platform.Tiers) {
				p.Connections.BackendToRedis = true
				mail := constructs.ExternalServer{Host: "mail.example.com", Port: 587, CIDRs: []string{"192.0.2.0/24"}}
				p.Backend.Connections = []constructs.Server{mail}
				p.Backend.Replicas = number(3) // As docs/upgrades.md says, for what comes next.
			},
			replaced: []string{"backend"},
		},
		{
			name: "autoscaling switched on",
			change: func(p *platform.Tiers) {
				p.Backend.Replicas, p.Backend.Autoscaling = nil, &constructs.Autoscaling{MinReplicas: 5, MaxReplicas: 8}
			},
			heading: "Switching autoscaling on",
		},
		{
			// Were the number of replicas not the autoscaler's, there would be one now.
			name:     "an image while the autoscaler scales",
			change:   func(p *platform.Tiers) { p.Backend.Image = "ai-platform-backend:3" },
			replaced: []string{"backend"},
		},
		{
			name: "autoscaling switched off",
			change: func(p *platform.Tiers) {
				p.Backend.Replicas, p.Backend.Autoscaling = number(4), nil
			},
			heading: "Switching autoscaling off",
		},
		{
			name: "backup and the API on the Ingress switched on",
			change: func(p *platform.Tiers) {
				p.Database.Backup = &constructs.PostgresBackup{}
				p.Ingress.Routes, p.Frontend.APIBaseURL = []constructs.IngressRoute{{Path: "/api"}}, "https://ai-platform.example.com/api"
			},
			replaced: []string{"frontend", "prometheus"}, // Which has alerts on the backups.
		},
		{
			name: "settings of backup, rollout and pods",
			change: func(p *platform.Tiers) {
				p.Database.Backup = &constructs.PostgresBackup{Keep: 3, Schedule: "30 2 * * *", Storage: constructs.Storage{Size: "30Gi"}}
				p.Backend.Rollout = constructs.Rollout{MaxUnavailable: number(0), MaxSurge: number(2)}
				p.Backend.Pod.Annotations = map[string]string{"example.com/owner": "backend"}
				p.Backend.Liveness = constructs.HTTPProbe{Path: "/live"}
			},
			replaced: []string{"backend"},
		},
		{
			name: "a volume for one node",
			change: func(p *platform.Tiers) {
				p.Backend.Replicas, p.Backend.Rollout = number(1), constructs.Rollout{}
				p.Backend.Storage = &constructs.Storage{MountPath: "/app/data", Size: "1Gi", ClaimName: "backend-disk"}
			},
			replaced: []string{"backend"},
		},
		{
			// Grafana reads a changed dashboard without a restart; a new one is a new file of its pods.
			name: "alerts, their receiver, dashboards and retention",
			change: func(p *platform.Tiers) {
				p.Prometheus.Alerts = []monitoring.Alert{{Name: "Idle", Expr: "up > 2", Severity: monitoring.SeverityWarning, Summary: "Never"}}
				p.Prometheus.Retention, p.Prometheus.Storage.Size = 7*24*time.Hour, "20Gi"
				p.Alertmanager.Receivers[0].Kind = monitoring.ReceiverPagerDuty
				p.Grafana.Dashboards = []monitoring.Dashboard{{Name: "up", Title: "Up", Rows: []monitoring.DashboardRow{{
					Panels: []monitoring.Panel{{Title: "Up", Queries: []monitoring.Query{{Expr: "up"}}}},
				}}}}
			},
			replaced: []string{"alertmanager", "grafana", "prometheus"},
		},
		{
			// The stores lose their exporters, and the backend the port of its metrics.
			name:     "monitoring switched off",
			change:   unwatch,
			replaced: []string{"backend", "database", "redis"},
		},
		{
			name: "all but the volumes as in the beginning",
			change: func(p *platform.Tiers) {
				*p = newPlatform()
				p.Database.Storage.Size, p.Redis.Storage.Size, p.Prometheus.Storage.Size = "20Gi", "10Gi", "20Gi"
				p.Backend.Storage.Size = "15Gi"
			},
			replaced: []string{"backend", "database", "frontend", "redis"},
		},
	}
}

// unwatch leaves out what watches the platform, and what it asks of the tiers.
func unwatch(p *platform.Tiers) {
	p.KubeStateMetrics, p.Alertmanager, p.Prometheus, p.Grafana = nil, nil, nil, nil
	p.Database.Exporter, p.Redis.Exporter = nil, nil
	p.Backend.Metrics, p.Frontend.Metrics = nil, nil
}
