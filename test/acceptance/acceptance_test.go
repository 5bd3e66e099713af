package acceptance

import (
	"context"
	"flag"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/constructs/argocd"
	"github.com/ai-platform/manifests/constructs/monitoring"
	"github.com/ai-platform/manifests/internal/registry"
	"github.com/ai-platform/manifests/test/cluster"
	"github.com/ai-platform/manifests/test/clustertest"
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
	defer constructs.Close()
	clustertest.Main(m, cluster.Options{}, func(started *cluster.Cluster) error {
		server = started
		return crds.Install(context.Background(), server)
	})
}

// kinds are all constructs.
var kinds = registry.Constructs()

// namesField is how an error says what is wrong: the path in the tree, the field, and what kind of error it is.
var namesField = func() *regexp.Regexp {
	roots := []string{"chart"}
	for _, kind := range kinds {
		roots = append(roots, kind.Kind)
	}
	return regexp.MustCompile(`^  \[[^]]*\] (` + strings.Join(roots, "|") + `)(\.[a-zA-Z0-9]+|\[.*\])*: (Invalid|Required|Duplicate|Unsupported|Forbidden|Too long)`)
}()

func TestWhateverIsAcceptedWorks(t *testing.T) {
	createNamespaces(t)
	setDefault(t, "rapid.checks", "100", checks)

	accepted, refused, objects := map[string]int{}, map[string]int{}, 0
	rapid.Check(t, func(t *rapid.T) {
		kind := kinds[rapid.IntRange(0, len(kinds)-1).Draw(t, "kind")]
		draw := newDrawing(t)
		id := draw.text("id", "id")
		files, err := constructs.Render(func(app cdk8s.App) {
			constructs.SetCluster(app, drawCluster(t))
			draw.servers = newServers(app)
			kind.Create(newChart(app, "drawn", namespace), id, draw.props(kind.Props()))
		})
		if err != nil {
			refused[kind.Kind]++
			checkRefusal(t, err)
			return
		}
		accepted[kind.Kind]++
		for _, object := range decode(t, files["drawn.k8s.yaml"]) {
			checkAccepted(t, object)
			objects++
		}
	})
	for _, kind := range kinds {
		t.Logf("%-16s %5d accepted, %5d refused", kind.Kind, accepted[kind.Kind], refused[kind.Kind])
		if !t.Failed() {
			require.NotZero(t, accepted[kind.Kind], "no draw was valid: the drawing is too hostile")
			require.NotZero(t, refused[kind.Kind], "no draw was invalid: the drawing is too tame")
		}
	}
	t.Logf("%d objects applied", objects)
}

func drawCluster(t *rapid.T) constructs.Cluster {
	return rapid.SampledFrom([]constructs.Cluster{
		{},
		{IPFamilies: []constructs.IPFamily{constructs.IPv4}},
		{IPFamilies: []constructs.IPFamily{constructs.IPv6}},
		{IPFamilies: []constructs.IPFamily{constructs.IPv6, constructs.IPv4}},
		{NetworkPlugin: constructs.NetworkPluginCilium},
		{DNS: []constructs.DNSServer{constructs.OpenShiftDNS(), {CIDRs: []string{"10.0.0.10/32", "fd00::/8"}, Port: 1053}}, AssignsUsers: true},
	}).Draw(t, "cluster")
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
func newServers(app cdk8s.App) []any {
	near, far := newChart(app, "near", namespace), newChart(app, "far", elsewhere)
	watched, operated := chartOf(app, "watched", "watched", namespace), chartOf(app, "operated", "operated", namespace)
	secret := constructs.SecretKeyRef{Secret: "secrets", Key: "redis-password"}
	scraped := constructs.BackendProps{Image: "api:1", Metrics: &constructs.Metrics{}}
	constructs.NewBackend(watched, "api", scraped)
	database := constructs.NewPostgres(far, "far-database", constructs.PostgresProps{Credentials: constructs.PostgresCredentials{Secret: "secrets"}})
	frontend := constructs.NewFrontend(near, "near-frontend", constructs.FrontendProps{Image: "nginx:1.29"})
	return []any{
		newProject(near),
		monitoring.NewPrometheus(watched, "prometheus", monitoring.PrometheusProps{ScrapeKubelets: true}),
		monitoring.NewOperatorMonitoring(operated, "prometheus", monitoring.OperatorMonitoringProps{}),
		monitoring.NewAlertmanager(near, "near-alertmanager", monitoring.AlertmanagerProps{Receivers: []monitoring.AlertReceiver{{
			Kind: monitoring.ReceiverWebhook, Secret: secret, Server: constructs.ExternalServer{Host: "10.0.0.7", Port: 443},
		}}}),
		frontend,
		constructs.NewIngress(near, "near-ingress", constructs.IngressProps{Host: "near.example.com", Tier: frontend}),
		constructs.NewBackend(near, "near-backend", scraped),
		constructs.NewBackend(far, "far-backend", constructs.BackendProps{
			Image: "api:1", Database: database, Migrations: &constructs.Migrations{Command: []string{"migrate"}},
		}),
		database,
		constructs.NewRedis(near, "near-redis", constructs.RedisProps{Password: secret}),
	}
}

// newProject makes a project that admits whatever is drawn of good values.
func newProject(chart cdk8s.Chart) *argocd.Project {
	props := argocd.ProjectProps{
		Repositories:    repositories,
		NamespacedKinds: []argocd.GroupKind{{Group: "apps", Kind: "Deployment"}},
		ClusterKinds:    []argocd.ClusterKind{{Kind: "Namespace"}},
	}
	for _, namespace := range destinations {
		for _, cluster := range clusters {
			props.Destinations = append(props.Destinations, argocd.Destination{Namespace: namespace, Cluster: cluster})
		}
	}
	return argocd.NewProject(chart, "near-project", props)
}

func checkRefusal(t require.TestingT, err error) {
	lines := strings.Split(err.Error(), "\n  [")
	require.Equal(t, "Validation failed with the following errors:", lines[0])
	for _, line := range lines[1:] {
		require.Regexp(t, namesField, "  ["+line)
	}
}
