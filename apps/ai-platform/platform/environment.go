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

// Environment holds the values that differ between deployments of the platform, and those that the chart can change.
// Tiers adds everything else.
type Environment struct {
	Name      string // Also the namespace's label "environment".
	Namespace Namespace
	Cluster   constructs.Cluster // What the cluster brings. Defaults to kube-dns, and users that the tiers name.
	Host      string             // Empty for every host that no other Ingress names.
	Ingress   Ingress
	Issuer    string // The ClusterIssuer of cert-manager. Empty for none.
	Names     Names
	Secrets   SecretSource

	Frontend HTTPTier
	Backend  HTTPTier
	Database Store
	Redis    Store

	Files  constructs.Storage // The backend's volume.
	Backup Backup

	Monitoring Monitoring

	Labels map[string]string // Labels of all objects, in addition to their own.

	// Automated has Argo CD apply changes automatically. Defaults to a manual sync.
	Automated *argocd.AutomatedSync
}

// Namespace is the namespace of an environment.
type Namespace struct {
	Name string

	// Create makes the namespace part of the environment, with the labels of Pod Security and all undeclared
	// connections denied. Otherwise it must exist, and may contain other pods, which are not affected.
	Create bool
}

// Ingress routes external requests to the frontend if it is enabled.
type Ingress struct {
	Enabled         bool
	TLS             bool // False if TLS ends in front of the controller: no certificate is requested then.
	DisableRedirect bool // Serves plain HTTP, too.
	Controller      constructs.IngressController
	Annotations     map[string]string // In addition to those of the controller's profile.

	// Gateway publishes the frontend by Gateway API instead of an Ingress. Controller, Annotations and Names.IngressClass are then unused, and without
	// Gateway.ClassName and Gateway.ListenerSet, Issuer and Names.Certificate too: the Gateway has the certificate. Nil for an Ingress.
	Gateway *constructs.Gateway
}

// Names are the names of objects in the cluster that the environment refers to.
type Names struct {
	Secret       string // The Secret that pods read.
	Certificate  string // The Secret of the Ingress's certificate, which cert-manager can create.
	IngressClass string // Empty for that of the controller's profile.
}

// HTTPTier holds the values of a tier with replicas.
type HTTPTier struct {
	Image     string
	Replicas  int
	Scaling   Scaling
	Resources constructs.Resources
	Env       map[string]string                  // In addition to the variables that connections set.
	SecretEnv map[string]constructs.SecretKeyRef // Likewise, with values in Secrets.
	Pod       constructs.PodProps

	EnvFromSecrets []string // Secrets whose keys all become variables. Other variables of the same name take precedence.

	// What an image may need that is not the application's own.
	Command, Args []string
	WorkingDir    string
	HealthPath    string // Of the probes. Defaults to "/health".
}

// Scaling adjusts the replicas to the load if it is enabled.
type Scaling struct {
	Enabled bool
	constructs.Autoscaling
}

// Store holds the values of a tier with a volume.
type Store struct {
	Image     string
	Replicas  int // 1, or 0 to stop the server.
	Size      string
	Class     string // The StorageClass. Empty for the cluster's default.
	Resources constructs.Resources
	Pod       constructs.PodProps
}

// Backup dumps the database if it is enabled. Prometheus monitors it.
type Backup struct {
	Enabled bool
	constructs.PostgresBackup
}

// Monitoring holds the values of the servers that monitor the platform.
type Monitoring struct {
	Enabled   bool
	Receivers []monitoring.AlertReceiver // If Secret is empty, a key of the environment's Secret: slack-url, pagerduty-routing-key or webhook-url.
	Heartbeat *monitoring.Heartbeat      // If Secret is empty, heartbeat-url of the environment's Secret. Nil for none.
	Retention time.Duration
	Size      string // The size of Prometheus's volume.
	Class     string // The StorageClass of all volumes. Empty for the cluster's default.
	Public    PublicProbe
	Images    MonitoringImages
	Resources MonitoringResources
	Pod       constructs.PodProps // Of the servers. Exporters are in the pods of the stores.
}

// PublicProbe probes the frontend at the environment's host, in addition to its Service, if an Ingress leads there.
type PublicProbe struct {
	Enabled            bool // Requires that pods can reach the host.
	InsecureSkipVerify bool // For issuers that browsers do not trust.
}

// MonitoringImages are the images of the servers, and of the exporters of the stores.
type MonitoringImages struct {
	KubeStateMetrics, BlackboxExporter, Alertmanager, Prometheus, Grafana, PostgresExporter, RedisExporter string
}

// MonitoringResources are the resources of the same containers. Empty ones are the constructs' defaults.
type MonitoringResources struct {
	KubeStateMetrics, BlackboxExporter, Alertmanager, Prometheus, Grafana, PostgresExporter, RedisExporter constructs.Resources
}

// Environments returns the environments of the application, which the command synth writes.
func Environments() []Environment {
	return []Environment{Production(), Staging(), Development()}
}

// Named returns the environment with a name. An unknown name is an error.
func Named(name string) (Environment, error) {
	names := []string{}
	for _, e := range Environments() {
		if e.Name == name {
			return e, nil
		}
		names = append(names, e.Name)
	}
	return Environment{}, fmt.Errorf("unknown environment %q: must be one of %s", name, strings.Join(names, ", "))
}

// Directory returns the directory of the manifests, relative to the repository. Only production is in dist/, because
// the cdk8s CLI empties that directory and prints all of it.
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
