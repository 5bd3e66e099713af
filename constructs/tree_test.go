package constructs_test

import (
	"reflect"
	"testing"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/constructs/argocd"
	"github.com/ai-platform/manifests/constructs/monitoring"
	"github.com/ai-platform/manifests/internal/registry"
)

var (
	apiProps   = constructs.BackendProps{Image: "api:1"}
	pagesProps = constructs.FrontendProps{Image: "pages:1"}
)

var shopApplication = argocd.ApplicationProps{
	ProjectName: "shop",
	Source:      argocd.Source{Repository: "https://github.com/acme/shop", Revision: "main", Path: "dist"},
	Destination: argocd.Destination{Namespace: "shop"},
}

const validationFailed = "Validation failed with the following errors:"

// All problems of all constructs come at once, each with the path of its construct.
func TestProblemsOfTheWholeTree(t *testing.T) {
	_, err := constructs.Render(func(app cdk8s.App) {
		shop := newChart(app, "shop")
		backend := constructs.NewBackend(shop, "api", constructs.BackendProps{Port: 70000})
		constructs.NewFrontend(shop, "pages", constructs.FrontendProps{Image: "pages", Backend: backend, Env: map[string]string{"A B": ""}})
		constructs.NewBackend(shop, "good", apiProps)
		group := awsconstructs.NewConstruct(newChart(app, "blog"), jsii.String("group"))
		constructs.NewFrontend(group, "pages", constructs.FrontendProps{})
		constructs.NewNamespace(cdk8s.NewChart(app, jsii.String("open"), nil), "namespace", constructs.NamespaceProps{})
	})
	require.EqualError(t, err, validationFailed+`
  [shop/api] backend.image: Required value
  [shop/api] backend.port: Invalid value: 70000: must be between 1 and 65535, inclusive
  [shop/pages] frontend.image: Invalid value: "pages": must include a tag or digest
  [shop/pages] frontend.env[A B]: Invalid value: "A B": a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')
  [blog/group/pages] frontend.image: Required value
  [open/namespace] namespace.chart.namespace: Required value: set Namespace in the chart's ChartProps: it becomes the namespace's name`)
}

