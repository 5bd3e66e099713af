package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/ai-platform/manifests/constructs"
)

// environment holds what differs between the deployments of the platform. Everything else is in platform.go.
type environment struct {
	name      string // The namespace's label "environment".
	namespace string
	host      string
	issuer    string // Of cert-manager.

	frontend httpTier
	backend  httpTier
	database store
	redis    store

	files  constructs.Storage // Of the backend.
	backup *constructs.PostgresBackup

	monitoring *monitoring // Nil without.
}

// httpTier are the values of a tier with replicas.
type httpTier struct {
	image     string
	replicas  int
	resources constructs.Resources
}

// store are the values of a tier with a volume.
type store struct {
	image     string
	size      string
	resources constructs.Resources
}

// monitoring are the values of the servers that watch the platform.
type monitoring struct {
	receiver  constructs.AlertReceiver
	retention time.Duration
	size      string // Of the volume of the samples.
}

// slack is who hears of alerts. Its addresses are not published, so that the policy names the port only.
var slack = constructs.AlertReceiver{
	Kind:   constructs.Slack,
	Secret: constructs.SecretKey{Secret: secretName, Key: slackURLKey},
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
	namespace: "ai-platform",
	host:      "ai-platform.example.com",
	issuer:    "letsencrypt-prod",

	frontend: httpTier{image: frontendImage, replicas: 2, resources: resources("100m", "256Mi", "250m", "512Mi")},
	backend:  httpTier{image: backendImage, replicas: 3, resources: resources("250m", "512Mi", "500m", "1Gi")},
	database: store{image: postgresImage, size: "10Gi", resources: resources("500m", "1Gi", "1", "2Gi")},
	redis:    store{image: redisImage, size: "5Gi", resources: resources("100m", "256Mi", "250m", "512Mi")},

	files: constructs.Storage{MountPath: "/app/data", Size: "10Gi", AccessMode: constructs.ReadWriteMany},

	monitoring: &monitoring{receiver: slack, retention: 30 * 24 * time.Hour, size: "20Gi"},
}

// staging is production with less of everything, and with the backups that production may want.
var staging = environment{
	name:      "staging",
	namespace: "ai-platform-staging",
	host:      "staging.ai-platform.example.com",
	issuer:    "letsencrypt-staging",

	frontend: httpTier{image: frontendImage, replicas: 2, resources: resources("50m", "128Mi", "250m", "256Mi")},
	backend:  httpTier{image: backendImage, replicas: 2, resources: resources("100m", "256Mi", "500m", "1Gi")},
	database: store{image: postgresImage, size: "5Gi", resources: resources("250m", "512Mi", "1", "1Gi")},
	redis:    store{image: redisImage, size: "1Gi", resources: resources("50m", "128Mi", "250m", "256Mi")},

	files:  constructs.Storage{MountPath: "/app/data", Size: "5Gi", AccessMode: constructs.ReadWriteMany},
	backup: &constructs.PostgresBackup{Keep: 3, Storage: constructs.Storage{Size: "5Gi"}},

	monitoring: &monitoring{receiver: slack, retention: 7 * 24 * time.Hour, size: "5Gi"},
}

// development runs on one node with any storage class: a single backend needs no ReadWriteMany.
var development = environment{
	name:      "development",
	namespace: "ai-platform-development",
	host:      "development.ai-platform.example.com",
	issuer:    "letsencrypt-staging",

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

func resources(cpuRequest, memoryRequest, cpuLimit, memoryLimit string) constructs.Resources {
	return constructs.Resources{
		Requests: constructs.ResourceList{CPU: cpuRequest, Memory: memoryRequest},
		Limits:   constructs.ResourceList{CPU: cpuLimit, Memory: memoryLimit},
	}
}
