package reach

import (
	"os"
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/constructs/monitoring"
)

// What the library offers and the application does not use.

func TestMain(m *testing.M) {
	code := m.Run()
	constructs.Close()
	os.Exit(code)
}

// The database that is declared is reached, and not the one beside the client that has the same labels.
func TestDatabaseOfAnotherNamespace(t *testing.T) {
	requireReach(t, func(app cdk8s.App) {
		data, shop := chart(app, "data", "shop", "data"), chart(app, "shop", "shop", "shop")
		constructs.NewNamespace(data, "namespace", constructs.NamespaceProps{})
		constructs.NewNamespace(shop, "namespace", constructs.NamespaceProps{})
		postgres(shop)
		backend(shop, constructs.BackendProps{Database: postgres(data)})
	}, declaration{
		"shop/shop-api":      {clusterDNS: dns, "data/shop-database": "TCP 5432"},
		"shop/shop-database": {},
		"data/shop-database": {},
	})
}

func TestDatabaseOutsideTheCluster(t *testing.T) {
	requireReach(t, func(app cdk8s.App) {
		shop := chart(app, "shop", "shop", "shop")
		constructs.NewNamespace(shop, "namespace", constructs.NamespaceProps{})
		backend(shop, constructs.BackendProps{Database: constructs.ExternalPostgres{
			Server: constructs.ExternalServer{Host: "db.example.com", Port: 6432, CIDRs: []string{"10.20.0.0/24", "192.0.2.7/32"}},
			URL:    constructs.SecretKeyRef{Secret: "shop", Key: "database-url"},
		}})
	}, declaration{
		"shop/shop-api": {clusterDNS: dns, "10.20.0.0/24": "TCP 6432", "192.0.2.7/32": "TCP 6432"},
	})
}

func TestIngressWithAPI(t *testing.T) {
	requireReach(t, func(app cdk8s.App) {
		shop := chart(app, "shop", "shop", "shop")
		constructs.NewNamespace(shop, "namespace", constructs.NamespaceProps{})
		api := backend(shop, constructs.BackendProps{})
		constructs.NewIngress(shop, "ingress", constructs.IngressProps{
			Host: "shop.example.com", Tier: frontend(shop, api), APITier: api, APIPath: "/api",
		})
	}, declaration{
		controller:      {"shop/shop-web": "TCP 80", "shop/shop-api": "TCP 8000"},
		"shop/shop-web": {clusterDNS: dns, "shop/shop-api": "TCP 8000"},
		"shop/shop-api": {},
	})
}

// Another controller than ingress-nginx, which then stays out.
func TestIngressOfAnotherController(t *testing.T) {
	requireReach(t, func(app cdk8s.App) {
		shop := chart(app, "shop", "shop", "shop")
		constructs.NewNamespace(shop, "namespace", constructs.NamespaceProps{})
		constructs.NewIngress(shop, "ingress", constructs.IngressProps{
			Host: "shop.example.com", Tier: backend(shop, constructs.BackendProps{}), ClusterIssuer: "letsencrypt",
			Controller: constructs.IngressController{Namespace: "elsewhere", PodLabels: map[string]string{"component": "frontend"}},
		})
	}, declaration{
		"elsewhere/like-frontend": {"shop/shop-api": "TCP 8000", "shop/cm-acme-http-solver": "TCP 8089"},
		"shop/shop-api":           {},
	})
}

func TestTwoApplicationsInOneNamespace(t *testing.T) {
	requireReach(t, func(app cdk8s.App) {
		shop, blog := chart(app, "shop", "shop", "web"), chart(app, "blog", "blog", "web")
		constructs.NewNamespace(shop, "namespace", constructs.NamespaceProps{})
		frontend(shop, backend(shop, constructs.BackendProps{Database: postgres(shop)}))
		frontend(blog, backend(blog, constructs.BackendProps{Database: postgres(blog)}))
	}, declaration{
		"web/shop-web":      {clusterDNS: dns, "web/shop-api": "TCP 8000"},
		"web/shop-api":      {clusterDNS: dns, "web/shop-database": "TCP 5432"},
		"web/shop-database": {},
		"web/blog-web":      {clusterDNS: dns, "web/blog-api": "TCP 8000"},
		"web/blog-api":      {clusterDNS: dns, "web/blog-database": "TCP 5432"},
		"web/blog-database": {},
	})
}