func TestRefusedTrees(t *testing.T) {
	const tooLong = "a-component-with-a-name-that-is-longer-than-names-may-be-in-dns"
	waiting := []constructs.InitContainer{{Name: "wait", Command: []string{"nc", "-z", "shop-database", "5432"}}}
	tests := map[string]struct {
		program func(app cdk8s.App)
		want    string
	}{
		"an init container that waits for a tier behind a closed policy": {
			inShop(func(chart cdk8s.Chart) {
				constructs.NewBackend(chart, "api", constructs.BackendProps{Image: "api:1", InitContainers: waiting})
				database := constructs.NewPostgres(chart, "database", constructs.PostgresProps{Credentials: constructs.PostgresCredentials{Secret: "a"}})
				constructs.NewWorker(chart, "worker", constructs.WorkerProps{Image: "api:1", InitContainers: waiting, Database: database})
			}),
			`
  [shop/api] backend.initContainers[0]: Invalid value: "shop-database": waits for a tier to which network policies allow no connection, so the program would not start: add the tier to the connections`,
		},
		"a port that a tier does not have": {
			inShop(func(chart cdk8s.Chart) {
				api := constructs.NewBackend(chart, "api", apiProps)
				constructs.NewWorker(chart, "worker", constructs.WorkerProps{Image: "api:1", Connections: []constructs.Server{api, api.PortServer("grpc")}})
			}),
			`
  [shop/worker] worker.connections[1]: Invalid value: "grpc": must be the name of a port in the Ports of shop-api`,
		},
		"a UDP port for what speaks HTTP": {
			inShop(func(chart cdk8s.Chart) {
				api := constructs.NewBackend(chart, "api", constructs.BackendProps{Image: "api:1", Ports: []constructs.Port{{Name: "dns", Number: 53, Protocol: constructs.ProtocolUDP}}})
				port := api.PortServer("dns")
				constructs.NewWorker(chart, "worker", constructs.WorkerProps{Image: "api:1", Model: &constructs.Model{Server: port}})
				constructs.NewWorker(chart, "other", constructs.WorkerProps{Image: "api:1", Connections: []constructs.Server{port}})
				constructs.NewWorker(chart, "cached", constructs.WorkerProps{Image: "api:1", Redis: constructs.ExternalRedis{Server: port}})
				monitoring.NewAlertmanager(chart, "alertmanager", monitoring.AlertmanagerProps{Receivers: []monitoring.AlertReceiver{{
					Kind: monitoring.ReceiverWebhook, Secret: constructs.SecretKeyRef{Secret: "a", Key: "b"}, Server: port,
				}}})
				monitoring.NewPrometheus(chart, "prometheus", monitoring.PrometheusProps{Alertmanager: port})
			}),
			`
  [shop/worker] worker.model.server: Invalid value: "shop-api": port dns is for UDP, and clients connect by TCP: choose another port
  [shop/cached] worker.redis.server: Invalid value: "shop-api": port dns is for UDP, and clients connect by TCP: choose another port
  [shop/alertmanager] alertmanager.receivers[0].server: Invalid value: "shop-api": port dns is for UDP, and clients connect by TCP: choose another port
  [shop/prometheus] prometheus.alertmanager: Invalid value: "shop-api": port dns is for UDP, and clients connect by TCP: choose another port`,
		},
		"two tiers that add one ServiceAccount": {
			inShop(func(chart cdk8s.Chart) {
				account := &constructs.ServiceAccount{Name: "identity"}
				database := constructs.NewPostgres(chart, "database", constructs.PostgresProps{Credentials: constructs.PostgresCredentials{Secret: "a"}})
				constructs.NewWorker(chart, "worker", constructs.WorkerProps{Image: "api:1", ServiceAccount: account})
				constructs.NewJob(chart, "import", constructs.JobProps{Image: "api:1", ServiceAccount: account})
				constructs.NewBackend(chart, "api", constructs.BackendProps{
					Image: "api:1", Database: database, Migrations: &constructs.Migrations{Command: []string{"migrate"}}, ServiceAccount: account,
				})
			}),
			`
  [shop/import] job.serviceAccount.name: Duplicate value: "ServiceAccount shop/identity": already declared by shop/worker: choose another name, or let one tier add it and name it in Pod.ServiceAccountName of the other
  [shop/api/api-migrations] backend.serviceAccount.name: Duplicate value: "ServiceAccount shop/identity": already declared by shop/worker: choose another name, or let one tier add it and name it in Pod.ServiceAccountName of the other`,
		},
		"one port twice": {
			inShop(func(chart cdk8s.Chart) {
				api := constructs.NewBackend(chart, "api", constructs.BackendProps{Image: "api:1", Ports: []constructs.Port{{Name: "grpc", Number: 9000}}})
				constructs.NewWorker(chart, "worker", constructs.WorkerProps{Image: "api:1", Connections: []constructs.Server{api.PortServer("grpc"), api.PortServer("grpc")}})
			}),
			`
  [shop/worker] worker.connections[1]: Invalid value: "shop-api": already connected by worker.connections[0]`,
		},
		"two tiers on a claim of one node": {
			inShop(func(chart cdk8s.Chart) {
				mounting := func(claim string, mode constructs.AccessMode) []constructs.Volume {
					return []constructs.Volume{constructs.ClaimVolume{MountPath: "/data", ClaimName: claim, AccessMode: mode}}
				}
				storage := constructs.Storage{MountPath: "/data", Size: "1Gi"}
				constructs.NewBackend(chart, "api", constructs.BackendProps{Image: "api:1", Replicas: new(1), Storage: &storage})
				constructs.NewWorker(chart, "reader", constructs.WorkerProps{Image: "api:1", Volumes: mounting("shop-api-data", constructs.ReadWriteMany)})
				constructs.NewWorker(chart, "first", constructs.WorkerProps{Image: "api:1", Volumes: mounting("old", constructs.ReadWriteMany)})
				constructs.NewWorker(chart, "second", constructs.WorkerProps{Image: "api:1", Volumes: mounting("old", constructs.ReadWriteMany)})
				constructs.NewScheduler(chart, "third", constructs.SchedulerProps{Image: "api:1", Volumes: mounting("old", "")})
				elsewhere := newChart(chart.Node().Root().(cdk8s.App), "elsewhere")
				constructs.NewScheduler(elsewhere, "fourth", constructs.SchedulerProps{Image: "api:1", Volumes: mounting("old", "")})
			}),
			`
  [shop/reader] worker.volumes[0].claimName: Invalid value: "shop-api-data": also mounted by shop/api, but only one node can mount the claim: use a claim with ReadWriteMany for both, or one each
  [shop/third] scheduler.volumes[0].claimName: Invalid value: "old": also mounted by shop/first, but only one node can mount the claim: use a claim with ReadWriteMany for both, or one each`,
		},
		"duplicate id": {
			inShop(func(chart cdk8s.Chart) {
				constructs.NewBackend(chart, "api", apiProps)
				constructs.NewFrontend(chart, "api", pagesProps)
			}),
			`
  [shop] frontend.id: Duplicate value: "api": the scope already has a construct with this id`,
		},
		"id of a consumer's construct": {
			inShop(func(chart cdk8s.Chart) {
				awsconstructs.NewConstruct(chart, jsii.String("api"))
				constructs.NewBackend(chart, "api", apiProps)
			}),
			`
  [shop] backend.id: Duplicate value: "api": the scope already has a construct with this id`,
		},
		"duplicate id and invalid props": {
			inShop(func(chart cdk8s.Chart) {
				constructs.NewBackend(chart, "api", apiProps)
				constructs.NewBackend(chart, "api", constructs.BackendProps{})
			}),
			`
  [shop] backend.id: Duplicate value: "api": the scope already has a construct with this id
  [shop] backend.image: Required value`,
		},
		"empty id": {
			inShop(func(chart cdk8s.Chart) { constructs.NewBackend(chart, "", apiProps) }),
			`
  [shop] backend.id: Required value: set an id: it names the component`,
		},
		"two empty ids": {
			inShop(func(chart cdk8s.Chart) {
				constructs.NewBackend(chart, "", apiProps)
				constructs.NewNamespace(chart, "", constructs.NamespaceProps{})
			}),
			`
  [shop] backend.id: Required value: set an id: it names the component
  [shop] namespace.id: Required value: set an id: it names the component`,
		},
		"id in upper case": {
			inShop(func(chart cdk8s.Chart) { constructs.NewBackend(chart, "API", apiProps) }),
			`
  [shop] backend.id: Invalid value: "API": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')`,
		},
		"id with a slash": {
			inShop(func(chart cdk8s.Chart) { constructs.NewBackend(chart, "a/b", apiProps) }),
			`
  [shop] backend.id: Invalid value: "a/b": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')`,
		},
		"id that is no text, where a configuration holds it": {
			inShop(func(chart cdk8s.Chart) {
				monitoring.NewPrometheus(chart, "\xff", monitoring.PrometheusProps{Storage: constructs.Storage{ClaimName: "a"}})
			}),
			`
  [shop] prometheus.id: Invalid value: "\xff": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')`,
		},
		"long name": {
			inShop(func(chart cdk8s.Chart) { constructs.NewBackend(chart, tooLong, apiProps) }),
			`
  [shop/` + tooLong + `] backend.id: Invalid value: "` + tooLong + `": the objects' name "shop-` + tooLong + `", which begins with the chart's label app or else its id: must be no more than 63 characters`,
		},
		"chart id that is no name": {
			func(app cdk8s.App) { constructs.NewBackend(newChart(app, "00"), "api", apiProps) },
			`
  [00/api] backend.id: Invalid value: "api": the objects' name "00-api", which begins with the chart's label app or else its id: a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')`,
		},
		"chart label app that is no name": {
			func(app cdk8s.App) { constructs.NewBackend(chartWith(app, "shop", "app", "My Shop"), "api", apiProps) },
			`
  [shop] chart.labels[app]: Invalid value: "My Shop": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')
  [shop/api] backend.id: Invalid value: "api": the objects' name "My Shop-api", which begins with the chart's label app or else its id: a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')`,
		},
		"chart label that is none": {
			func(app cdk8s.App) {
				chart := chartWith(app, "shop", "team", "a & b")
				constructs.NewBackend(chart, "api", apiProps)
				constructs.NewFrontend(chart, "pages", pagesProps)
			},
			`
  [shop] chart.labels[team]: Invalid value: "a & b": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
		},
		"chart namespace that is none": {
			func(app cdk8s.App) {
				chart := cdk8s.NewChart(app, jsii.String("shop"), &cdk8s.ChartProps{Namespace: jsii.String("My_Shop")})
				constructs.NewNamespace(chart, "namespace", constructs.NamespaceProps{})
				constructs.NewBackend(chart, "api", apiProps)
			},
			`
  [shop] chart.namespace: Invalid value: "My_Shop": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')`,
		},
		"scope without a chart": {
			func(app cdk8s.App) {
				constructs.NewBackend(app, "api", apiProps)
				constructs.NewFrontend(awsconstructs.NewConstruct(app, jsii.String("group")), "pages", constructs.FrontendProps{})
			},
			`
  [] backend: Forbidden: must be created in a chart: cannot find a parent chart (directly or indirectly)
  [group] frontend: Forbidden: must be created in a chart: cannot find a parent chart (directly or indirectly)
  [group] frontend.image: Required value`,
		},
		"one name in two charts": {
			func(app cdk8s.App) {
				for _, id := range []string{"first", "second"} {
					chart := cdk8s.NewChart(app, jsii.String(id), &cdk8s.ChartProps{
						Namespace: jsii.String("shop"), Labels: &map[string]*string{"app": jsii.String("shop")},
					})
					constructs.NewBackend(chart, "api", apiProps)
				}
			},
			`
  [second/api] backend: Duplicate value: "Deployment shop/shop-api": already declared by first/api
  [second/api] backend: Duplicate value: "Service shop/shop-api": already declared by first/api
  [second/api] backend: Duplicate value: "PodDisruptionBudget shop/shop-api": already declared by first/api
  [second/api] backend: Duplicate value: "NetworkPolicy shop/shop-api": already declared by first/api`,
		},
		"one claim for two": {
			inShop(func(chart cdk8s.Chart) {
				shared := &constructs.Storage{MountPath: "/data", Size: "1Gi", AccessMode: constructs.ReadWriteMany, ClaimName: "shared"}
				for _, id := range []string{"first", "second"} {
					constructs.NewBackend(chart, id, constructs.BackendProps{Image: "api:1", Storage: shared})
				}
			}),
			`
  [shop/second] backend: Duplicate value: "PersistentVolumeClaim shop/shared": already declared by shop/first`,
		},
		"two namespaces": {
			inShop(func(chart cdk8s.Chart) {
				constructs.NewNamespace(chart, "namespace", constructs.NamespaceProps{})
				constructs.NewNamespace(chart, "again", constructs.NamespaceProps{})
			}),
			`
  [shop/again] namespace: Duplicate value: "Namespace shop": already declared by shop/namespace
  [shop/again] namespace: Duplicate value: "NetworkPolicy shop/default-deny": already declared by shop/namespace`,
		},
		"one component below two constructs": {
			inShop(func(chart cdk8s.Chart) {
				constructs.NewBackend(chart, "api", apiProps)
				constructs.NewBackend(awsconstructs.NewConstruct(chart, jsii.String("group")), "api", apiProps)
			}),
			`
  [shop/group/api] backend: Duplicate value: "Deployment shop/shop-api": already declared by shop/api
  [shop/group/api] backend: Duplicate value: "Service shop/shop-api": already declared by shop/api
  [shop/group/api] backend: Duplicate value: "PodDisruptionBudget shop/shop-api": already declared by shop/api
  [shop/group/api] backend: Duplicate value: "NetworkPolicy shop/shop-api": already declared by shop/api`,
		},
		"two Applications of one name": {
			inShop(func(chart cdk8s.Chart) {
				again := shopApplication
				again.Name = "shop-production"
				argocd.NewApplication(chart, "production", shopApplication)
				argocd.NewApplication(chart, "again", again)
				argocd.NewApplicationSet(chart, "environments", argocd.ApplicationSetProps{
					ProjectName: "shop", Repository: shopApplication.Source.Repository, Revision: "main",
					Environments: []argocd.Environment{
						{Name: "staging", Path: "staging", Destination: shopApplication.Destination},
						{Name: "production", Path: "dist", Destination: shopApplication.Destination},
					},
				})
			}),
			`
  [shop/again] application: Duplicate value: "Application argocd/shop-production": already declared by shop/production
  [shop/environments] applicationSet: Duplicate value: "Application argocd/shop-production": already declared by shop/production`,
		},
		"what the project does not admit": {
			inShop(func(chart cdk8s.Chart) {
				project := argocd.NewProject(chart, "project", argocd.ProjectProps{
					Repositories: []string{shopApplication.Source.Repository}, Destinations: []argocd.Destination{shopApplication.Destination},
					NamespacedKinds: []argocd.GroupKind{{Kind: "Service"}},
				})
				application := shopApplication
				application.ProjectName, application.Project = "", project
				application.Contents = map[string][]byte{"a.yaml": []byte("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n")}
				argocd.NewApplication(chart, "production", application)
			}),
			`
  [shop/production] application.contents[a.yaml]: Invalid value: "Secret a": the project shop-project does not admit the kind Secret`,
		},
		"a project that is invalid itself": {
			inShop(func(chart cdk8s.Chart) {
				application := shopApplication
				application.ProjectName, application.Project = "", argocd.NewProject(chart, "project", argocd.ProjectProps{
					Repositories: []string{"https://github.com/acme/blog"}, Destinations: []argocd.Destination{shopApplication.Destination},
				})
				argocd.NewApplication(chart, "production", application)
			}),
			`
  [shop/project] project.contents: Required value: set contents, namespacedKinds or clusterKinds: without any, the project admits nothing`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := constructs.Render(test.program)
			require.EqualError(t, err, validationFailed+test.want)
		})
	}
}

