package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/ai-platform/manifests/constructs"
)

// environment holds what differs between the deployments of the platform, and what the values of the chart change.
// Everything else is in platform.go.
type environment struct {
	name      string // The namespace's label "environment".
	namespace namespace
	host      string
	issuer    string // Of cert-manager; empty without.
	names     names

	frontend httpTier
	backend  httpTier
	database store
	redis    store

	files  constructs.Storage // Of the backend.
	backup *constructs.PostgresBackup

	monitoring monitoring
}

// namespace is where an environment is.
type namespace struct {
	name string

	// create makes it a part of the environment, with the labels of Pod Security, and closed to all connections that nobody
	// declares. Without, it is there already and may hold pods of others, which stay as they are.
	create bool
}

// names are those of what the cluster has already.
type names struct {
	secret       string // That pods read.
	certificate  string // The Secret that the Ingress reads, or that cert-manager makes.
	ingressClass string
}

// ourNames are those of all environments.
var ourNames = names{
	secret:       secretName,
	certificate:  appName + "-tls",
	ingressClass: constructs.DefaultIngressClassName,
}

// httpTier are the values of a tier with replicas.
type httpTier struct {
	image     string
	replicas  int
	scaling   scaling
	resources constructs.Resources
	env       map[string]string // Beside what connections set.
}

// scaling lets the load decide on the replicas, if it is enabled.
type scaling struct {
	enabled bool
	constructs.Autoscaling
}

// store are the values of a tier with a volume.
type store struct {
	image     string
	replicas  *int // 1, or 0 to stop it. Nil is 1.
	size      string
	class     string // Of the volume. Empty is the cluster's default.
	resources constructs.Resources
}

// monitoring are the values of the servers that watch the platform.
type monitoring struct {
	enabled   bool
	receiver  constructs.AlertReceiver // Its Secret is the environment's.
	retention time.Duration
	size      string // Of the volume of the samples.
	class     string // Of all volumes of monitoring. Empty is the cluster's default.
	images    monitoringImages
}

type monitoringImages struct {
	kubeStateMetrics, alertmanager, prometheus, grafana, postgresExporter, redisExporter string
}

// publishedImages are those that the constructs have by default.
var publishedImages = monitoringImages{
	kubeStateMetrics: constructs.DefaultKubeStateMetricsImage,
	alertmanager:     constructs.DefaultAlertmanagerImage,
	prometheus:       constructs.DefaultPrometheusImage,
	grafana:          constructs.DefaultGrafanaImage,
	postgresExporter: constructs.DefaultPostgresExporterImage,
	redisExporter:    constructs.DefaultRedisExporterImage,
}

// slack is who hears of alerts. Its addresses are not published, so that the policy names the port only.
var slack = constructs.AlertReceiver{
	Kind:   constructs.Slack,
	Server: constructs.External{Host: "hooks.slack.com", Port: 443, CIDRs: []string{"0.0.0.0/0"}},
}

// The images of all environments. Those of the application itself are built elsewhere and follow its newest build.
const (
	frontendImage = "ai-platform-frontend:latest"
	backendImage  = "ai-platform-backend:latest"
	// renovate: image
	postgresImage = "postgres:15-alpine"
	// renovate: image
	redisImage = "redis:7-alpine"
)

// production is what dist/ holds.
var production = environment{
	name:      "production",
	namespace: namespace{name: "ai-platform", create: true},
	host:      "ai-platform.example.com",
	issuer:    "letsencrypt-prod",
	names:     ourNames,

	frontend: httpTier{image: frontendImage, replicas: 2, scaling: upTo(6), resources: resources("100m", "256Mi", "250m", "512Mi")},
	backend:  httpTier{image: backendImage, replicas: 3, scaling: upTo(9), resources: resources("250m", "512Mi", "500m", "1Gi")},
	database: store{image: postgresImage, size: "10Gi", resources: resources("500m", "1Gi", "1", "2Gi")},
	redis:    store{image: redisImage, size: "5Gi", resources: resources("100m", "256Mi", "250m", "512Mi")},

	files: constructs.Storage{MountPath: "/app/data", Size: "10Gi", AccessMode: constructs.ReadWriteMany},

	monitoring: monitoring{enabled: true, receiver: slack, retention: 30 * 24 * time.Hour, size: "20Gi", images: publishedImages},
}

// staging is production with less of everything, and with the backups that production may want.
var staging = environment{
	name:      "staging",
	namespace: namespace{name: "ai-platform-staging", create: true},
	host:      "staging.ai-platform.example.com",
	issuer:    "letsencrypt-staging",
	names:     ourNames,

	frontend: httpTier{image: frontendImage, replicas: 2, resources: resources("50m", "128Mi", "250m", "256Mi")},
	backend:  httpTier{image: backendImage, replicas: 2, resources: resources("100m", "256Mi", "500m", "1Gi")},
	database: store{image: postgresImage, size: "5Gi", resources: resources("250m", "512Mi", "1", "1Gi")},
	redis:    store{image: redisImage, size: "1Gi", resources: resources("50m", "128Mi", "250m", "256Mi")},

	files:  constructs.Storage{MountPath: "/app/data", Size: "5Gi", AccessMode: constructs.ReadWriteMany},
	backup: &constructs.PostgresBackup{Keep: 3, Storage: constructs.Storage{Size: "5Gi"}},

	monitoring: monitoring{enabled: true, receiver: slack, retention: 7 * 24 * time.Hour, size: "5Gi", images: publishedImages},
}

// development runs on one node with any storage class: a single backend needs no ReadWriteMany.
var development = environment{
	name:      "development",
	namespace: namespace{name: "ai-platform-development", create: true},
	host:      "development.ai-platform.example.com",
	issuer:    "letsencrypt-staging",
	names:     ourNames,

	frontend: httpTier{image: frontendImage, replicas: 1, resources: resources("20m", "64Mi", "250m", "256Mi")},
	backend:  httpTier{image: backendImage, replicas: 1, resources: resources("50m", "256Mi", "500m", "1Gi")},
	database: store{image: postgresImage, size: "1Gi", resources: resources("50m", "256Mi", "500m", "512Mi")},
	redis:    store{image: redisImage, size: "1Gi", resources: resources("20m", "64Mi", "250m", "128Mi")},

	files: constructs.Storage{MountPath: "/app/data", Size: "1Gi", AccessMode: constructs.ReadWriteOnce},
}

// environments are what the command synth writes.
var environments = []environment{production, staging, development}

func environmentNamed(name string) (environment, error) {
	names := []string{}
	for _, e := range environments {
		if e.name == name {
			return e, nil
		}
		names = append(names, e.name)
	}
	return environment{}, fmt.Errorf("there is no environment %q, only %s", name, strings.Join(names, ", "))
}

// upTo is what autoscaling begins with where the chart's user enables it.
func upTo(replicas int) scaling {
	return scaling{Autoscaling: constructs.Autoscaling{
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
