package reach

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/constructs/monitoring"
)

func TestMain(m *testing.M) {
	code := m.Run()
	constructs.Close()
	os.Exit(code)
}

// scenarios are what the library offers and the environments do not use. Each has its report in testdata.
var scenarios = []struct {
	name    string
	program func(app cdk8s.App)
}{
	// The client connects to the database that it names, and not to the one beside it that has the same labels.
	{"database-in-another-namespace", func(app cdk8s.App) {
		data, shop := namespaced(app, "data"), namespaced(app, "shop")
		postgres(shop)
		backend(shop, constructs.BackendProps{Database: postgres(data)})
	}},
	{"database-outside-the-cluster", func(app cdk8s.App) {
		shop := namespaced(app, "shop")
		backend(shop, constructs.BackendProps{Database: constructs.ExternalPostgres{
			Server: constructs.ExternalServer{Host: "db.example.com", Port: 6432, CIDRs: []string{"10.20.0.0/24", "192.0.2.7/32"}},
			URL:    constructs.SecretKeyRef{Secret: "shop", Key: "database-url"},
		}})
	}},
	// Servers and clients of others, in the namespace shop, which is closed, and elsewhere. Next to each is a pod that is nearly the same.
	{"servers-and-clients-of-others", func(app cdk8s.App) {
		shop := namespaced(app, "shop")
		backend(shop, constructs.BackendProps{
			Database: constructs.ExternalPostgres{
				Server: constructs.ClusterServer{Service: "main-rw", Namespace: "shop", Port: 5432, PodLabels: map[string]string{"cnpg.io/cluster": "main"}},
				URL:    constructs.SecretKeyRef{Secret: "main-app", Key: "uri"},
			},
			Connections: []constructs.Server{
				constructs.ClusterServer{
					Service: "collector", Namespace: "elsewhere", Port: 80, PodPort: 4318, PodLabels: map[string]string{"app": "ai-platform", "component": "frontend"},
				},
			},
			Sources: constructs.Sources{
				{Namespace: "elsewhere", PodLabels: map[string]string{"app": "ai-platform", "component": "backend"}},
				{CIDRs: []string{"10.30.0.0/16"}},
			},
		})
		postgres(shop)
		constructs.NewRedis(shop, "cache", constructs.RedisProps{
			Password: constructs.SecretKeyRef{Secret: "shop", Key: "redis"}, Sources: constructs.Sources{{Namespace: "ingress-nginx", AllPods: true}},
		})
		constructs.NewRedis(shop, "public", constructs.RedisProps{
			Password: constructs.SecretKeyRef{Secret: "shop", Key: "redis"}, Sources: constructs.Sources{{Anywhere: true}},
		})
		cdk8s.NewInclude(cdk8s.NewChart(app, jsii.String("others"), nil), jsii.String("objects"), &cdk8s.IncludeProps{Url: jsii.String("testdata/operated-database.yaml")})
	}},
	// With Local the clients' addresses are admitted, with Cluster everyone: the sender is a node.
	{"services-for-clients-outside", func(app cdk8s.App) {
		shop := namespaced(app, "shop")
		for id, service := range map[string]constructs.ServiceProps{
			"ranges":  {Type: constructs.ServiceLoadBalancer, SourceRanges: []string{"203.0.113.0/24"}},
			"all":     {Type: constructs.ServiceLoadBalancer},
			"cluster": {Type: constructs.ServiceLoadBalancer, SourceRanges: []string{"203.0.113.0/24"}, ExternalTrafficPolicy: constructs.TrafficCluster},
			"nodes":   {Type: constructs.ServiceNodePort},
		} {
			constructs.NewBackend(shop, id, constructs.BackendProps{Image: "ghcr.io/acme/api:1.4.2", Service: service})
		}
	}},
	{"ingress-with-api", func(app cdk8s.App) {
		shop := namespaced(app, "shop")
		api := backend(shop, constructs.BackendProps{})
		constructs.NewIngress(shop, "ingress", constructs.IngressProps{
			Host: "shop.example.com", Tier: frontend(shop, api), Routes: []constructs.IngressRoute{{Path: "/api", Tier: api}},
		})
	}},
	// ingress-nginx stays out.
	{"another-ingress-controller", func(app cdk8s.App) {
		shop := namespaced(app, "shop")
		constructs.NewIngress(shop, "ingress", constructs.IngressProps{
			Host: "shop.example.com", Tier: backend(shop, constructs.BackendProps{}), ClusterIssuer: "letsencrypt",
			Controller: constructs.IngressController{Namespace: "elsewhere", PodLabels: map[string]string{"component": "frontend"}},
		})
	}},
	// The proxy of the shared Gateway gets in, and that of the one beside it does not.
	{"gateway-shared", func(app cdk8s.App) {
		shop, elsewhere := namespaced(app, "shop"), chart(app, "elsewhere", "elsewhere", "elsewhere")
		proxy(elsewhere, "public", map[string]string{gatewayName: "public"})
		proxy(elsewhere, "internal", map[string]string{gatewayName: "internal"})
		constructs.NewIngress(shop, "ingress", constructs.IngressProps{
			Host: "shop.example.com", Tier: backend(shop, constructs.BackendProps{}), ClusterIssuer: "letsencrypt",
			Gateway: &constructs.Gateway{
				Name: "public", Namespace: "elsewhere", ListenerSet: true, Proxy: constructs.GatewayProxy{Profile: constructs.GatewayNGINX},
			},
		})
	}},
	// Istio runs the proxy in the application's namespace, where everything is denied to it that it does not need.
	{"gateway-of-its-own", func(app cdk8s.App) {
		shop, elsewhere := namespaced(app, "shop"), chart(app, "elsewhere", "elsewhere", "elsewhere")
		proxy(elsewhere, "istiod", map[string]string{"app": "istiod"})
		proxy(shop, "shop-ingress-istio", map[string]string{gatewayName: "shop-ingress"})
		api := backend(shop, constructs.BackendProps{Database: postgres(shop)})
		constructs.NewIngress(shop, "ingress", constructs.IngressProps{
			Host: "shop.example.com", Tier: frontend(shop, api), Routes: []constructs.IngressRoute{{Path: "/api", Tier: api}}, ClusterIssuer: "letsencrypt",
			Gateway: &constructs.Gateway{ClassName: "istio", Proxy: constructs.GatewayProxy{
				Profile: constructs.GatewayIstio, ControllerNamespace: "elsewhere",
			}},
		})
	}},
	// Load balancers outside the cluster have addresses, and no pods.
	{"gateway-outside-the-cluster", func(app cdk8s.App) {
		shop := namespaced(app, "shop")
		constructs.NewIngress(shop, "ingress", constructs.IngressProps{
			Host: "shop.example.com", Tier: backend(shop, constructs.BackendProps{}),
			Gateway: &constructs.Gateway{
				ClassName: "gke-l7-global-external-managed", Proxy: constructs.GatewayProxy{Profile: constructs.GatewayGKE},
			},
		})
	}},
	{"two-applications-in-one-namespace", func(app cdk8s.App) {
		namespaced(app, "web")
		shop, blog := chart(app, "shop", "shop", "web"), chart(app, "blog", "blog", "web")
		frontend(shop, backend(shop, constructs.BackendProps{Database: postgres(shop)}))
		frontend(blog, backend(blog, constructs.BackendProps{Database: postgres(blog)}))
	}},
	// Nobody here knows where kubelets are, nor that cert-manager's webhook has a kubelet's port.
	{"prometheus-of-kubelets-and-cert-manager", func(app cdk8s.App) {
		shop := namespaced(app, "shop")
		backend(shop, constructs.BackendProps{Metrics: &constructs.Metrics{Port: 9000}})
		monitoring.NewPrometheus(shop, "prometheus", monitoring.PrometheusProps{
			ScrapeKubelets: true,
			KubernetesAPI:  monitoring.KubernetesAPI{CIDRs: []string{"192.0.2.7/32"}, Port: 6443},
			CertManager:    &monitoring.CertManager{},
		})
	}},
	// The operator's Prometheus comes from its own namespace, and nobody else does.
	{"prometheus-of-an-operator", func(app cdk8s.App) {
		shop := namespaced(app, "shop")
		backend(shop, constructs.BackendProps{Metrics: &constructs.Metrics{Port: 9000}})
		operated := monitoring.NewOperatorMonitoring(shop, "prometheus", monitoring.OperatorMonitoringProps{
			Namespace: "elsewhere", PodLabels: map[string]string{"component": "frontend"},
		})
		monitoring.NewOperatorDashboards(shop, "grafana", monitoring.OperatorDashboardsProps{Monitoring: operated})
	}},
	// Grafana on an Ingress, and alerts that go to a tier.
	{"grafana-and-alerts-in-the-cluster", func(app cdk8s.App) {
		shop := namespaced(app, "shop")
		secret := constructs.SecretKeyRef{Secret: "shop", Key: "key"}
		alertmanager := monitoring.NewAlertmanager(shop, "alertmanager", monitoring.AlertmanagerProps{Receivers: []monitoring.AlertReceiver{{
			Kind: monitoring.ReceiverWebhook, Secret: secret, Server: backend(shop, constructs.BackendProps{}),
		}}})
		prometheus := monitoring.NewPrometheus(shop, "prometheus", monitoring.PrometheusProps{Alertmanager: alertmanager})
		grafana := monitoring.NewGrafana(shop, "grafana", monitoring.GrafanaProps{Prometheus: prometheus, AdminPassword: secret})
		constructs.NewIngress(shop, "ingress", constructs.IngressProps{Host: "grafana.example.com", Tier: grafana})
	}},
	// Nobody connects to a worker, except for Prometheus to its metrics.
	{"workers", func(app cdk8s.App) {
		shop := namespaced(app, "shop")
		db := postgres(shop)
		api := backend(shop, constructs.BackendProps{Database: db})
		model := constructs.ClusterServer{Service: "vllm", Namespace: "elsewhere", Port: 80, PodPort: 8000, PodLabels: map[string]string{"component": "backend"}}
		constructs.NewWorker(shop, "worker", constructs.WorkerProps{
			Image: "ghcr.io/acme/api:1.4.2", Database: db, Model: &constructs.Model{Server: model}, Metrics: &constructs.MetricsEndpoint{Port: 9000},
		})
		constructs.NewScheduler(shop, "scheduler", constructs.SchedulerProps{Image: "ghcr.io/acme/api:1.4.2", Connections: []constructs.Server{api}})
		monitoring.NewPrometheus(shop, "prometheus", monitoring.PrometheusProps{})
	}},
	// The worker connects to one of three ports, and the client of others to another one. Sidecars connect as their pod does.
	{"further-ports", func(app cdk8s.App) {
		shop := namespaced(app, "shop")
		api := backend(shop, constructs.BackendProps{
			Ports: []constructs.Port{
				{Name: "grpc", Number: 9001},
				{Name: "admin", Number: 9901, Sidecar: "proxy", Sources: constructs.Sources{{Namespace: "elsewhere", PodLabels: map[string]string{"component": "frontend"}}}},
				{Name: "closed", Number: 9002, Protocol: constructs.ProtocolUDP},
			},
			Sidecars: []constructs.Sidecar{{Name: "proxy", Image: "proxy:1"}},
		})
		constructs.NewWorker(shop, "worker", constructs.WorkerProps{Image: "ghcr.io/acme/api:1.4.2", Connections: []constructs.Server{api.PortServer("grpc")}})
	}},
	// A StatefulSet of the program's own, in a closed namespace.
	{"pods-of-the-program", func(app cdk8s.App) {
		shop := namespaced(app, "shop")
		search := constructs.NewPods(shop, "search", constructs.PodsProps{
			Port: 9200, Database: postgres(shop), Metrics: &constructs.MetricsEndpoint{Port: 9114},
			Sources: constructs.Sources{{Namespace: "elsewhere", PodLabels: map[string]string{"component": "frontend"}}},
		})
		set := cdk8s.NewApiObject(shop, jsii.String("set"), &cdk8s.ApiObjectProps{
			ApiVersion: jsii.String("apps/v1"), Kind: jsii.String("StatefulSet"), Metadata: &cdk8s.ApiObjectMetadata{Name: jsii.String("search")},
		})
		set.AddJsonPatch(cdk8s.JsonPatch_Add(jsii.String("/spec"), map[string]any{
			"serviceName": search.Service().Name(),
			"selector":    map[string]any{"matchLabels": search.Labels()},
			"template": map[string]any{
				"metadata": map[string]any{"labels": search.Labels()},
				"spec": map[string]any{
					"securityContext": map[string]any{"runAsNonRoot": true, "runAsUser": 1000, "seccompProfile": map[string]any{"type": "RuntimeDefault"}},
					"containers": []any{map[string]any{
						"name": "search", "image": "search:1", "env": search.Env(),
						"ports":           []any{map[string]any{"containerPort": 9200}, map[string]any{"containerPort": 9114}},
						"securityContext": map[string]any{"allowPrivilegeEscalation": false, "capabilities": map[string]any{"drop": []any{"ALL"}}},
					}},
				},
			},
		}))
		backend(shop, constructs.BackendProps{Connections: []constructs.Server{search}})
		constructs.NewWorker(shop, "worker", constructs.WorkerProps{Image: "ghcr.io/acme/api:1.4.2"})
		monitoring.NewPrometheus(shop, "prometheus", monitoring.PrometheusProps{})
	}},
	// Nobody connects to a job either, not even Prometheus.
	{"jobs", func(app cdk8s.App) {
		shop := namespaced(app, "shop")
		db := postgres(shop)
		api := backend(shop, constructs.BackendProps{Database: db, Migrations: &constructs.Migrations{Command: []string{"migrate"}}})
		constructs.NewJob(shop, "import", constructs.JobProps{Image: "ghcr.io/acme/api:1.4.2", Database: db, Model: &constructs.Model{
			Server: constructs.ExternalServer{Host: "api.example.com", Port: 443, CIDRs: []string{"203.0.113.0/24"}},
		}})
		constructs.NewCronJob(shop, "report", constructs.CronJobProps{Image: "ghcr.io/acme/api:1.4.2", Schedule: "@daily", Connections: []constructs.Server{api}})
		monitoring.NewPrometheus(shop, "prometheus", monitoring.PrometheusProps{})
	}},
}