// What a Prometheus reaches beyond its tiers only if it is asked to: kubelets and the API server, and cert-manager's
// controller. Where kubelets are nobody knows here, nor that cert-manager's webhook has a kubelet's port.
func TestPrometheusOfKubeletsAndCertificates(t *testing.T) {
	requireReach(t, func(app cdk8s.App) {
		shop := chart(app, "shop", "shop", "shop")
		constructs.NewNamespace(shop, "namespace", constructs.NamespaceProps{})
		backend(shop, constructs.BackendProps{Metrics: &constructs.Metrics{Port: 9000}})
		monitoring.NewPrometheus(shop, "prometheus", monitoring.PrometheusProps{
			ScrapeKubelets: true,
			KubernetesAPI:  monitoring.KubernetesAPI{CIDRs: []string{"192.0.2.7/32"}, Port: 6443},
			CertManager:    &monitoring.CertManager{},
		})
	}, declaration{
		"shop/shop-prometheus": {
			clusterDNS: dns, "shop/shop-api": "TCP 9000", everywhere: "TCP 10250", "192.0.2.7/32": "TCP 6443",
			"cert-manager/cert-manager": "TCP 9402",
		},
		"shop/shop-api": {},
	}, parseFile(t, os.DirFS("testdata"), "cert-manager.yaml", "default"))
}

// The operator's Prometheus comes from its own namespace, and nobody else does.
func TestPrometheusOfAnOperator(t *testing.T) {
	requireReach(t, func(app cdk8s.App) {
		shop := chart(app, "shop", "shop", "shop")
		constructs.NewNamespace(shop, "namespace", constructs.NamespaceProps{})
		backend(shop, constructs.BackendProps{Metrics: &constructs.Metrics{Port: 9000}})
		operated := monitoring.NewOperatorMonitoring(shop, "prometheus", monitoring.OperatorMonitoringProps{
			Namespace: "elsewhere", PodLabels: map[string]string{"component": "frontend"},
		})
		monitoring.NewOperatorDashboards(shop, "grafana", monitoring.OperatorDashboardsProps{Monitoring: operated})
	}, declaration{
		"elsewhere/like-frontend": {"shop/shop-api": "TCP 9000"},
		"shop/shop-api":           {},
	})
}

// Grafana on an Ingress, and alerts that go to a tier.
func TestGrafanaAndAlertsWithinTheCluster(t *testing.T) {
	requireReach(t, func(app cdk8s.App) {
		shop := chart(app, "shop", "shop", "shop")
		constructs.NewNamespace(shop, "namespace", constructs.NamespaceProps{})
		secret := constructs.SecretKeyRef{Secret: "shop", Key: "key"}
		alertmanager := monitoring.NewAlertmanager(shop, "alertmanager", monitoring.AlertmanagerProps{Receivers: []monitoring.AlertReceiver{{
			Kind: monitoring.ReceiverWebhook, Secret: secret, Server: backend(shop, constructs.BackendProps{}),
		}}})
		prometheus := monitoring.NewPrometheus(shop, "prometheus", monitoring.PrometheusProps{Alertmanager: alertmanager})
		grafana := monitoring.NewGrafana(shop, "grafana", monitoring.GrafanaProps{Prometheus: prometheus, AdminPassword: secret})
		constructs.NewIngress(shop, "ingress", constructs.IngressProps{Host: "grafana.example.com", Tier: grafana})
	}, declaration{
		controller:               {"shop/shop-grafana": "TCP 3000"},
		"shop/shop-grafana":      {clusterDNS: dns, "shop/shop-prometheus": "TCP 9090"},
		"shop/shop-prometheus":   {clusterDNS: dns, "shop/shop-alertmanager": "TCP 9093"},
		"shop/shop-alertmanager": {clusterDNS: dns, "shop/shop-api": "TCP 8000"},
		"shop/shop-api":          {},
	})
}

// requireReach renders a program and compares the whole matrix of a cluster with its manifests, and with what else is there.
func requireReach(t *testing.T, program func(app cdk8s.App), declared declaration, others ...manifests) {
	t.Helper()
	files, err := constructs.Render(program)
	require.NoError(t, err)
	tr := trial{declared: declared}
	for name, file := range files {
		m, err := parse(file, "default")
		require.NoError(t, err, name)
		tr.manifests = join(tr.manifests, m)
	}
	var namespaces []string
	for _, namespace := range tr.manifests.namespaces {
		namespaces = append(namespaces, namespace.Name)
	}
	tr.cluster = join(append(others, clusterWith(t, namespaces...))...)
	tr.requireDeclared(t)
}

func chart(app cdk8s.App, id, application, namespace string) cdk8s.Chart {
	return cdk8s.NewChart(app, jsii.String(id), &cdk8s.ChartProps{
		Namespace: jsii.String(namespace),
		Labels:    &map[string]*string{"app": jsii.String(application)},
	})
}

func postgres(chart cdk8s.Chart) *constructs.Postgres {
	return constructs.NewPostgres(chart, "database", constructs.PostgresProps{
		Credentials: constructs.PostgresCredentials{Secret: "database"},
	})
}

func backend(chart cdk8s.Chart, props constructs.BackendProps) *constructs.Backend {
	props.Image = "ghcr.io/acme/api:1.4.2"
	return constructs.NewBackend(chart, "api", props)
}

func frontend(chart cdk8s.Chart, api *constructs.Backend) *constructs.Frontend {
	return constructs.NewFrontend(chart, "web", constructs.FrontendProps{Image: "ghcr.io/acme/web:1.4.2", Backend: api})
}
