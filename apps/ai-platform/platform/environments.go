package platform

import (
	"time"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/constructs/argocd"
	"github.com/ai-platform/manifests/constructs/monitoring"
)

// productionName is that of the environment that dist/ is for.
const productionName = "production"

// The images of all environments. Those of the application itself are built elsewhere and follow its newest build.
const (
	frontendImage = "ai-platform-frontend:latest"
	backendImage  = "ai-platform-backend:latest"
	//renovate:image
	postgresImage = "postgres:15-alpine"
	//renovate:image
	redisImage = "redis:7-alpine"
)

// databaseMemoryLimit is what PostgreSQL takes with all of its 100 connections busy (see constructs.PostgresProps). Every environment
// has as many connections; a smaller one reserves less, and its server is not killed for a burst.
const databaseMemoryLimit = "2Gi"

// Production returns the environment in dist/.
func Production() Environment {
	return Environment{
		Name:      productionName,
		Namespace: Namespace{Name: "ai-platform", Create: true},
		Host:      "ai-platform.example.com",
		Ingress:   Ingress{Enabled: true, TLS: true, Controller: ingressNginx()},
		Issuer:    "letsencrypt-prod",
		Names:     ourNames(),

		Frontend: HTTPTier{Image: frontendImage, Replicas: 2, Scaling: upTo(6), Resources: resources("100m", "256Mi", "250m", "512Mi")},
		Backend:  HTTPTier{Image: backendImage, Replicas: 3, Scaling: upTo(9), Resources: resources("250m", "512Mi", "500m", "1Gi")},
		Database: Store{Image: postgresImage, Replicas: 1, Size: "10Gi", Resources: resources("500m", "1Gi", "1", databaseMemoryLimit)},
		Redis:    Store{Image: redisImage, Replicas: 1, Size: "5Gi", Resources: resources("100m", "256Mi", "250m", "512Mi")},

		Files:  constructs.Storage{MountPath: "/app/data", Size: "10Gi", AccessMode: constructs.ReadWriteMany},
		Backup: daily(constructs.DefaultBackupKeep, "10Gi"),

		Monitoring: Monitoring{
			Enabled: true, Receivers: only(slack()), Retention: 30 * 24 * time.Hour, Size: "20Gi", Public: PublicProbe{Enabled: true}, Images: publishedImages(),
			Resources: usualResources(),
		},
	}
}

// Staging returns a smaller production, with backups and without manual steps: its passwords are generated in the
// cluster, and Argo CD applies its changes.
func Staging() Environment {
	return Environment{
		Name:      "staging",
		Namespace: Namespace{Name: "ai-platform-staging", Create: true},
		Host:      "staging.ai-platform.example.com",
		Ingress:   Ingress{Enabled: true, TLS: true, Controller: ingressNginx()},
		Issuer:    "letsencrypt-staging",
		Names:     ourNames(),
		Secrets:   SecretSource{Generated: true},

		Frontend: HTTPTier{Image: frontendImage, Replicas: 2, Resources: resources("50m", "128Mi", "250m", "256Mi")},
		Backend:  HTTPTier{Image: backendImage, Replicas: 2, Resources: resources("100m", "256Mi", "500m", "1Gi")},
		Database: Store{Image: postgresImage, Replicas: 1, Size: "5Gi", Resources: resources("250m", "512Mi", "1", databaseMemoryLimit)},
		Redis:    Store{Image: redisImage, Replicas: 1, Size: "1Gi", Resources: resources("50m", "128Mi", "250m", "256Mi")},

		Files:  constructs.Storage{MountPath: "/app/data", Size: "5Gi", AccessMode: constructs.ReadWriteMany},
		Backup: daily(3, "5Gi"),

		Monitoring: Monitoring{
			Enabled: true, Receivers: only(slackWithOwnSecret()), Retention: 7 * 24 * time.Hour, Size: "5Gi",
			// Its issuer signs with a key that nobody trusts.
			Public:    PublicProbe{Enabled: true, InsecureSkipVerify: true},
			Images:    publishedImages(),
			Resources: usualResources(),
		},

		Automated: &argocd.AutomatedSync{Prune: true, SelfHeal: true},
	}
}