// What was kept from one synthesis to the next is in no file of the second.
func TestConstructsOfAnotherApplicationAreRefused(t *testing.T) {
	var chart cdk8s.Chart
	var backend *constructs.Backend
	var alertmanager *monitoring.Alertmanager
	var prometheus *monitoring.Prometheus
	var operated *monitoring.OperatorMonitoring
	var project *argocd.Project
	_, err := constructs.Render(inShop(func(c cdk8s.Chart) {
		chart, backend, alertmanager = c, api(c), monitoring.NewAlertmanager(c, "alertmanager", slackAlertmanager)
		prometheus = monitoring.NewPrometheus(c, "prometheus", monitoring.PrometheusProps{})
		operated = monitoring.NewOperatorMonitoring(c, "operated", monitoring.OperatorMonitoringProps{})
		project = argocd.NewProject(c, "project", argocd.ProjectProps{
			Repositories: []string{shopApplication.Source.Repository}, Destinations: []argocd.Destination{shopApplication.Destination},
			NamespacedKinds: []argocd.GroupKind{{Kind: "Service"}},
		})
	}))
	require.NoError(t, err)
	webhook := slackAlertmanager
	webhook.Receivers = []monitoring.AlertReceiver{webhook.Receivers[0]}
	webhook.Receivers[0].Server = backend
	_, err = constructs.Render(inShop(func(c cdk8s.Chart) {
		constructs.NewFrontend(c, "pages", constructs.FrontendProps{Image: "pages:1", Backend: backend})
		constructs.NewIngress(c, "web", constructs.IngressProps{Host: "shop.example.com", Tier: backend})
		monitoring.NewGrafana(c, "grafana", monitoring.GrafanaProps{
			Prometheus: prometheus, AdminPassword: constructs.SecretKeyRef{Secret: "shop", Key: "password"},
		})
		monitoring.NewAlertmanager(c, "alertmanager", webhook)
		monitoring.NewPrometheus(c, "prometheus", monitoring.PrometheusProps{Alertmanager: alertmanager})
		monitoring.NewOperatorDashboards(c, "dashboards", monitoring.OperatorDashboardsProps{Monitoring: operated})
		application := shopApplication
		application.ProjectName, application.Project = "", project
		argocd.NewApplication(c, "production", application)
		lost := api(chart)
		constructs.NewFrontend(c, "lost", constructs.FrontendProps{Image: "pages:1", Backend: lost})
		lost.Deployment().AddJsonPatch(cdk8s.JsonPatch_Remove(jsii.String("/spec")))
	}))
	require.EqualError(t, err, validationFailed+`
  [] backend: Forbidden: the scope belongs to another cdk8s.App, such as that of an earlier Synth: create it in this one
  [shop/pages] frontend.backend: Invalid value: "shop-api": belongs to another cdk8s.App, such as that of an earlier Synth: create it in this one
  [shop/web] ingress.tier: Invalid value: "shop-api": belongs to another cdk8s.App, such as that of an earlier Synth: create it in this one
  [shop/grafana] grafana.prometheus: Invalid value: "shop-prometheus": belongs to another cdk8s.App, such as that of an earlier Synth: create it in this one
  [shop/alertmanager] alertmanager.receivers[0].server: Invalid value: "shop-api": belongs to another cdk8s.App, such as that of an earlier Synth: create it in this one
  [shop/prometheus] prometheus.alertmanager: Invalid value: "shop-alertmanager": belongs to another cdk8s.App, such as that of an earlier Synth: create it in this one
  [shop/dashboards] operatorDashboards.monitoring: Invalid value: "shop-operated": belongs to another cdk8s.App, such as that of an earlier Synth: create it in this one
  [shop/production] application.project: Invalid value: "shop-project": belongs to another cdk8s.App, such as that of an earlier Synth: create it in this one`)
}

