package registry

import (
	"time"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/internal/manifest"
)

// The props here set, together with those of the other cases, every field there is: a test holds that.

var (
	apiProps   = constructs.BackendProps{Image: "api:1"}
	pagesProps = constructs.FrontendProps{Image: "pages:1"}
)

var someKey = constructs.SecretKeyRef{Secret: "shop-secrets", Key: "token"}

func fullNamespace() constructs.NamespaceProps {
	return constructs.NamespaceProps{
		Labels:      map[string]string{"name": "shop", "environment": "production"},
		Annotations: map[string]string{"example.com/owner": "The shop's team, see https://example.com/shop"},
	}
}

func fullFrontend(chart cdk8s.Chart) constructs.FrontendProps {
	return constructs.FrontendProps{
		Image:            "ghcr.io/acme/pages:2.0.1",
		ImagePullPolicy:  constructs.PullAlways,
		Command:          []string{"nginx", "-g", "daemon off;"},
		Args:             []string{"-c", "/etc/nginx/nginx.conf"},
		WorkingDir:       "/usr/share/nginx",
		PostStart:        []string{"warm", "up"},
		Port:             8080,
		Replicas:         new(3),
		Rollout:          constructs.Rollout{MaxUnavailable: new(0), MaxSurge: new(2)},
		Resources:        fullResources(),
		Startup:          constructs.HTTPProbe{},
		Liveness:         fullProbe("/live"),
		Readiness:        fullProbe("/ready"),
		Backend:          constructs.NewBackend(elsewhere(chart), "api", apiProps),
		APIBaseURL:       "https://shop.example.com/api",
		Env:              map[string]string{"VITE_TITLE": "The Shop: \"best\" #1", "EMPTY": "", "VITE_DEBUG": "no"},
		SecretEnv:        map[string]constructs.SecretKeyRef{"SESSION_KEY": someKey},
		FieldEnv:         fullFieldEnv(),
		EnvFrom:          fullEnvFrom(),
		InitContainers:   fullInitContainers(),
		Sidecars:         fullSidecars(),
		DisruptionBudget: constructs.DisruptionBudget{MaxUnavailable: "34%"},
		Spread:           []constructs.Spread{{TopologyKey: "example.com/rack", MaxSkew: 2, Required: true}, {TopologyKey: "kubernetes.io/hostname"}},
		Labels:           map[string]string{"team": "shop"},
		Annotations:      map[string]string{"example.com/owner": "shop"},
		Files: map[string]string{
			"/etc/nginx/conf.d/default.conf":   "server {\n\tlisten 8080;\n}\n",
			"/usr/share/nginx/html/robots.txt": "User-agent: *\nDisallow: /\n",
		},
		EmptyDirs:      fullEmptyDirs(),
		Volumes:        fullVolumes(),
		PreStopSeconds: new(10),
		Service:        fullService(),
		Sources:        someSources(),
		Ports:          fullPorts(),
		Metrics:        fullMetrics(),
		Pod:            fullPod(),
	}
}

func fullService() constructs.ServiceProps {
	return constructs.ServiceProps{
		Type:                  constructs.ServiceLoadBalancer,
		Annotations:           map[string]string{"service.beta.kubernetes.io/aws-load-balancer-scheme": "internal"},
		SourceRanges:          []string{"203.0.113.0/24", "198.51.100.7/32"},
		ExternalTrafficPolicy: constructs.TrafficLocal,
		LoadBalancerClass:     "service.k8s.aws/nlb",
		NodePort:              30080,
	}
}

