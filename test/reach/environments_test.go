package reach

import (
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"
)

// Who reaches whom. A tier is a line: whom it reaches, over the ports of the pods. Whoever reaches it says so on a line of
// its own. Everything that is not here must be closed, in both directions.
var (
	platform = declaration{
		controller:             {"ai-platform-frontend": "TCP 80", "cm-acme-http-solver": "TCP 8089"},
		"ai-platform-frontend": {clusterDNS: dns, "ai-platform-backend": "TCP 8000"},
		"ai-platform-backend":  {clusterDNS: dns, "ai-platform-database": "TCP 5432", "ai-platform-redis": "TCP 6379"},
		"ai-platform-database": {},
		"ai-platform-redis":    {},
	}

	// watched are the tiers that ask to be scraped, and what watches them.
	watched = declaration{
		"ai-platform-prometheus": {
			clusterDNS:            dns,
			"ai-platform-backend": "TCP 9464", "ai-platform-blackbox-exporter": "TCP 9115",
			"ai-platform-database": "TCP 9187", "ai-platform-redis": "TCP 9121",
			"ai-platform-kube-state-metrics": "TCP 8080", "ai-platform-alertmanager": "TCP 9093",
		},
		"ai-platform-blackbox-exporter":  {clusterDNS: dns, "ai-platform-frontend": "TCP 80", controller: "TCP 443", anyAddress: "TCP 443"},
		"ai-platform-alertmanager":       {clusterDNS: dns, anyAddress: "TCP 443"},
		"ai-platform-grafana":            {clusterDNS: dns, "ai-platform-prometheus": "TCP 9090"},
		"ai-platform-kube-state-metrics": {clusterDNS: dns, everywhere: kubernetesAPI},
	}

	backups = declaration{
		"ai-platform-database-backup":  {clusterDNS: dns, "ai-platform-database": "TCP 5432"},
		"ai-platform-database-restore": {clusterDNS: dns, "ai-platform-database": "TCP 5432"},
	}
)

// Peers that testdata has, and their ports.
const (
	controller = "ingress-nginx/ingress-nginx-controller"
	clusterDNS = "kube-system/coredns"
	dns        = "TCP 53, UDP 53"
	anyAddress = "0.0.0.0/0"

	// kubernetesAPI are the ports on which an API server listens. Where it is nobody knows here.
	kubernetesAPI = "TCP 443, TCP 6443"
)

// environment is a folder of manifests, for a namespace of its own.
type environment struct {
	folder, namespace string
	declared          declaration
}

var (
	production  = environment{"dist", "ai-platform", platform.with(watched).with(backups)}
	staging     = environment{"deploy/staging", "ai-platform-staging", platform.with(watched).with(backups)}
	development = environment{"deploy/development", "ai-platform-development", platform}

	environments = []environment{production, staging, development}
)

func TestWhoCanReachWhom(t *testing.T) {
	for _, e := range environments {
		t.Run(e.namespace, func(t *testing.T) {
			together(t, e).requireDeclared(t)
		})
	}
}

// Nothing crosses from one environment to another, though all have the same labels.
func TestEnvironmentsInOneCluster(t *testing.T) {
	together(t, environments...).requireDeclared(t)
}

func TestEveryEnvironmentIsDeclared(t *testing.T) {
	// Templates of a chart and objects of Argo CD's own kinds deploy the environments that are here already.
	folders := []string{"deploy/argocd", "deploy/helm"}
	for _, e := range environments {
		folders = append(folders, e.folder)
	}
	found, err := fs.Glob(repository, "deploy/*")
	require.NoError(t, err)
	require.Subset(t, folders, found)
}