// An application that the program makes itself, it may also write itself; and one rendering within another ends where it began.
func TestApplicationsWithinAProgram(t *testing.T) {
	files, err := constructs.Render(inShop(func(chart cdk8s.Chart) {
		own := cdk8s.NewApp(nil)
		api(newChart(own, "own"))
		require.Contains(t, *own.SynthYaml(), "name: own-api")

		inner, err := constructs.Render(smallShop)
		require.NoError(t, err)
		require.Len(t, inner, 1)
		_, err = constructs.Render(brokenShop)
		require.EqualError(t, err, brokenShopProblem)
		api(chart)
	}))
	require.NoError(t, err)
	require.Len(t, files, 1)
}

// A nil pointer in an interface is a slip of the program, and not the same as nothing.
func TestNilConnectionsAreRefused(t *testing.T) {
	var (
		database     *constructs.Postgres
		redis        *constructs.Redis
		backend      *constructs.Backend
		alertmanager *monitoring.Alertmanager
	)
	_, err := constructs.Render(inShop(func(chart cdk8s.Chart) {
		constructs.NewBackend(chart, "api", constructs.BackendProps{
			Image: "api:1", Database: database, Redis: redis, Connections: []constructs.Server{nil, backend},
		})
		constructs.NewFrontend(chart, "pages", constructs.FrontendProps{Image: "pages:1", Backend: backend})
		constructs.NewIngress(chart, "web", constructs.IngressProps{Host: "shop.example.com", Tier: backend, Routes: []constructs.IngressRoute{{Path: "/api", Tier: backend}}})
		monitoring.NewPrometheus(chart, "prometheus", monitoring.PrometheusProps{Alertmanager: alertmanager})
		webhook := slackAlertmanager
		webhook.Receivers = []monitoring.AlertReceiver{webhook.Receivers[0]}
		webhook.Receivers[0].Server = backend
		monitoring.NewAlertmanager(chart, "alertmanager", webhook)
	}))
	require.EqualError(t, err, validationFailed+`
  [shop/api] backend.database: Invalid value: null: must not be a nil *constructs.Postgres: omit it, or create the construct first
  [shop/api] backend.redis: Invalid value: null: must not be a nil *constructs.Redis: omit it, or create the construct first
  [shop/api] backend.connections[1]: Invalid value: null: must not be a nil *constructs.Backend: omit it, or create the construct first
  [shop/pages] frontend.backend: Invalid value: null: must not be a nil *constructs.Backend: omit it, or create the construct first
  [shop/web] ingress.tier: Invalid value: null: must not be a nil *constructs.Backend: omit it, or create the construct first
  [shop/web] ingress.routes[0].tier: Invalid value: null: must not be a nil *constructs.Backend: omit it, or create the construct first
  [shop/prometheus] prometheus.alertmanager: Invalid value: null: must not be a nil *monitoring.Alertmanager: omit it, or create the construct first
  [shop/alertmanager] alertmanager.receivers[0].server: Invalid value: null: must not be a nil *constructs.Backend: omit it, or create the construct first`)
}

