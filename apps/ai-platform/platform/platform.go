// Package platform composes the ai-platform application from constructs, for several environments.
//
// An Environment has a few values, from which the props of all tiers follow. Props can be changed before they are
// composed:
//
//	tiers := platform.Production().Tiers()
//	tiers.Backend.Image = "ghcr.io/acme/api:1.4.2"
//	err := constructs.Synth("dist", func(app cdk8s.App) { tiers.Compose(app) })
package platform

import (
	"reflect"
	"slices"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/constructs/argocd"
	"github.com/ai-platform/manifests/constructs/externalsecrets"
	"github.com/ai-platform/manifests/constructs/monitoring"
)

// Constructs are the constructs that Compose has added, for patches and for connections to other tiers. Omitted tiers
// are nil.
type Constructs struct {
	Namespace *constructs.Namespace

	GeneratedSecret *externalsecrets.GeneratedSecret
	StoreSecret     *externalsecrets.StoreSecret

	Database *constructs.Postgres
	Redis    *constructs.Redis
	Backend  *constructs.Backend
	Frontend *constructs.Frontend
	Ingress  *constructs.Ingress

	KubeStateMetrics *monitoring.KubeStateMetrics
	BlackboxExporter *monitoring.BlackboxExporter
	Alertmanager     *monitoring.Alertmanager
	Prometheus       *monitoring.Prometheus
	Grafana          *monitoring.Grafana
}

// Compose adds the environment's tiers to an application.
func (e Environment) Compose(app cdk8s.App) {
	e.Tiers().Compose(app)
	argocd.Annotate(app)
}

// Compose connects the tiers and adds them to an application. Each chart is a file, and the order of their ids is the
// order in which kubectl applies them.
//
// Prometheus scrapes tiers that were added before it. For a tier of your own, leave out Prometheus and Grafana here,
// and add them after that tier.
func (t Tiers) Compose(app cdk8s.App) Constructs {
	var c Constructs
	if !reflect.ValueOf(t.Cluster).IsZero() {
		constructs.SetCluster(app, t.Cluster)
	}
	if t.Namespace != nil {
		c.Namespace = constructs.NewNamespace(t.Chart(app, "00-namespace"), "namespace", *t.Namespace)
	}
	t.composeSecret(app, &c)
	if t.Database != nil {
		c.Database = constructs.NewPostgres(t.Chart(app, "10-database"), "database", *t.Database)
	}
	if t.Redis != nil {
		c.Redis = constructs.NewRedis(t.Chart(app, "20-redis"), "redis", *t.Redis)
	}
	c.Backend = constructs.NewBackend(t.Chart(app, "30-backend"), "backend", t.connectedBackend(c))
	c.Frontend = constructs.NewFrontend(t.Chart(app, "40-frontend"), "frontend", t.connectedFrontend(c))
	if t.Ingress != nil {
		c.Ingress = constructs.NewIngress(t.Chart(app, "50-ingress"), "ingress", t.connectedIngress(c))
	}
	t.composeMonitoring(app, &c)
	return c
}

func (t Tiers) connectedBackend(c Constructs) constructs.BackendProps {
	props := t.Backend
	if t.Connections.BackendToDatabase && props.Database == nil && c.Database != nil {
		props.Database = c.Database
	}
	if t.Connections.BackendToRedis && props.Redis == nil && c.Redis != nil {
		props.Redis = c.Redis
	}
	return props
}

func (t Tiers) connectedFrontend(c Constructs) constructs.FrontendProps {
	props := t.Frontend
	if t.Connections.FrontendToBackend && props.Backend == nil {
		props.Backend = c.Backend
	}
	return props
}

func (t Tiers) connectedIngress(c Constructs) constructs.IngressProps {
	props := *t.Ingress
	if props.Tier == nil {
		props.Tier = c.Frontend
	}
	props.Routes = slices.Clone(props.Routes)
	for i, route := range props.Routes {
		if route.Tier == nil {
			props.Routes[i].Tier = c.Backend
		}
	}
	return props
}

// Chart adds a chart like those of the tiers: a file whose objects are in the platform's namespace and have its label.
func (t Tiers) Chart(app cdk8s.App, id string) cdk8s.Chart {
	labels := map[string]*string{"app": jsii.String(AppName)}
	for key, value := range t.Labels {
		labels[key] = jsii.String(value)
	}
	return cdk8s.NewChart(app, jsii.String(id), &cdk8s.ChartProps{Namespace: jsii.String(t.NamespaceName), Labels: &labels})
}
