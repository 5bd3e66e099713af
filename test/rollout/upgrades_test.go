package rollout

import (
	"time"

	"github.com/ai-platform/manifests/constructs"
)

// upgrade is a change of a platform that runs.
type upgrade struct {
	name     string
	change   func(*platform)
	replaced []string // The tiers that get new pods. The pods of the others stay.

	// heading is that of docs/upgrades.md under which the commands stand, for client-side and for server-side apply.
	// Defaults to kubectl apply.
	heading string
}

// upgrades of a platform. Each begins where the one before it ended.
func upgrades(beginning platform) []upgrade {
	tracing := map[string]string{"OTEL_TRACES_EXPORTER": "otlp"}
	return []upgrade{
		{
			name: "images and more replicas",
			change: func(p *platform) {
				p.frontend.Image, p.backend.Image = "ai-platform-frontend:2", "ai-platform-backend:2"
				p.database.Image, p.redis.Image = "postgres:15.9-alpine", "redis:7.4-alpine"
				p.backend.Replicas, p.frontend.Replicas = number(5), number(3)
			},
			replaced: []string{"backend", "database", "frontend", "redis"},
		},
		{
			name: "fewer replicas and larger storage",
			change: func(p *platform) {
				p.backend.Replicas, p.frontend.Replicas = number(2), number(1)
				p.database.Storage.Size, p.redis.Storage.Size = "20Gi", "10Gi"
				p.backend.Storage = &constructs.Storage{MountPath: "/app/data", Size: "15Gi", AccessMode: constructs.ReadWriteMany}
			},
		},
		{
			name:     "environment of one replica and of several",
			change:   func(p *platform) { p.frontend.Env, p.backend.Env = tracing, tracing },
			replaced: []string{"backend", "frontend"},
		},
		{
			// An alert compares what the backend uses with its limit.
			name: "resources",
			change: func(p *platform) {
				p.backend.Resources.Limits.Memory = "2Gi"
				p.database.Resources.Requests.CPU = "750m"
				p.redis.Resources.Limits.Memory = "1Gi"
			},
			replaced: []string{"backend", "database", "prometheus", "redis"},
		},
		{
			name: "configuration added",
			change: func(p *platform) {
				p.backend.Files = map[string]string{"/etc/backend/log.conf": "level=info\n"}
				p.backend.SecretEnv = map[string]constructs.SecretKey{"DB_NAME": {Secret: secretName, Key: "database-name"}}
			},
			replaced: []string{"backend"},
		},
		{
			// A database that exists does not read init.sql again, so it is not restarted.
			name: "configuration changed",
			change: func(p *platform) {
				p.backend.Files = map[string]string{"/etc/backend/log.conf": "level=debug\n"}
				p.database.InitSQL += "CREATE EXTENSION IF NOT EXISTS citext;\n"
			},
			replaced: []string{"backend"},
		},
		{
			name:     "a connection removed",
			change:   func(p *platform) { p.withoutRedis = true },
			replaced: []string{"backend"},
		},
		{
			name: "connections added",
			change: func(p *platform) {
				p.withoutRedis = false
				mail := constructs.External{Host: "mail.example.com", Port: 587, CIDRs: []string{"192.0.2.0/24"}}
				p.backend.Connections = []constructs.Server{mail}
				p.backend.Replicas = number(3) // As docs/upgrades.md says, for what comes next.
			},
			replaced: []string{"backend"},
		},
		{
			name: "autoscaling switched on",
			change: func(p *platform) {
				p.backend.Replicas, p.backend.Autoscaling = nil, &constructs.Autoscaling{MinReplicas: 5, MaxReplicas: 8}
			},
			heading: "Switching autoscaling on",
		},
		{
			// Were the number of replicas not the autoscaler's, there would be one now.
			name:     "an image while the autoscaler scales",
			change:   func(p *platform) { p.backend.Image = "ai-platform-backend:3" },
			replaced: []string{"backend"},
		},
		{
			name: "autoscaling switched off",
			change: func(p *platform) {
				p.backend.Replicas, p.backend.Autoscaling = number(4), nil
			},
			heading: "Switching autoscaling off",
		},
		{
			name: "backup and the API on the Ingress switched on",
			change: func(p *platform) {
				p.database.Backup = &constructs.PostgresBackup{}
				p.apiPath, p.frontend.APIBaseURL = "/api", "https://ai-platform.example.com/api"
			},
			replaced: []string{"frontend"},
		},
		{
			name: "settings of backup, rollout and pods",
			change: func(p *platform) {
				p.database.Backup = &constructs.PostgresBackup{Keep: 3, Schedule: "30 2 * * *", Storage: constructs.Storage{Size: "30Gi"}}
				p.backend.Rollout = constructs.Rollout{MaxUnavailable: number(0), MaxSurge: number(2)}
				p.backend.Pod.Annotations = map[string]string{"example.com/owner": "backend"}
				p.backend.Liveness.Path = "/live"
			},
			replaced: []string{"backend"},
		},
		{
			name: "a volume for one node",
			change: func(p *platform) {
				p.backend.Replicas, p.backend.Rollout = number(1), constructs.Rollout{}
				p.backend.Storage = &constructs.Storage{MountPath: "/app/data", Size: "1Gi", ClaimName: "backend-disk"}
			},
			replaced: []string{"backend"},
		},
		{
			// Grafana reads a changed dashboard without a restart; a new one is a new file of its pods.
			name: "alerts, their receiver, dashboards and retention",
			change: func(p *platform) {
				p.prometheus.Alerts = []constructs.Alert{{Name: "Idle", Expr: "up > 2", Severity: constructs.Warning, Summary: "Never"}}
				p.prometheus.Retention, p.prometheus.Storage.Size = 7*24*time.Hour, "20Gi"
				p.alertmanager.Receiver.Kind = constructs.PagerDuty
				p.grafana.Dashboards = []constructs.Dashboard{{Name: "up", Title: "Up", Rows: []constructs.DashboardRow{{
					Panels: []constructs.Panel{{Title: "Up", Queries: []constructs.Query{{Expr: "up"}}}},
				}}}}
			},
			replaced: []string{"alertmanager", "grafana", "prometheus"},
		},
		{
			// The stores lose their exporters, and the others the port of their metrics.
			name:     "monitoring switched off",
			change:   func(p *platform) { p.unwatched = true },
			replaced: []string{"backend", "database", "frontend", "redis"},
		},
		{
			name: "all but the volumes as in the beginning",
			change: func(p *platform) {
				database, redis, samples := p.database.Storage, p.redis.Storage, p.prometheus.Storage
				*p = beginning
				p.database.Storage, p.redis.Storage, p.prometheus.Storage = database, redis, samples
				p.backend.Storage = &constructs.Storage{MountPath: "/app/data", Size: "15Gi", AccessMode: constructs.ReadWriteMany}
			},
			replaced: []string{"backend", "database", "frontend", "redis"},
		},
	}
}