// Objects that a program adds itself are known only when all is rendered.
func TestRefusedForeignObjects(t *testing.T) {
	_, err := constructs.Render(inShop(func(chart cdk8s.Chart) {
		api(chart)
		foreign(chart, "v1", "Service")
		foreign(chart, "policy/v1beta1", "PodDisruptionBudget") // Another version of the same object.
		foreign(chart, "serving.knative.dev/v1", "Service")     // Another kind that has the same name.
		foreign(chart, "v1", "ConfigMap")
	}))
	require.EqualError(t, err, `objects would replace each other in the cluster:
  Service shop/shop-api is declared twice
  PodDisruptionBudget shop/shop-api is declared twice
`+wouldRefuse+`
  [shop/policy--v1beta1PodDisruptionBudget] shop.k8s.yaml: PodDisruptionBudget shop/shop-api: kind: Invalid value: "PodDisruptionBudget": removed from policy/v1beta1 in Kubernetes 1.25: use apiVersion policy/v1, kind PodDisruptionBudget`+wayOut)
}

func TestForeignObjectOfAnotherNamespace(t *testing.T) {
	files, err := constructs.Render(func(app cdk8s.App) {
		smallShop(app)
		foreign(newChart(app, "blog"), "v1", "Service")
	})
	require.NoError(t, err)
	require.Len(t, files, 2)
}

