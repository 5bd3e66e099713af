package platform

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/constructs/argocd"
	"github.com/ai-platform/manifests/constructs/monitoring"
)

// Environment holds what differs between the deployments of the platform, and what the values of the chart change.
// Everything else is added by Tiers.
type Environment struct {
	Name      string // The namespace's label "environment".
	Namespace Namespace
	Host      string
	Issuer    string // Of cert-manager; empty without.
	Names     Names
	Secrets   SecretSource

	Frontend HTTPTier
	Backend  HTTPTier
	Database Store
	Redis    Store

	Files  constructs.Storage // Of the backend.
	Backup Backup

	Monitoring Monitoring

	// Automated has Argo CD apply changes by itself. Without, someone syncs.
	Automated *argocd.AutomatedSync
}

// Namespace is where an environment is.
type Namespace struct {
	Name string

	// Create makes it a part of the environment, with the labels of Pod Security, and closed to all connections that nobody
	// declares. Without, it is there already and may hold pods of others, which stay as they are.
	Create bool
}

// Names are those of what the cluster has already.
type Names struct {
	Secret       string // That pods read.
	Certificate  string // The Secret that the Ingress reads, or that cert-manager makes.
	IngressClass string
}

// HTTPTier are the values of a tier with replicas.
type HTTPTier struct {
	Image     string
	Replicas  int
	Scaling   Scaling
	Resources constructs.Resources
	Env       map[string]string // Beside what connections set.
}

// Scaling lets the load decide on the replicas, if it is enabled.
type Scaling struct {
	Enabled bool
	constructs.Autoscaling
}

// Store are the values of a tier with a volume.
type Store struct {
	Image     string
	Replicas  int // 1, or 0 to stop it.
	Size      string
	Class     string // Of the volume. Empty is the cluster's default.
	Resources constructs.Resources
}

// Backup says whether the database is dumped, and how. Prometheus watches it.
type Backup struct {
	Enabled bool
	constructs.PostgresBackup
}

// Monitoring are the values of the servers that watch the platform.
type Monitoring struct {
	Enabled   bool
	Receivers []monitoring.AlertReceiver // A Secret that they do not name is the environment's, with the key of the kind of service.
	Heartbeat *monitoring.Heartbeat      // Likewise. Nil for none.
	Retention time.Duration
	Size      string // Of the volume of the samples.
	Class     string // Of all volumes of monitoring. Empty is the cluster's default.
	Public    PublicProbe
	Images    MonitoringImages
}

// PublicProbe probes the frontend at the environment's host, in addition to its Service.
type PublicProbe struct {
	Enabled            bool // Leave it out where pods cannot reach the host.
	InsecureSkipVerify bool // For an issuer whose certificates browsers do not trust.
}

// MonitoringImages are those of the servers, and of the exporters beside the stores.
type MonitoringImages struct {
	KubeStateMetrics, BlackboxExporter, Alertmanager, Prometheus, Grafana, PostgresExporter, RedisExporter string
}

// Environments are what the application's command synth writes.
func Environments() []Environment {
	return []Environment{Production(), Staging(), Development()}
}

// Named is the environment with a name.
func Named(name string) (Environment, error) {
	names := []string{}
	for _, e := range Environments() {
		if e.Name == name {
			return e, nil
		}
		names = append(names, e.Name)
	}
	return Environment{}, fmt.Errorf("there is no environment %q, only %s", name, strings.Join(names, ", "))
}

// Directory is where the manifests are written, seen from the repository. Everything but production is kept out of dist/: the
// cdk8s CLI empties and prints that whole folder.
func (e Environment) Directory() string {
	if e.Name == productionName {
		return "dist"
	}
	return filepath.Join("deploy", e.Name)
}

// secretKey is a key of the one Secret that all pods read.
func (e Environment) secretKey(key string) constructs.SecretKeyRef {
	return constructs.SecretKeyRef{Secret: e.Names.Secret, Key: key}
}

// fixedReplicas is nil where the load decides.
func (t HTTPTier) fixedReplicas() *int {
	if t.Scaling.Enabled {
		return nil
	}
	return &t.Replicas
}

func (t HTTPTier) autoscaling() *constructs.Autoscaling {
	if !t.Scaling.Enabled {
		return nil
	}
	return &t.Scaling.Autoscaling
}