func TestScenarios(t *testing.T) {
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) { requireReport(t, s.name, render(t, "default", s.program)) })
	}
}

// A report that no test compares would be read by nobody.
func TestEveryReportIsCompared(t *testing.T) {
	found, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	require.Len(t, found, len(environments)+len(scenarios)+len(ingressControllers)+len(clusters))
}

// render parses what a program writes. Objects that name no namespace go into the given one.
func render(t *testing.T, namespace string, program func(app cdk8s.App)) manifests {
	t.Helper()
	files, err := constructs.Render(program)
	require.NoError(t, err)
	var all manifests
	for name, file := range files {
		m, err := parse(file, namespace)
		require.NoError(t, err, name)
		all = join(all, m)
	}
	return all
}

func chart(app cdk8s.App, id, application, namespace string) cdk8s.Chart {
	return cdk8s.NewChart(app, jsii.String(id), &cdk8s.ChartProps{
		Namespace: jsii.String(namespace),
		Labels:    &map[string]*string{"app": jsii.String(application)},
	})
}

// namespaced is a chart of the application shop in a namespace of its own.
func namespaced(app cdk8s.App, namespace string) cdk8s.Chart {
	c := chart(app, namespace, "shop", namespace)
	constructs.NewNamespace(c, "namespace", constructs.NamespaceProps{})
	return c
}