// Development returns an environment for one node with any StorageClass: its single backend needs no ReadWriteMany.
func Development() Environment {
	return Environment{
		Name:      "development",
		Namespace: Namespace{Name: "ai-platform-development", Create: true},
		Host:      "development.ai-platform.example.com",
		Ingress:   Ingress{Enabled: true, TLS: true, Controller: ingressNginx()},
		Issuer:    "letsencrypt-staging",
		Names:     ourNames(),

		Frontend: HTTPTier{Image: frontendImage, Replicas: 1, Resources: resources("20m", "64Mi", "250m", "256Mi")},
		Backend:  HTTPTier{Image: backendImage, Replicas: 1, Resources: resources("50m", "256Mi", "500m", "1Gi")},
		Database: Store{Image: postgresImage, Replicas: 1, Size: "1Gi", Resources: resources("50m", "256Mi", "500m", databaseMemoryLimit)},
		Redis:    Store{Image: redisImage, Replicas: 1, Size: "1Gi", Resources: resources("20m", "64Mi", "250m", "128Mi")},

		Files: constructs.Storage{MountPath: "/app/data", Size: "1Gi", AccessMode: constructs.ReadWriteOnce},
	}
}

// ourNames are those of all environments.
func ourNames() Names {
	return Names{
		Secret:      SecretName,
		Certificate: AppName + "-tls",
	}
}

// ingressNginx is named, so that an environment may have another class without another controller.
func ingressNginx() constructs.IngressController {
	return constructs.IngressController{Profile: constructs.ProfileIngressNginx}
}

// usualResources are those that the constructs have by default.
func usualResources() MonitoringResources {
	return MonitoringResources{
		KubeStateMetrics: resources("10m", "64Mi", "100m", "128Mi"),
		BlackboxExporter: resources("10m", "32Mi", "100m", "64Mi"),
		Alertmanager:     resources("10m", "64Mi", "100m", "128Mi"),
		Prometheus:       resources("100m", "512Mi", "500m", "1Gi"),
		Grafana:          resources("100m", "256Mi", "500m", "512Mi"),
		PostgresExporter: resources("10m", "32Mi", "100m", "64Mi"),
		RedisExporter:    resources("10m", "32Mi", "100m", "64Mi"),
	}
}

// publishedImages are those that the constructs have by default.
func publishedImages() MonitoringImages {
	return MonitoringImages{
		KubeStateMetrics: monitoring.DefaultKubeStateMetricsImage,
		BlackboxExporter: monitoring.DefaultBlackboxExporterImage,
		Alertmanager:     monitoring.DefaultAlertmanagerImage,
		Prometheus:       monitoring.DefaultPrometheusImage,
		Grafana:          monitoring.DefaultGrafanaImage,
		PostgresExporter: constructs.DefaultPostgresExporterImage,
		RedisExporter:    constructs.DefaultRedisExporterImage,
	}
}

// slack is who hears of alerts. Its addresses are not published, so that the policy names the port only.
func slack() monitoring.AlertReceiver {
	return monitoring.AlertReceiver{
		Kind:   monitoring.ReceiverSlack,
		Server: constructs.ExternalServer{Host: "hooks.slack.com", Port: 443, CIDRs: constructs.AllAddresses()},
	}
}

// slackWithOwnSecret reads the URL, which people put in, from a Secret of its own: nobody can add it to one that an operator fills.
func slackWithOwnSecret() monitoring.AlertReceiver {
	receiver := slack()
	receiver.Secret = constructs.SecretKeyRef{Secret: AppName + "-alerts", Key: SlackURLKey}
	return receiver
}

// only is one receiver of all alerts.
func only(receiver monitoring.AlertReceiver) []monitoring.AlertReceiver {
	return []monitoring.AlertReceiver{receiver}
}

// daily dumps the database every night, to a volume of its own in the same cluster.
func daily(keep int, size string) Backup {
	return Backup{Enabled: true, PostgresBackup: constructs.PostgresBackup{Keep: keep, Storage: constructs.Storage{Size: size}}}
}

// upTo is what autoscaling begins with where the chart's user enables it.
func upTo(replicas int) Scaling {
	return Scaling{Autoscaling: constructs.Autoscaling{
		MinReplicas:          constructs.DefaultMinReplicas,
		MaxReplicas:          replicas,
		TargetCPUUtilization: constructs.DefaultTargetCPUUtilization,
	}}
}

func resources(cpuRequest, memoryRequest, cpuLimit, memoryLimit string) constructs.Resources {
	return constructs.Resources{
		Requests: constructs.ResourceList{CPU: cpuRequest, Memory: memoryRequest},
		Limits:   constructs.ResourceList{CPU: cpuLimit, Memory: memoryLimit},
	}
}