func fullBackend(chart cdk8s.Chart) constructs.BackendProps {
	others := elsewhere(chart)
	return constructs.BackendProps{
		Image:           "ghcr.io/acme/api:1.4.2",
		ImagePullPolicy: constructs.PullNever,
		Command:         []string{"python", "-m", "api", "--level=$(LOG_LEVEL)", "", "$$(LOG_LEVEL) $(date -u)"},
		Args:            []string{"--payments=$(PAYMENTS_URL)", "--api-server=$(KUBERNETES_SERVICE_HOST)", "two\nlines\n"},
		WorkingDir:      "/app",
		PostStart:       []string{"warm", "up"},
		Port:            9000,
		Replicas:        new(3),
		Rollout:         constructs.Rollout{MaxUnavailable: new(2), MaxSurge: new(0)},
		Resources:       fullResources(),
		Startup:         constructs.TCPProbe{Port: 9001, Timing: fullTiming()},
		Liveness:        constructs.GRPCProbe{Port: 9001, Service: "shop.Health", Timing: fullTiming()},
		Readiness:       fullProbe("/ready"),
		Database:        constructs.NewPostgres(others, "database", minimalPostgres()),
		Redis:           constructs.NewRedis(others, "redis", minimalRedis()),
		Connections: []constructs.Server{
			constructs.NewBackend(others, "search", constructs.BackendProps{Image: "search:1"}),
			constructs.NewBackend(inOtherNamespace(others), "sender", constructs.BackendProps{Image: "sender:1"}),
			constructs.ExternalServer{Host: "payments.example.com", Port: 443, CIDRs: []string{"203.0.113.0/24", "2001:db8::/32"}},
			constructs.ExternalServer{Host: "198.51.100.7", Port: 8443},
		},
		Env:              map[string]string{"LOG_LEVEL": "info", "WORKERS": "4", "FEATURES": "a,b", "PAYMENTS_URL": "https://shop:$(PAYMENTS_PASSWORD)@payments.example.com"},
		SecretEnv:        map[string]constructs.SecretKeyRef{"PAYMENTS_PASSWORD": someKey},
		FieldEnv:         fullFieldEnv(),
		EnvFrom:          fullEnvFrom(),
		InitContainers:   fullInitContainers(),
		Sidecars:         fullSidecars(),
		DisruptionBudget: constructs.DisruptionBudget{MaxUnavailable: "34%"},
		Spread:           []constructs.Spread{{TopologyKey: "example.com/rack", MaxSkew: 2, Required: true}, {TopologyKey: "kubernetes.io/hostname"}},
		Labels:           map[string]string{"team": "shop"},
		Annotations:      map[string]string{"example.com/owner": "shop"},
		Files: map[string]string{
			"/etc/app/config.yaml":   "debug: no\nlist:\n  - 1\n---\nsecond: document\n",
			"/etc/other/config.yaml": "",
			"/etc/app/.hidden":       "no newline at the end",
		},
		Storage: &constructs.Storage{
			MountPath: "/app/data", Size: "10240Mi", AccessMode: constructs.ReadWriteMany, StorageClassName: "shared", ClaimName: "old-claim",
		},
		EmptyDirs:      fullEmptyDirs(),
		Volumes:        fullVolumes(),
		PreStopSeconds: new(10),
		Sources:        someSources(),
		Ports:          fullPorts(),
		Metrics:        &constructs.Metrics{Path: "/metrics", Port: 9000, Objective: constructs.Objective{Availability: 99, P95Latency: time.Second}}, // On the tier's own port.
		Pod:            fullPod(),
	}
}

func fullPods(chart cdk8s.Chart) constructs.PodsProps {
	others := elsewhere(chart)
	return constructs.PodsProps{
		Port:        9200,
		Database:    constructs.NewPostgres(others, "database", minimalPostgres()),
		Redis:       constructs.NewRedis(others, "redis", minimalRedis()),
		Connections: []constructs.Server{constructs.NewBackend(others, "search", constructs.BackendProps{Image: "search:1"})},
		Sources:     someSources(),
		Metrics:     &constructs.MetricsEndpoint{Path: "/prometheus", Port: 9114},
	}
}

// ownDeployment adds the pods that a case of Pods joins, in a chart that its golden file does not show.
func ownDeployment(shown cdk8s.Chart, pods *constructs.Pods) {
	chart := cdk8s.NewChart(shown, jsii.String("elsewhere-too"), &cdk8s.ChartProps{Namespace: shown.Namespace()})
	deployment := cdk8s.NewApiObject(chart, jsii.String("own"), &cdk8s.ApiObjectProps{
		ApiVersion: jsii.String("apps/v1"), Kind: jsii.String("Deployment"),
		Metadata: &cdk8s.ApiObjectMetadata{Name: jsii.String("shop-index"), Labels: manifest.StringMap(pods.Labels())},
	})
	selector := map[string]any{"app": pods.Labels()["app"], "component": pods.Labels()["component"]}
	probe := map[string]any{"tcpSocket": map[string]any{"port": 9200}, "periodSeconds": 10, "timeoutSeconds": 5}
	resources := map[string]any{"cpu": "1", "memory": "2Gi"}
	deployment.AddJsonPatch(cdk8s.JsonPatch_Add(jsii.String("/spec"), map[string]any{
		"selector": map[string]any{"matchLabels": selector},
		"strategy": map[string]any{"type": "Recreate"},
		"template": map[string]any{
			"metadata": map[string]any{"labels": pods.Labels()},
			"spec": map[string]any{
				"automountServiceAccountToken": false, "enableServiceLinks": false,
				"securityContext": map[string]any{
					"runAsNonRoot": true, "runAsUser": 1000, "runAsGroup": 1000, "seccompProfile": map[string]any{"type": "RuntimeDefault"},
					"fsGroup": 1000, "fsGroupChangePolicy": "OnRootMismatch",
				},
				"containers": []any{map[string]any{
					"name": "index", "image": "index:1", "imagePullPolicy": "IfNotPresent", "env": pods.Env(),
					"ports":     []any{map[string]any{"containerPort": 9200}, map[string]any{"containerPort": 9114}},
					"resources": map[string]any{"requests": resources, "limits": resources},
					"securityContext": map[string]any{
						"allowPrivilegeEscalation": false, "privileged": false, "readOnlyRootFilesystem": true, "runAsNonRoot": true,
						"capabilities": map[string]any{"drop": []any{"ALL"}},
					},
					"livenessProbe": probe, "readinessProbe": probe,
				}},
			},
		},
	}))
}