// gatewayName is the label of a Gateway's proxy. https://gateway-api.sigs.k8s.io/geps/gep-1762/
const gatewayName = "gateway.networking.k8s.io/gateway-name"

// proxy adds a pod that an implementation of Gateway API would create, or its controller. Its security is that of Istio's proxies, with the
// seccomp profile that their Gateway's parameters add: Pod Security's level restricted must admit it.
// https://github.com/istio/istio/blob/master/manifests/charts/istio-control/istio-discovery/files/kube-gateway.yaml
func proxy(chart cdk8s.Chart, name string, labels map[string]string) {
	pod := cdk8s.NewApiObject(chart, jsii.String(name), &cdk8s.ApiObjectProps{
		ApiVersion: jsii.String("v1"), Kind: jsii.String("Pod"), Metadata: &cdk8s.ApiObjectMetadata{Name: jsii.String(name)},
	})
	pod.AddJsonPatch(
		cdk8s.JsonPatch_Add(jsii.String("/metadata/labels"), labels),
		cdk8s.JsonPatch_Add(jsii.String("/spec"), map[string]any{
			"securityContext": map[string]any{
				"sysctls":        []any{map[string]any{"name": "net.ipv4.ip_unprivileged_port_start", "value": "0"}},
				"seccompProfile": map[string]any{"type": "RuntimeDefault"},
			},
			"containers": []any{map[string]any{
				"name": "proxy", "image": "proxy:1",
				"ports": []any{map[string]any{"containerPort": 80}, map[string]any{"containerPort": 443}, map[string]any{"containerPort": 15012}},
				"securityContext": map[string]any{
					"capabilities": map[string]any{"drop": []any{"ALL"}}, "allowPrivilegeEscalation": false, "privileged": false,
					"readOnlyRootFilesystem": true, "runAsUser": 1337, "runAsGroup": 1337, "runAsNonRoot": true,
				},
			}},
		}),
	)
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
