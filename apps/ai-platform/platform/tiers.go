package platform

import (
	_ "embed"
	"maps"
	"slices"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/constructs/externalsecrets"
	"github.com/ai-platform/manifests/constructs/monitoring"
)

// AppName is the prefix of all object names, and the value of the label "app".
const AppName = "ai-platform"

// initSQL prepares an empty database.
//
//go:embed init.sql
var initSQL string

// Tiers are the props of all tiers of the platform. A tier whose props are nil is omitted.
//
// Connections between tiers of the platform are not in their props: Compose adds them. If props already name a server,
// such as a managed database, Compose keeps it.
type Tiers struct {
	NamespaceName string // The namespace of all objects.

	Cluster constructs.Cluster // What the cluster brings. If it is set, Compose must add the first constructs of the app.

	Labels map[string]string // Labels of all objects, in addition to their own.

	Namespace *constructs.NamespaceProps

	// One of these fills the Secret that the tiers read. Without either, someone creates it.
	GeneratedSecret *externalsecrets.GeneratedSecretProps
	StoreSecret     *externalsecrets.StoreSecretProps

	Database *constructs.PostgresProps
	Redis    *constructs.RedisProps
	Backend  constructs.BackendProps
	Frontend constructs.FrontendProps
	Ingress  *constructs.IngressProps // A route without a Tier leads to the backend.

	KubeStateMetrics *monitoring.KubeStateMetricsProps
	BlackboxExporter *monitoring.BlackboxExporterProps // A probe without a Tier probes the frontend.
	Alertmanager     *monitoring.AlertmanagerProps
	Prometheus       *monitoring.PrometheusProps
	Grafana          *monitoring.GrafanaProps

	Connections Connections
}

// Connections are the connections between tiers of the platform. Those of the Ingress and of monitoring follow from the
// tiers.
type Connections struct {
	BackendToDatabase, BackendToRedis, FrontendToBackend bool
}

// Tiers returns the props that follow from the environment's values. Changing them affects neither the environment nor
// the result of another call.
func (e Environment) Tiers() Tiers {
	t := Tiers{
		NamespaceName: e.Namespace.Name,
		Cluster:       e.Cluster,
		Labels:        maps.Clone(e.Labels),
		Namespace:     e.namespace(),
		Database: &constructs.PostgresProps{
			Image:       e.Database.Image,
			Replicas:    &e.Database.Replicas,
			Credentials: constructs.PostgresCredentials{Secret: e.Names.Secret},
			Resources:   e.Database.Resources,
			Storage:     constructs.Storage{ClaimName: "postgres-data-pvc", Size: e.Database.Size, StorageClassName: e.Database.Class},
			InitSQL:     initSQL,
			Backup:      e.backup(),
			Pod:         e.Database.Pod,
		},
		Redis: &constructs.RedisProps{
			Image:     e.Redis.Image,
			Replicas:  &e.Redis.Replicas,
			Password:  e.secretKey(RedisPasswordKey),
			Resources: e.Redis.Resources,
			Storage:   constructs.Storage{ClaimName: "redis-data-pvc", Size: e.Redis.Size, StorageClassName: e.Redis.Class},
			Pod:       e.Redis.Pod,
		},
		Backend: constructs.BackendProps{
			Image:       e.Backend.Image,
			Replicas:    e.Backend.fixedReplicas(),
			Autoscaling: e.Backend.autoscaling(),
			Resources:   e.Backend.Resources,
			Env:         maps.Clone(e.Backend.Env),
			SecretEnv:   maps.Clone(e.Backend.SecretEnv),
			EnvFrom:     e.Backend.envFrom(),
			Pod:         e.Backend.Pod,
			Command:     slices.Clone(e.Backend.Command),
			Args:        slices.Clone(e.Backend.Args),
			WorkingDir:  e.Backend.WorkingDir,
			Liveness:    constructs.HTTPProbe{Path: e.Backend.HealthPath},
			Readiness:   constructs.HTTPProbe{Path: e.Backend.HealthPath},
			Storage:     &e.Files,
			EmptyDirs:   []constructs.EmptyDir{{Path: "/app/logs"}},
		},
		Frontend: constructs.FrontendProps{
			Image:       e.Frontend.Image,
			Replicas:    e.Frontend.fixedReplicas(),
			Autoscaling: e.Frontend.autoscaling(),
			Resources:   e.Frontend.Resources,
			Env:         maps.Clone(e.Frontend.Env),
			SecretEnv:   maps.Clone(e.Frontend.SecretEnv),
			EnvFrom:     e.Frontend.envFrom(),
			Pod:         e.Frontend.Pod,
			Command:     slices.Clone(e.Frontend.Command),
			Args:        slices.Clone(e.Frontend.Args),
			WorkingDir:  e.Frontend.WorkingDir,
			Liveness:    constructs.HTTPProbe{Path: e.Frontend.HealthPath},
			Readiness:   constructs.HTTPProbe{Path: e.Frontend.HealthPath},
		},
		Ingress:     e.ingress(),
		Connections: Connections{BackendToDatabase: true, BackendToRedis: true, FrontendToBackend: true},
	}
	e.fillSecret(&t)
	if e.Monitoring.Enabled {
		e.watch(&t)
	}
	return t
}

func (t HTTPTier) envFrom() []constructs.EnvFrom {
	var all []constructs.EnvFrom
	for _, secret := range t.EnvFromSecrets {
		all = append(all, constructs.EnvFrom{Secret: secret})
	}
	return all
}

func (e Environment) ingress() *constructs.IngressProps {
	if !e.Ingress.Enabled {
		return nil
	}
	props := &constructs.IngressProps{Host: e.Host, AnyHost: e.Host == "", DisableTLS: !e.Ingress.TLS}
	ownCertificate := e.Ingress.TLS
	if g := e.Ingress.Gateway; g != nil {
		props.Gateway = new(*g)
		ownCertificate = ownCertificate && (g.ClassName != "" || g.ListenerSet)
	} else {
		props.ClassName, props.Controller, props.Annotations = e.Names.IngressClass, e.Ingress.Controller, maps.Clone(e.Ingress.Annotations)
		// The certificates of AWS are not in Secrets.
		ownCertificate = ownCertificate && props.Controller.Profile != constructs.ProfileAWS
	}
	if ownCertificate {
		props.TLSSecretName, props.ClusterIssuer = e.Names.Certificate, e.Issuer
	}
	props.DisableRedirect = e.Ingress.TLS && e.Ingress.DisableRedirect
	return props
}

// namespace is nil where it is there already.
func (e Environment) namespace() *constructs.NamespaceProps {
	if !e.Namespace.Create {
		return nil
	}
	return &constructs.NamespaceProps{Labels: map[string]string{"name": e.Namespace.Name, "environment": e.Name}}
}

func (e Environment) backup() *constructs.PostgresBackup {
	if !e.Backup.Enabled {
		return nil
	}
	return &e.Backup.PostgresBackup
}