func scrapedBackend() constructs.BackendProps {
	return constructs.BackendProps{Image: "api:1", Metrics: &constructs.Metrics{ScrapeOnly: true}}
}

func autoscaledBackend() constructs.BackendProps {
	return constructs.BackendProps{
		Image: "api:latest",
		Autoscaling: &constructs.Autoscaling{
			MinReplicas: 3, MaxReplicas: 30, TargetCPUUtilization: 60, TargetMemoryUtilization: 75,
			Metrics: []constructs.AutoscalingMetric{
				{Name: "requests_per_second", AverageValue: "1500m"},
				{Name: "queue_length", AverageValue: "30", External: true, Labels: map[string]string{"queue": "orders"}},
			},
			ScaleUp:   constructs.ScalingRules{StabilizationWindow: 30 * time.Second, Pods: 10, Percent: 200, Period: 90 * time.Second},
			ScaleDown: constructs.ScalingRules{StabilizationWindow: 10 * time.Minute, Pods: 1, Percent: 10, Period: 5 * time.Minute},
		},
		PreStopSeconds: new(0),
	}
}

// someSources are clients of each kind, except everyone.
func someSources() constructs.Sources {
	return constructs.Sources{
		{Namespace: "analytics", PodLabels: map[string]string{"app": "metabase", "tier": "web"}},
		{Namespace: "support", AllPods: true},
		{CIDRs: []string{"10.30.0.0/16", "192.0.2.7/32"}},
	}
}

var (
	everyone        = constructs.Sources{{Anywhere: true}}
	portForEveryone = []constructs.Port{{Sources: everyone}}
	stopping        = []string{"stop", "--gracefully"}
)

// publishedBackend serves clients outside the cluster without an Ingress.
func publishedBackend() constructs.BackendProps {
	return constructs.BackendProps{
		Image: "api:1",
		Service: constructs.ServiceProps{
			Type: constructs.ServiceNodePort, Annotations: map[string]string{"example.com/owner": "shop"},
			ExternalTrafficPolicy: constructs.TrafficCluster, NodePort: 30081,
		},
	}
}

// balancedBackend has a load balancer for everyone.
func balancedBackend() constructs.BackendProps {
	return constructs.BackendProps{Image: "api:1", Service: constructs.ServiceProps{Type: constructs.ServiceLoadBalancer}}
}

// clusterBackend is connected to servers in the cluster that are not the library's: in its own namespace, which is closed, and elsewhere.
func clusterBackend(chart cdk8s.Chart) constructs.BackendProps {
	constructs.NewNamespace(elsewhere(chart), "namespace", constructs.NamespaceProps{})
	return constructs.BackendProps{
		Image: "api:1",
		Database: constructs.ExternalPostgres{
			Server: constructs.ClusterServer{
				Service: "shop-rw", Namespace: *chart.Namespace(), Port: 5432, PodLabels: map[string]string{"cnpg.io/cluster": "shop"},
			},
			URL: constructs.SecretKeyRef{Secret: "shop-app", Key: "uri"},
		},
		Redis: constructs.ExternalRedis{
			Server: constructs.ExternalServer{Host: "cache.example.com", Port: 6380, CIDRs: []string{"10.20.0.0/24"}},
			URL:    constructs.SecretKeyRef{Secret: "shop-cache", Key: "url"},
		},
		Connections: []constructs.Server{
			constructs.ClusterServer{
				Service: "collector", Namespace: "telemetry", Port: 80, PodPort: 4318,
				PodLabels: map[string]string{"app.kubernetes.io/name": "opentelemetry-collector"},
			},
		},
	}
}

// fullModel is one of a provider, through a proxy.
func fullModel() *constructs.Model {
	return &constructs.Model{
		Server: constructs.ExternalServer{Host: "models.example.com", Port: 8443, CIDRs: []string{"203.0.113.0/24"}},
		Name:   "meta-llama/Llama-3.1-8B-Instruct",
		APIKey: constructs.SecretKeyRef{Secret: "shop-models", Key: "api-key"},
		Scheme: constructs.ModelHTTPS,
		Path:   "/openai/v1",
	}
}

// ownModel is served in the cluster, to everybody there.
func ownModel() *constructs.Model {
	return &constructs.Model{Server: constructs.ClusterServer{
		Service: "vllm", Namespace: "models", Port: 80, PodPort: 8000, PodLabels: map[string]string{"app": "vllm"},
	}}
}

// externalBackend is connected to servers outside the cluster.
func externalBackend() constructs.BackendProps {
	return constructs.BackendProps{
		Image: "api:1",
		Database: constructs.ExternalPostgres{
			Server: constructs.ExternalServer{Host: "db.example.com", Port: 5432, CIDRs: []string{"10.20.0.0/16"}},
			URL:    constructs.SecretKeyRef{Secret: "shop-secrets", Key: "database-url"},
		},
		Redis: constructs.ExternalRedis{
			Server: constructs.ExternalServer{Host: "10.20.0.9", Port: 6380}, Username: "shop", Password: someKey, TLS: true, Database: 3,
		},
	}
}