// foreign adds an object of the name that those of the backend have.
func foreign(chart cdk8s.Chart, apiVersion, kind string) {
	cdk8s.NewApiObject(chart, jsii.String(apiVersion+kind), &cdk8s.ApiObjectProps{
		ApiVersion: jsii.String(apiVersion), Kind: jsii.String(kind), Metadata: &cdk8s.ApiObjectMetadata{Name: jsii.String("shop-api")},
	})
}

func chartWith(app cdk8s.App, id, label, value string) cdk8s.Chart {
	return cdk8s.NewChart(app, jsii.String(id), &cdk8s.ChartProps{
		Namespace: jsii.String(id), Labels: &map[string]*string{label: jsii.String(value)},
	})
}

// Whatever is wrong with a construct, what a program does with it works until synthesis tells.
func TestInvalidConstructsAreUsable(t *testing.T) {
	tests := map[string]func(app cdk8s.App) (awsconstructs.Construct, string){
		"props":    func(app cdk8s.App) (awsconstructs.Construct, string) { return newChart(app, "shop"), "api" },
		"id":       func(app cdk8s.App) (awsconstructs.Construct, string) { return newChart(app, "shop"), "A P I" },
		"empty id": func(app cdk8s.App) (awsconstructs.Construct, string) { return newChart(app, "shop"), "" },
		"duplicate id": func(app cdk8s.App) (awsconstructs.Construct, string) {
			chart := newChart(app, "shop")
			awsconstructs.NewConstruct(chart, jsii.String("api"))
			return chart, "api"
		},
		"no chart": func(app cdk8s.App) (awsconstructs.Construct, string) { return app, "api" },
	}
	for name, place := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := constructs.Render(func(app cdk8s.App) {
				scope, id := place(app)
				backend := constructs.NewBackend(scope, id, constructs.BackendProps{})
				useEverything(t, backend)
				created := []any{backend}
				for _, construct := range registry.Constructs() {
					invalid := construct.Create(scope, id, invalidProps(construct, created))
					useEverything(t, invalid)
					created = append(created, invalid)
				}

				good := constructs.NewFrontend(newChart(app, "good"), "pages", pagesProps)
				good.Construct().Node().AddDependency(backend.Construct())
			})
			require.ErrorContains(t, err, validationFailed)
			require.ErrorContains(t, err, "backend.image: Required value")
		})
	}
}

