package acceptance

import (
	"context"
	"flag"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/test/cluster"
	"github.com/ai-platform/manifests/test/crds"
)

// Draws are reproduced with -rapid.seed; a failure leaves its draws in testdata/rapid, from where later runs try them
// first: commit them with the fix.
const checks = "3000"

// The namespaces of the drawn objects.
const (
	namespace = "acceptance"
	elsewhere = "acceptance-elsewhere"
)

var server *cluster.Cluster

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	defer constructs.Close()
	var err error
	server, err = cluster.Start(context.Background(), cluster.Options{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() {
		if err := server.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}()
	if err := crds.InstallPrometheusOperator(context.Background(), server); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// kinds are all constructs, each with the props that it takes.
var kinds = []struct {
	name   string
	create func(d drawing, chart cdk8s.Chart, id string)
}{
	{"namespace", func(d drawing, chart cdk8s.Chart, id string) {
		constructs.NewNamespace(chart, id, drawn[constructs.NamespaceProps](d))
	}},
	{"frontend", func(d drawing, chart cdk8s.Chart, id string) {
		constructs.NewFrontend(chart, id, drawn[constructs.FrontendProps](d))
	}},
	{"backend", func(d drawing, chart cdk8s.Chart, id string) {
		constructs.NewBackend(chart, id, drawn[constructs.BackendProps](d))
	}},
	{"postgres", func(d drawing, chart cdk8s.Chart, id string) {
		constructs.NewPostgres(chart, id, drawn[constructs.PostgresProps](d))
	}},
	{"redis", func(d drawing, chart cdk8s.Chart, id string) {
		constructs.NewRedis(chart, id, drawn[constructs.RedisProps](d))
	}},
	{"ingress", func(d drawing, chart cdk8s.Chart, id string) {
		constructs.NewIngress(chart, id, drawn[constructs.IngressProps](d))
	}},
	{"kubeStateMetrics", func(d drawing, chart cdk8s.Chart, id string) {
		constructs.NewKubeStateMetrics(chart, id, drawn[constructs.KubeStateMetricsProps](d))
	}},
	{"alertmanager", func(d drawing, chart cdk8s.Chart, id string) {
		constructs.NewAlertmanager(chart, id, drawn[constructs.AlertmanagerProps](d))
	}},
	{"prometheus", func(d drawing, chart cdk8s.Chart, id string) {
		constructs.NewPrometheus(chart, id, drawn[constructs.PrometheusProps](d))
	}},
	{"grafana", func(d drawing, chart cdk8s.Chart, id string) {
		constructs.NewGrafana(chart, id, drawn[constructs.GrafanaProps](d))
	}},
}

func drawn[Props any](d drawing) Props {
	var props Props
	d.fill(reflect.ValueOf(&props).Elem(), reflect.TypeFor[Props]().Name())
	return props
}

// namesField is how an error says what is wrong: the path in the tree, the field, and what kind of error it is.
var namesField = regexp.MustCompile(`^  \[[^]]*\] (namespace|frontend|backend|postgres|redis|ingress|kubeStateMetrics|alertmanager|prometheus|grafana|chart)(\.[a-zA-Z]+|\[.*\])*: (Invalid|Required|Duplicate|Unsupported|Forbidden|Too long)`)

func TestWhateverIsAcceptedWorks(t *testing.T) {
	createNamespaces(t)
	setDefault(t, "rapid.checks", "100", checks)

	accepted, refused, objects := map[string]int{}, map[string]int{}, 0
	rapid.Check(t, func(t *rapid.T) {
		kind := kinds[rapid.IntRange(0, len(kinds)-1).Draw(t, "kind")]
		draw := newDrawing(t)
		id := draw.text("id", "id")
		files, err := constructs.Render(func(app cdk8s.App) {
			draw.servers = newServers(app)
			kind.create(draw, newChart(app, "drawn", namespace), id)
		})
		if err != nil {
			refused[kind.name]++
			checkRefusal(t, err)
			return
		}
		accepted[kind.name]++
		for _, object := range decode(t, files["drawn.k8s.yaml"]) {
			checkAccepted(t, object)
			objects++
		}
	})
	for _, kind := range kinds {
		t.Logf("%-16s %5d accepted, %5d refused", kind.name, accepted[kind.name], refused[kind.name])
		if !t.Failed() {
			require.NotZero(t, accepted[kind.name], "no draw was valid: the drawing is too hostile")
			require.NotZero(t, refused[kind.name], "no draw was invalid: the drawing is too tame")
		}
	}
	t.Logf("%d objects applied", objects)
}

// setDefault sets a flag that is not on the command line.
func setDefault(t *testing.T, name, was, value string) {
	t.Helper()
	if flag.Lookup(name).Value.String() == was {
		require.NoError(t, flag.Set(name, value))
	}
}

func createNamespaces(t *testing.T) {
	t.Helper()
	for _, name := range []string{namespace, elsewhere} {
		_, _, err := server.Kubectl(t.Context(), restrictedNamespace(name), "apply", "--filename=-")
		require.NoError(t, err)
	}
}

func restrictedNamespace(name string) string {
	return fmt.Sprintf(`{"apiVersion":"v1","kind":"Namespace","metadata":{"name":%q,"labels":{
		"pod-security.kubernetes.io/enforce":"restricted","pod-security.kubernetes.io/warn":"restricted"}}}`, name)
}

func newChart(app cdk8s.App, id, namespace string) cdk8s.Chart {
	return chartOf(app, "shop", id, namespace)
}

func chartOf(app cdk8s.App, application, id, namespace string) cdk8s.Chart {
	return cdk8s.NewChart(app, jsii.String(id), &cdk8s.ChartProps{
		Namespace: jsii.String(namespace), Labels: &map[string]*string{"app": jsii.String(application)},
	})
}

// newServers makes what drawn props can be connected to: tiers of the same namespace and of another. One of them is scraped,
// and the servers of Prometheus are of another application, since what is drawn would come too late for them.
func newServers(app cdk8s.App) []constructs.Server {
	near, far := newChart(app, "near", namespace), newChart(app, "far", elsewhere)
	watched, operated := chartOf(app, "watched", "watched", namespace), chartOf(app, "operated", "operated", namespace)
	secret := constructs.SecretKey{Secret: "secrets", Key: "redis-password"}
	scraped := constructs.BackendProps{Image: "api:1", Metrics: &constructs.Metrics{}}
	constructs.NewBackend(watched, "api", scraped)
	return []constructs.Server{
		constructs.NewPrometheus(watched, "prometheus", constructs.PrometheusProps{Kubelet: true}),
		constructs.NewPrometheus(operated, "prometheus", constructs.PrometheusProps{Operator: &constructs.PrometheusOperator{}}),
		constructs.NewAlertmanager(near, "near-alertmanager", constructs.AlertmanagerProps{Receiver: constructs.AlertReceiver{
			Kind: constructs.Webhook, Secret: secret, Server: constructs.External{Host: "10.0.0.7", Port: 443},
		}}),
		constructs.NewFrontend(near, "near-frontend", constructs.FrontendProps{Image: "nginx:1.29"}),
		constructs.NewBackend(near, "near-backend", scraped),
		constructs.NewBackend(far, "far-backend", constructs.BackendProps{Image: "api:1"}),
		constructs.NewPostgres(far, "far-database", constructs.PostgresProps{Credentials: constructs.PostgresCredentials{Secret: "secrets"}}),
		constructs.NewRedis(near, "near-redis", constructs.RedisProps{Password: secret}),
	}
}

func checkRefusal(t require.TestingT, err error) {
	lines := strings.Split(err.Error(), "\n  [")
	require.Equal(t, "Validation failed with the following errors:", lines[0])
	for _, line := range lines[1:] {
		require.Regexp(t, namesField, "  ["+line)
	}
}