// afterMigrations is a worker of the image of a Backend in another chart, which has migrations.
func afterMigrations(others cdk8s.Chart) constructs.WorkerProps {
	database := constructs.NewPostgres(others, "database", minimalPostgres())
	api := constructs.NewBackend(others, "api", constructs.BackendProps{
		Image: "ghcr.io/acme/api:1.4.2", Database: database, Migrations: &constructs.Migrations{Command: []string{"alembic", "upgrade", "head"}},
	})
	return constructs.WorkerProps{Image: "ghcr.io/acme/api:1.4.2", Command: []string{"celery", "--app=shop", "worker"}, Database: database, MigrationsOf: api}
}

// migratedBackend has a ConfigMap, which its migrations need before it is there for the backend.
func migratedBackend(chart cdk8s.Chart) constructs.BackendProps {
	return constructs.BackendProps{
		Image:      "ghcr.io/acme/api:1.4.2",
		WorkingDir: "/app",
		Database:   constructs.NewPostgres(elsewhere(chart), "database", minimalPostgres()),
		Migrations: fullMigrations(),
		Env:        map[string]string{"CONFIG": "/etc/app/alembic.ini"},
		Files:      map[string]string{"/etc/app/alembic.ini": "[alembic]\n"},
		Storage:    &constructs.Storage{MountPath: "/data", Size: "1Gi", AccessMode: constructs.ReadWriteMany},
	}
}

func fullMigrations() *constructs.Migrations {
	return &constructs.Migrations{
		Command:      []string{"alembic", "--config=$(CONFIG)", "upgrade", "head"},
		Deadline:     20 * time.Minute,
		BackoffLimit: new(0),
		Resources:    fullResources(),
		ClientImage:  "registry.example.com/postgres:17-alpine",
	}
}

// probedBackend has a probe of each kind that is not in the other cases.
func probedBackend() constructs.BackendProps {
	return constructs.BackendProps{
		Image:     "api:1",
		Startup:   constructs.GRPCProbe{},
		Liveness:  constructs.HeartbeatProbe{Path: "/tmp/$alive", MaxAge: 2 * time.Minute, Timing: fullTiming()},
		Readiness: constructs.ExecProbe{Command: []string{"check", "--level=$(LOG_LEVEL)", "$$HOME"}, Timing: fullTiming()},
		Env:       map[string]string{"LOG_LEVEL": "info"},
	}
}

func fullWorker(chart cdk8s.Chart) constructs.WorkerProps {
	others := elsewhere(chart)
	return constructs.WorkerProps{
		Image:           "ghcr.io/acme/api:1.4.2",
		ImagePullPolicy: constructs.PullNever,
		Command:         []string{"celery", "--app=shop", "worker"},
		Args:            []string{"--loglevel=$(LOG_LEVEL)"},
		WorkingDir:      "/app",
		Replicas:        new(3),
		Rollout:         constructs.Rollout{MaxUnavailable: new(2), MaxSurge: new(0)},
		Resources:       fullResources(),
		Startup:         constructs.ExecProbe{Command: []string{"celery", "--app=shop", "inspect", "ping"}, Timing: fullTiming()},
		Liveness:        fullHeartbeat(),
		Database:        constructs.NewPostgres(others, "database", minimalPostgres()),
		Redis:           constructs.NewRedis(others, "redis", minimalRedis()),
		Model:           fullModel(),
		Connections: []constructs.Server{
			constructs.NewBackend(others, "search", constructs.BackendProps{Image: "search:1"}),
			constructs.ExternalServer{Host: "198.51.100.7", Port: 8443},
		},
		Env:              map[string]string{"LOG_LEVEL": "info", "PAYMENTS_URL": "https://shop:$(PAYMENTS_PASSWORD)@payments.example.com"},
		SecretEnv:        map[string]constructs.SecretKeyRef{"PAYMENTS_PASSWORD": someKey},
		FieldEnv:         fullFieldEnv(),
		EnvFrom:          fullEnvFrom(),
		InitContainers:   fullInitContainers(),
		Sidecars:         fullSidecars(),
		DisruptionBudget: constructs.DisruptionBudget{MaxUnavailable: "34%"},
		Spread:           []constructs.Spread{{TopologyKey: "example.com/rack", MaxSkew: 2, Required: true}, {TopologyKey: "kubernetes.io/hostname"}},
		Labels:           map[string]string{"team": "shop"},
		Annotations:      map[string]string{"example.com/owner": "shop"},
		Files:            map[string]string{"/etc/app/config.yaml": "debug: no\n"},
		Storage: &constructs.Storage{
			MountPath: "/app/data", Size: "10Gi", AccessMode: constructs.ReadWriteMany, StorageClassName: "shared", ClaimName: "tasks",
		},
		EmptyDirs: fullEmptyDirs(),
		Volumes:   fullVolumes(),
		PreStop:   []string{"sh", "-c", "drain $(hostname)"},
		PostStart: []string{"warm", "up"},
		Metrics:   fullMetricsEndpoint(),
		Pod:       fullPod(),
	}
}