// invalidProps are a construct's props without what is required, with a bad image and bad labels, and connected to the invalid
// constructs that there are.
func invalidProps(construct registry.Construct, created []any) any {
	props := reflect.New(construct.Props()).Elem()
	for i := range props.NumField() {
		field := props.Field(i)
		for _, server := range created {
			if reflect.TypeOf(server).AssignableTo(field.Type()) {
				field.Set(reflect.ValueOf(server))
			}
		}
		switch construct.Props().Field(i).Name {
		case "Image":
			field.SetString("a")
		case "Labels":
			field.Set(reflect.ValueOf(map[string]string{"a b": ""}))
		}
	}
	return props.Interface()
}

// useEverything calls every method of a construct, and does what programs do with the results.
func useEverything(t *testing.T, construct any) {
	t.Helper()
	for name, result := range resultsOf(construct) {
		switch result := result.(type) {
		case cdk8s.ApiObject:
			result.AddJsonPatch(cdk8s.JsonPatch_Replace(jsii.String("/spec/replicas"), 7))
			result.Metadata().AddLabel(jsii.String("team"), jsii.String("a"))
			result.Node().AddDependency(result.Chart())
			require.NotEmpty(t, *result.Kind(), name)
		case awsconstructs.Construct:
			require.NotEmpty(t, *result.Node().Path(), name)
		case constructs.Endpoint, []cdk8s.ApiObject, map[string]string, []map[string]any, constructs.Server:
		default:
			// What other packages of the library ask a server for.
			require.Contains(t, []string{"Component", "Destination", "HTTP", "Site"}, name, "no use of %T is known", result)
		}
	}
}

// resultsOf calls every exported method of a construct. One that takes a name is asked for the overview, which every
// Grafana has, for the api, which is scraped, and for the pages, which are probed.
func resultsOf(construct any) map[string]any {
	results := map[string]any{}
	value := reflect.ValueOf(construct)
	for i := range value.NumMethod() {
		name, method := value.Type().Method(i).Name, value.Method(i)
		if method.Type().NumIn() == 0 {
			results[name] = method.Call(nil)[0].Interface()
			continue
		}
		for _, argument := range []string{"overview", "api", "pages"} {
			results[name+" "+argument] = method.Call([]reflect.Value{reflect.ValueOf(argument)})[0].Interface()
		}
	}
	return results
}
