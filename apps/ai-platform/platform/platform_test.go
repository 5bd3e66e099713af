package platform

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/apps/ai-platform/internal/inspect"
	"github.com/ai-platform/manifests/constructs"
)

// repository is the folder that dist/ and deploy/ are in, seen from this package.
const repository = "../../.."

func TestMain(m *testing.M) {
	code := m.Run()
	constructs.Close()
	os.Exit(code)
}

// What is committed is this application's golden output.
func TestCommittedManifestsAreCurrent(t *testing.T) {
	for _, e := range Environments() {
		t.Run(e.Name, func(t *testing.T) {
			rendered, err := constructs.Render(e.Compose)
			require.NoError(t, err)
			committed := inspect.Files(t, filepath.Join(repository, e.Directory()))
			require.Empty(t, cmp.Diff(committed, inspect.Text(rendered)), "run `make synth` and review the difference")
		})
	}
}

// render gives the files, and what was added.
func render(t *testing.T, tiers Tiers) (files map[string][]byte, added Constructs) {
	t.Helper()
	files, err := constructs.Render(func(app cdk8s.App) { added = tiers.Compose(app) })
	require.NoError(t, err)
	return files, added
}

func TestTiersWithoutPropsAreLeftOut(t *testing.T) {
	tiers := Development().Tiers()
	tiers.Namespace, tiers.Database, tiers.Redis = nil, nil, nil
	files, added := render(t, tiers)
	require.Len(t, files, 3)
	require.Contains(t, files, "30-backend.k8s.yaml")
	require.NotContains(t, string(files["30-backend.k8s.yaml"]), "DATABASE_URL")
	require.NotContains(t, string(files["30-backend.k8s.yaml"]), "REDIS_URL")
	require.Equal(t, Constructs{Backend: added.Backend, Frontend: added.Frontend, Ingress: added.Ingress}, added)
}

func TestConnectionsCanBeLeftOut(t *testing.T) {
	tiers := Development().Tiers()
	tiers.Connections = Connections{}
	files, _ := render(t, tiers)
	require.NotContains(t, string(files["30-backend.k8s.yaml"]), "DATABASE_URL")
	require.NotContains(t, string(files["30-backend.k8s.yaml"]), "REDIS_URL")
	require.NotContains(t, string(files["40-frontend.k8s.yaml"]), "VITE_API_BASE_URL")
}

func TestServersThatPropsNameStay(t *testing.T) {
	tiers := Production().Tiers()
	tiers.Database = nil
	tiers.Backend.Database = constructs.ExternalPostgres{
		Server: constructs.ExternalServer{Host: "db.eu.example.com", Port: 5432, CIDRs: []string{"10.20.0.0/24"}},
		URL:    constructs.SecretKeyRef{Secret: SecretName, Key: "managed-url"},
	}
	tiers.Prometheus.Alertmanager = constructs.ExternalServer{Host: "alerts.example.com", Port: 9093, CIDRs: []string{"10.30.0.0/24"}}
	files, _ := render(t, tiers)
	require.Contains(t, string(files["30-backend.k8s.yaml"]), "managed-url")
	require.Contains(t, string(files["80-prometheus.k8s.yaml"]), "alerts.example.com:9093")
}

func TestIngressLeadsToTheAPI(t *testing.T) {
	tiers := Development().Tiers()
	tiers.Ingress.Routes = []constructs.IngressRoute{{Path: "/api"}}
	files, _ := render(t, tiers)
	require.Regexp(t, `name: ai-platform-backend\n(.*\n){2} +path: /api\n`, string(files["50-ingress.k8s.yaml"]))
}

func TestIngressOfAnotherController(t *testing.T) {
	environment := Development()
	environment.Names.IngressClass = ""
	environment.Ingress = Ingress{
		Enabled: true, TLS: true, DisableRedirect: true,
		Controller: constructs.IngressController{Profile: constructs.ProfileTraefik, CIDRs: []string{"192.168.0.0/24"}},
	}
	files, _ := render(t, environment.Tiers())
	ingress := string(files["50-ingress.k8s.yaml"])
	require.Contains(t, ingress, "traefik.ingress.kubernetes.io/router.entrypoints: web,websecure")
	require.Contains(t, ingress, "ingressClassName: traefik")
	require.Contains(t, ingress, "cidr: 192.168.0.0/24")
	require.NotContains(t, ingress, "ingress-nginx")
}

// One value changes from an Ingress to a Gateway. Who has the certificate follows from it.
func TestGatewayInsteadOfIngress(t *testing.T) {
	proxy := constructs.GatewayProxy{Profile: constructs.GatewayEnvoy}
	for name, test := range map[string]struct {
		gateway       constructs.Gateway
		kinds, absent []string
	}{
		"shared": {
			constructs.Gateway{Name: "public", Namespace: "infra", Proxy: proxy},
			[]string{"HTTPRoute", "NetworkPolicy"},
			[]string{"letsencrypt-staging", "ai-platform-tls"},
		},
		"with a ListenerSet": {
			constructs.Gateway{Name: "public", Namespace: "infra", ListenerSet: true, Proxy: proxy},
			[]string{"HTTPRoute", "ListenerSet", "cert-manager.io/cluster-issuer: letsencrypt-staging", "name: ai-platform-tls"},
			nil,
		},
		"of its own": {
			constructs.Gateway{ClassName: "eg", Proxy: proxy},
			[]string{"HTTPRoute", "kind: Gateway\n", "cert-manager.io/cluster-issuer: letsencrypt-staging", "name: ai-platform-tls"},
			nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			environment := Development()
			environment.Ingress.Gateway = &test.gateway
			files, added := render(t, environment.Tiers())
			require.Len(t, added.Ingress.HTTPRoutes(), 2, "the host, and its redirect")
			published := string(files["50-ingress.k8s.yaml"])
			for _, part := range test.kinds {
				require.Contains(t, published, part)
			}
			for _, part := range append(test.absent, "kind: Ingress\n", "ingress-nginx") {
				require.NotContains(t, published, part)
			}
			require.Contains(t, published, "gateway.envoyproxy.io/owning-gateway-name")

			environment.Ingress.TLS = false
			_, added = render(t, environment.Tiers())
			require.Len(t, added.Ingress.HTTPRoutes(), 1, "without TLS, there is no redirect")
		})
	}
}

// objectsOf reads the committed objects of an environment.
func objectsOf(t *testing.T, e Environment) []inspect.Object {
	t.Helper()
	return inspect.Objects(t, filepath.Join(repository, e.Directory()))
}

// object finds one object of production.
func object(t *testing.T, kind, name string) inspect.Object {
	t.Helper()
	return inspect.Find(t, objectsOf(t, Production()), kind, name)
}

// container is the tier's own in a Deployment of production.
func container(t *testing.T, deployment string) map[string]any {
	t.Helper()
	return inspect.Container(t, object(t, "Deployment", deployment))
}