func autoscaledWorker() constructs.WorkerProps {
	return constructs.WorkerProps{Image: "api:1", Autoscaling: autoscaledBackend().Autoscaling}
}

// fullScheduler has a volume that only one pod can mount.
func fullScheduler(chart cdk8s.Chart) constructs.SchedulerProps {
	worker := fullWorker(chart)
	return constructs.SchedulerProps{
		Image:           worker.Image,
		ImagePullPolicy: worker.ImagePullPolicy,
		Command:         []string{"celery", "--app=shop", "beat"},
		Args:            []string{"--schedule=/app/data/schedule"},
		WorkingDir:      worker.WorkingDir,
		Resources:       worker.Resources,
		Startup:         constructs.TCPProbe{Port: 9464},
		Liveness:        fullHeartbeat(),
		Database:        worker.Database,
		Redis:           worker.Redis,
		Model:           worker.Model,
		Connections:     worker.Connections,
		Env:             worker.Env,
		SecretEnv:       worker.SecretEnv,
		FieldEnv:        fullFieldEnv(),
		EnvFrom:         fullEnvFrom(),
		InitContainers:  fullInitContainers(),
		Sidecars:        fullSidecars(),
		Labels:          map[string]string{"team": "shop"},
		Annotations:     map[string]string{"example.com/owner": "shop"},
		Files:           worker.Files,
		Storage: &constructs.Storage{
			MountPath: "/app/data", Size: "1Gi", AccessMode: constructs.ReadWriteOncePod, StorageClassName: "fast", ClaimName: "schedule",
		},
		EmptyDirs: worker.EmptyDirs,
		Volumes:   fullVolumes(),
		PreStop:   []string{"sh", "-c", "drain $(hostname)"},
		PostStart: []string{"warm", "up"},
		Metrics:   fullMetricsEndpoint(),
		Pod:       worker.Pod,
	}
}

func fullJob(chart cdk8s.Chart) constructs.JobProps {
	worker := fullWorker(chart)
	return constructs.JobProps{
		Image:            worker.Image,
		ImagePullPolicy:  worker.ImagePullPolicy,
		Command:          []string{"python", "-m", "shop.import"},
		Args:             worker.Args,
		WorkingDir:       worker.WorkingDir,
		Completions:      4,
		Parallelism:      2,
		Deadline:         90 * time.Minute,
		BackoffLimit:     new(0),
		RestartPolicy:    constructs.RestartOnFailure,
		TTLAfterFinished: 24 * time.Hour,
		Resources:        worker.Resources,
		Database:         worker.Database,
		Redis:            worker.Redis,
		Model:            worker.Model,
		Connections:      worker.Connections,
		Env:              worker.Env,
		SecretEnv:        worker.SecretEnv,
		FieldEnv:         worker.FieldEnv,
		EnvFrom:          worker.EnvFrom,
		Files:            worker.Files,
		Storage:          worker.Storage,
		EmptyDirs:        worker.EmptyDirs,
		Volumes:          worker.Volumes,
		InitContainers:   worker.InitContainers,
		Sidecars:         worker.Sidecars,
		Labels:           worker.Labels,
		Annotations:      worker.Annotations,
		Pod:              worker.Pod,
	}
}

func unwatchedJob() constructs.JobProps {
	return constructs.JobProps{Image: "api:1", DisableAlerts: true, TTLAfterFinished: time.Minute}
}

func fullCronJob(chart cdk8s.Chart) constructs.CronJobProps {
	job := fullJob(chart)
	return constructs.CronJobProps{
		Image:                      job.Image,
		ImagePullPolicy:            job.ImagePullPolicy,
		Command:                    []string{"python", "-m", "shop.report"},
		Args:                       job.Args,
		WorkingDir:                 job.WorkingDir,
		Schedule:                   "30 6 * * mon-fri",
		TimeZone:                   "Europe/Berlin",
		StartingDeadline:           2 * time.Hour,
		ConcurrencyPolicy:          constructs.ConcurrencyAllow,
		SuccessfulJobsHistoryLimit: new(0),
		FailedJobsHistoryLimit:     new(5),
		Deadline:                   job.Deadline,
		BackoffLimit:               new(6),
		RestartPolicy:              job.RestartPolicy,
		Resources:                  job.Resources,
		Database:                   job.Database,
		Redis:                      job.Redis,
		Model:                      job.Model,
		Connections:                job.Connections,
		Env:                        job.Env,
		SecretEnv:                  job.SecretEnv,
		FieldEnv:                   job.FieldEnv,
		EnvFrom:                    job.EnvFrom,
		Files:                      job.Files,
		Storage:                    job.Storage,
		EmptyDirs:                  job.EmptyDirs,
		Volumes:                    job.Volumes,
		InitContainers:             job.InitContainers,
		Sidecars:                   job.Sidecars,
		Labels:                     job.Labels,
		Annotations:                job.Annotations,
		Pod:                        job.Pod,
	}
}

