package main

import (
	"fmt"
	"strings"

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

// production is what dist/ holds.
var production = environment{
	name:      "production",
	namespace: "ai-platform",
	host:      "ai-platform.example.com",
	issuer:    "letsencrypt-prod",

	frontend: httpTier{image: "ai-platform-frontend:latest", replicas: 2, resources: resources("100m", "256Mi", "250m", "512Mi")},
	backend:  httpTier{image: "ai-platform-backend:latest", replicas: 3, resources: resources("250m", "512Mi", "500m", "1Gi")},
	database: store{image: "postgres:15-alpine", size: "10Gi", resources: resources("500m", "1Gi", "1", "2Gi")},
	redis:    store{image: "redis:7-alpine", size: "5Gi", resources: resources("100m", "256Mi", "250m", "512Mi")},

	files: constructs.Storage{MountPath: "/app/data", Size: "10Gi", AccessMode: constructs.ReadWriteMany},
}

// staging is production with less of everything, and with the backups that production may want.
var staging = environment{
	name:      "staging",
	namespace: "ai-platform-staging",
	host:      "staging.ai-platform.example.com",
	issuer:    "letsencrypt-staging",

	frontend: httpTier{image: "ai-platform-frontend:latest", replicas: 2, resources: resources("50m", "128Mi", "250m", "256Mi")},
	backend:  httpTier{image: "ai-platform-backend:latest", replicas: 2, resources: resources("100m", "256Mi", "500m", "1Gi")},
	database: store{image: "postgres:15-alpine", size: "5Gi", resources: resources("250m", "512Mi", "1", "1Gi")},
	redis:    store{image: "redis:7-alpine", size: "1Gi", resources: resources("50m", "128Mi", "250m", "256Mi")},

	files:  constructs.Storage{MountPath: "/app/data", Size: "5Gi", AccessMode: constructs.ReadWriteMany},
	backup: &constructs.PostgresBackup{Keep: 3, Storage: constructs.Storage{Size: "5Gi"}},
}

// development runs on one node with any storage class: a single backend needs no ReadWriteMany.
var development = environment{
	name:      "development",
	namespace: "ai-platform-development",
	host:      "development.ai-platform.example.com",
	issuer:    "letsencrypt-staging",

	frontend: httpTier{image: "ai-platform-frontend:latest", replicas: 1, resources: resources("20m", "64Mi", "250m", "256Mi")},
	backend:  httpTier{image: "ai-platform-backend:latest", replicas: 1, resources: resources("50m", "256Mi", "500m", "1Gi")},
	database: store{image: "postgres:15-alpine", size: "1Gi", resources: resources("50m", "256Mi", "500m", "512Mi")},
	redis:    store{image: "redis:7-alpine", size: "1Gi", resources: resources("20m", "64Mi", "250m", "128Mi")},

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