// suspendedCronJob is one that people start by hand. Its volume can be mounted by one run at a time.
func suspendedCronJob() constructs.CronJobProps {
	return constructs.CronJobProps{
		Image: "api:1", Schedule: "@yearly", Suspend: true, DisableAlerts: true, FailedJobsHistoryLimit: new(0),
		ConcurrencyPolicy: constructs.ConcurrencyReplace, Storage: &constructs.Storage{MountPath: "/data", Size: "1Gi"},
	}
}

func fullHeartbeat() constructs.Probe {
	return constructs.HeartbeatProbe{Path: "/app/cache/worker/heartbeat", MaxAge: 90 * time.Second, Timing: fullTiming()}
}

func fullMetricsEndpoint() *constructs.MetricsEndpoint {
	return &constructs.MetricsEndpoint{Path: "/internal/metrics", Port: 9113}
}

func minimalPostgres() constructs.PostgresProps {
	return constructs.PostgresProps{Credentials: constructs.PostgresCredentials{Secret: "shop-secrets"}}
}

func fullPostgres() constructs.PostgresProps {
	return constructs.PostgresProps{
		Credentials: constructs.PostgresCredentials{
			Secret: "shop-database", DatabaseKey: "name", UserKey: "user", PasswordKey: "password", URLKey: "url",
		},
		Image:           "registry.example.com/postgres:16.4-alpine",
		ImagePullPolicy: constructs.PullAlways,
		Port:            5433,
		Replicas:        new(1),
		Resources:       fullResources(),
		Storage: constructs.Storage{
			MountPath: "/var/lib/postgresql/data", Size: "0.5Ti", AccessMode: constructs.ReadWriteOncePod, StorageClassName: "fast", ClaimName: "old-database",
		},
		Settings:   map[string]string{"max_connections": "250", "shared_buffers": "512MB", "archive_command": "echo '$(date) $$ %p'", "pg_stat_statements.track": "all", "shared_preload_libraries": "pg_stat_statements"},
		Extensions: []string{"vector", "pg_stat_statements"},
		Startup:    fullTiming(),
		InitSQL:    "CREATE EXTENSION IF NOT EXISTS vector;\n-- 'quotes' and \\ are no problem\n",
		Liveness:   fullTiming(),
		Readiness:  fullTiming(),
		Backup: &constructs.PostgresBackup{
			Schedule:  "30 */6 * * mon-fri",
			Deadline:  90 * time.Minute,
			Keep:      28,
			Storage:   constructs.Storage{MountPath: "/dumps", Size: "100Gi", AccessMode: constructs.ReadWriteMany, StorageClassName: "slow", ClaimName: "dumps"},
			Resources: fullResources(),
		},
		Sources:  someSources(),
		Exporter: fullExporter(),
		Pod:      fullPod(),
	}
}

func minimalRedis() constructs.RedisProps {
	return constructs.RedisProps{Password: constructs.SecretKeyRef{Secret: "shop-secrets", Key: "redis-password"}}
}

func fullRedis() constructs.RedisProps {
	return constructs.RedisProps{
		Password:        someKey,
		Image:           "registry.example.com/redis@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
		ImagePullPolicy: constructs.PullIfNotPresent,
		Port:            6380,
		Replicas:        new(0),
		Resources:       fullResources(),
		MaxMemory:       "1Gi",
		EvictionPolicy:  constructs.RedisAllKeysLRU,
		Settings:        map[string]string{"save": "900 1 300 10", "notify-keyspace-events": "Ex", "proc-title-template": "it's {title} $(hostname)"},
		Startup:         fullTiming(),
		Storage: constructs.Storage{
			MountPath: "/data", Size: "20Gi", AccessMode: constructs.ReadWriteOnce, StorageClassName: "fast", ClaimName: "old-redis",
		},
		Liveness:  fullTiming(),
		Readiness: fullTiming(),
		Sources:   someSources(),
		Exporter:  fullExporter(),
		Pod:       fullPod(),
	}
}

func fullMetrics() *constructs.Metrics {
	return &constructs.Metrics{Path: "/internal/metrics", Port: 9113, Objective: constructs.Objective{Availability: 99.5, P95Latency: 250 * time.Millisecond}}
}

func fullExporter() *constructs.Exporter {
	return &constructs.Exporter{
		Image: "registry.example.com/exporter:2", ImagePullPolicy: constructs.PullAlways, Port: 9999, Resources: fullResources(),
	}
}

func fullIngress(chart cdk8s.Chart) constructs.IngressProps {
	others := elsewhere(chart)
	api := constructs.NewBackend(others, "api", apiProps)
	return constructs.IngressProps{
		Host:     "shop.example.com",
		Tier:     constructs.NewFrontend(others, "pages", pagesProps),
		Path:     "/shop",
		PathType: constructs.PathPrefix,
		Routes: []constructs.IngressRoute{
			{Path: "/api", Tier: api},
			{Path: "/login", PathType: constructs.PathExact, Tier: api},
			{Host: "api.example.com", Tier: api},
			{Host: "old.example.com", Path: "/v1/", Tier: api},
			{Host: "*.example.com", Path: "/v2/[a-z]+", PathType: constructs.PathImplementationSpecific, Tier: api},
			{Host: "plain.example.com", Tier: api},
		},
		TLSSecretName: "shop-example-com",
		TLS: []constructs.IngressTLS{
			{Host: "*.example.com", SecretName: "wildcard"}, {Host: "old.example.com", SecretName: "old"}, {Host: "plain.example.com", Disable: true},
		},
		DisableRedirect: true,
		ClusterIssuer:   "letsencrypt",
		ClassName:       "internal",
		Annotations:     map[string]string{"nginx.ingress.kubernetes.io/proxy-body-size": "8m"},
		Controller: constructs.IngressController{
			Profile: constructs.ProfileIngressNginx, Namespace: "ingress", PodLabels: map[string]string{"app": "nginx"}, HTTPPort: 8080, HTTPSPort: 8443,
			CIDRs: []string{"10.0.0.0/16"},
		},
	}
}

func fullFieldEnv() map[string]constructs.FieldRef {
	return map[string]constructs.FieldRef{
		"POD_NAME": {Field: "metadata.name"}, "TEAM": {Field: "metadata.labels['team']"}, "GOMAXPROCS": {Resource: "limits.cpu"},
		"MEMORY_MIB": {Resource: "limits.memory", Divisor: "1Mi"},
	}
}

func fullEnvFrom() []constructs.EnvFrom {
	return []constructs.EnvFrom{{ConfigMap: "flags"}, {Secret: "smtp", Prefix: "SMTP_", Optional: true}}
}

func fullInitContainers() []constructs.InitContainer {
	return []constructs.InitContainer{
		{
			Name: "prepare", Command: []string{"prepare", "$(POD_NAME)"}, TierEnv: true,
			Mounts: []constructs.Mount{{Path: "/tmp", ReadOnly: true}},
		},
		{
			Name: "download", Image: "registry.example.com/download:latest", ImagePullPolicy: constructs.PullIfNotPresent,
			Command: []string{"download"}, Args: []string{"--to=$(CACHE)"}, WorkingDir: "/cache",
			Env: map[string]string{"CACHE": "/cache"}, SecretEnv: map[string]constructs.SecretKeyRef{"DOWNLOAD_TOKEN": someKey},
			FieldEnv: fullFieldEnv(), EnvFrom: fullEnvFrom(),
			Mounts:    []constructs.Mount{{Path: "/app/cache", MountPath: "/cache"}},
			Resources: fullResources(),
		},
	}
}

func fullPorts() []constructs.Port {
	return []constructs.Port{
		{Name: "grpc", Number: 9002, AppProtocol: "kubernetes.io/h2c", Sources: someSources()},
		{Name: "discovery", Number: 53, Protocol: constructs.ProtocolUDP, Sidecar: "proxy"},
	}
}

// clientOfPort is connected to both ports of a tier.
func clientOfPort(chart cdk8s.Chart) constructs.WorkerProps {
	api := constructs.NewBackend(elsewhere(chart), "api", constructs.BackendProps{Image: "api:1", Ports: []constructs.Port{{Name: "grpc", Number: 9002}}})
	return constructs.WorkerProps{Image: "api:1", Connections: []constructs.Server{api, api.PortServer("grpc")}}
}

func fullSidecars() []constructs.Sidecar {
	return []constructs.Sidecar{
		{
			Name: "shipper", Image: "registry.example.com/shipper:2", ImagePullPolicy: constructs.PullAlways,
			Command: []string{"ship"}, Args: []string{"--level=$(LEVEL)"}, WorkingDir: "/logs",
			Env: map[string]string{"LEVEL": "info"}, SecretEnv: map[string]constructs.SecretKeyRef{"SHIPPER_TOKEN": someKey},
			FieldEnv: fullFieldEnv(), EnvFrom: fullEnvFrom(),
			Mounts:              []constructs.Mount{{Path: "/tmp", MountPath: "/logs", ReadOnly: true}, {Path: "/app/cache", MountPath: "/state"}},
			Resources:           fullResources(),
			Startup:             constructs.HTTPProbe{Port: 2021},
			Liveness:            constructs.HeartbeatProbe{Path: "/state/alive", MaxAge: time.Minute},
			Readiness:           constructs.TCPProbe{Port: 2020},
			AfterInitContainers: true,
		},
		{Name: "proxy", Image: "registry.example.com/proxy:1", Args: []string{"--port=5433"}, TierEnv: true},
	}
}

func fullResources() constructs.Resources {
	return constructs.Resources{
		Requests: constructs.ResourceList{CPU: "0.25", Memory: "1024Mi", EphemeralStorage: "1024Mi"},
		Limits:   constructs.ResourceList{CPU: "2000m", Memory: "2048Mi", EphemeralStorage: "4096Mi"},
		Extended: map[string]int{"nvidia.com/gpu": 2},
	}
}

func fullProbe(path string) constructs.HTTPProbe {
	return constructs.HTTPProbe{
		Path: path, Port: 8443, TLS: true, Headers: map[string]string{"Host": "shop.example.com", "X-Probe": ""}, Timing: fullTiming(),
	}
}

func fullTiming() constructs.ProbeTiming {
	return constructs.ProbeTiming{InitialDelaySeconds: new(0), PeriodSeconds: 20, TimeoutSeconds: 7, FailureThreshold: 6}
}

func fullEmptyDirs() []constructs.EmptyDir {
	return []constructs.EmptyDir{{Path: "/tmp", SizeLimit: "2048Mi"}, {Path: "/app/cache", Memory: true}}
}

// identifiedBackend has what excludes other settings of the full one.
func identifiedBackend() constructs.BackendProps {
	return constructs.BackendProps{
		Image: "api:1", Replicas: new(3), DisruptionBudget: constructs.DisruptionBudget{MinAvailable: "2"}, ServiceAccount: identity(),
	}
}

// scaledElsewhere is what an autoscaler of the program's own decides.
func scaledElsewhere() *constructs.Autoscaling {
	return &constructs.Autoscaling{MaxReplicas: 20, External: true}
}

func identity() *constructs.ServiceAccount {
	return &constructs.ServiceAccount{Name: "shop", Annotations: map[string]string{"eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/shop"}}
}

var remaining = constructs.DisruptionBudget{MinAvailable: "75%"}

func fullVolumes() []constructs.Volume {
	return []constructs.Volume{
		constructs.ClaimVolume{MountPath: "/models", ClaimName: "models", AccessMode: constructs.ReadOnlyMany, SubPath: "shop/v2", ReadOnly: true},
		constructs.SecretVolume{MountPath: "/etc/tls", Secret: "shop-tls", Items: map[string]string{"tls.crt": "server.crt", "tls.key": "private/server.key"}, Mode: 0o440, Optional: true},
		constructs.ConfigMapVolume{MountPath: "/etc/flags", ConfigMap: "flags", Items: map[string]string{"flags.bin": "flags"}, Mode: 0o444, Optional: true},
	}
}

// imageBackend has the files of another image, which the schemas of old versions of Kubernetes do not know.
func imageBackend() constructs.BackendProps {
	return constructs.BackendProps{Image: "api:1", Volumes: []constructs.Volume{
		constructs.ImageVolume{MountPath: "/models", Image: "ghcr.io/acme/model:7", ImagePullPolicy: constructs.PullAlways, SubPath: "weights"},
		constructs.ClaimVolume{MountPath: "/data", ClaimName: "data", AccessMode: constructs.ReadWriteMany},
	}}
}

// otherTier is one of another application, for props that are made without a chart.
type otherTier struct{}

func (otherTier) Component() manifest.Component {
	return manifest.Component{App: "mail", ID: "training", Namespace: "mail"}
}

func fullPod() constructs.PodProps {
	return constructs.PodProps{
		ImagePullSecrets:             []string{"registry", "mirror"},
		ServiceAccountName:           "shop",
		AutomountServiceAccountToken: true,
		PriorityClassName:            "important",
		RuntimeClassName:             "nvidia",
		NodeSelector:                 map[string]string{"kubernetes.io/arch": "amd64", "spot": "no"},
		Tolerations: []constructs.Toleration{
			{Key: "example.com/pool", Value: "shop", Effect: constructs.TaintNoSchedule},
			{Operator: constructs.TolerationExists, Effect: constructs.TaintNoExecute, TolerationSeconds: new(300)},
		},
		Affinity: constructs.Affinity{
			Nodes: []constructs.NodeAffinityRule{
				{Key: "kubernetes.io/arch", Values: []string{"arm64", "amd64"}, Required: true},
				{Key: "example.com/retired", Operator: constructs.NodeLabelDoesNotExist, Required: true},
				{Key: "example.com/generation", Operator: constructs.NodeLabelGt, Values: []string{"3"}, Weight: 20},
			},
			Near: []constructs.PodAffinityRule{
				{Labels: map[string]string{"app": "cache"}, Namespace: "shared", TopologyKey: "topology.kubernetes.io/zone", Weight: 50},
				{Tier: otherTier{}, TopologyKey: "topology.kubernetes.io/region", Required: true},
			},
			Apart: []constructs.PodAffinityRule{
				{Required: true},
				{Tier: otherTier{}},
				{Labels: map[string]string{"team": "shop"}, Namespace: "mail", TopologyKey: "example.com/rack", Weight: 1},
			},
		},
		RunAsUser:                     2000,
		RunAsGroup:                    3000,
		TerminationGracePeriodSeconds: 45,
		Labels:                        map[string]string{"team": "shop"},
		Annotations:                   map[string]string{"example.com/scrape": "true"},
	}
}
