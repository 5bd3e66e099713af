package reach

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/apps/ai-platform/platform"
	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/test/repository"
)

// clusters change production's values for a kind of cluster. Each has a report, and docs/clusters.md quotes its function.
var clusters = map[string]func(e *platform.Environment){
	"cluster-gke": gke, "cluster-eks": eks, "cluster-aks": aks, "cluster-openshift": openShift, "cluster-k3s": k3s, "cluster-kind": kind,
}

func gke(e *platform.Environment) {
	e.Cluster.DNS = []constructs.DNSServer{constructs.KubeDNS(), constructs.CiliumNodeLocalDNS()}
	e.Names.IngressClass = "gce"
	e.Ingress.Controller = constructs.IngressController{Profile: constructs.ProfileGCE}
	e.Ingress.DisableRedirect = true
	e.Files.StorageClassName = "standard-rwx"
}

func eks(e *platform.Environment) {
	e.Names.IngressClass = "alb"
	e.Ingress.Controller = constructs.IngressController{Profile: constructs.ProfileAWS, CIDRs: []string{"10.0.0.0/20", "10.0.16.0/20"}}
	e.Names.Certificate, e.Issuer = "", ""
	e.Files.StorageClassName = "efs"
}

func aks(e *platform.Environment) {
	e.Cluster.DNS = []constructs.DNSServer{constructs.KubeDNS(), {CIDRs: []string{"169.254.10.10/32", "169.254.10.11/32"}}}
	e.Names.IngressClass = "webapprouting.kubernetes.azure.com"
	e.Ingress.Controller = constructs.IngressController{
		Profile: constructs.ProfileIngressNginx, Namespace: "app-routing-system", PodLabels: map[string]string{"app": "nginx"},
	}
	e.Files.StorageClassName = "azurefile-csi"
}

func openShift(e *platform.Environment) {
	e.Cluster.DNS = []constructs.DNSServer{constructs.OpenShiftDNS()}
	e.Cluster.AssignsUsers = true
	e.Names.IngressClass = "openshift-default"
	e.Ingress.Controller = constructs.IngressController{Profile: constructs.ProfileOpenShift}
}

func k3s(e *platform.Environment) {
	e.Names.IngressClass = "traefik"
	e.Ingress.Controller = constructs.IngressController{Profile: constructs.ProfileTraefik, Namespace: "kube-system"}
	e.Ingress.DisableRedirect = true
	oneBackend(e)
}

func kind(e *platform.Environment) {
	oneBackend(e)
}

// oneBackend is for clusters whose volumes only one node can mount.
func oneBackend(e *platform.Environment) {
	e.Backend.Replicas, e.Backend.Scaling.Enabled = 1, false
	e.Files.AccessMode = constructs.ReadWriteOnce
}

func TestClusters(t *testing.T) {
	for name, change := range clusters {
		t.Run(name, func(t *testing.T) {
			environment := platform.Production()
			change(&environment)
			requireReport(t, name, render(t, "default", environment.Compose),
				readFiles(t, "testdata/clusters.yaml", "default"), readFiles(t, "testdata/controllers.yaml", "default"), readFiles(t, "testdata/dns.yaml", "default"))
		})
	}
}

func TestClustersAreDocumented(t *testing.T) {
	document, err := os.ReadFile(repository.Path("docs", "clusters.md"))
	require.NoError(t, err)
	positions := token.NewFileSet()
	source, err := parser.ParseFile(positions, "clusters_test.go", nil, 0)
	require.NoError(t, err)
	quoted := 0
	for _, declared := range source.Decls {
		function, ok := declared.(*ast.FuncDecl)
		if !ok || function.Type.Params.NumFields() != 1 || strings.HasPrefix(function.Name.Name, "Test") {
			continue
		}
		var body bytes.Buffer
		for _, statement := range function.Body.List {
			require.NoError(t, format.Node(&body, positions, statement))
			body.WriteByte('\n')
		}
		require.Contains(t, string(document), "```go\n"+body.String()+"```", "docs/clusters.md must quote %s", function.Name.Name)
		quoted++
	}
	require.Equal(t, len(clusters)+1, quoted)
}
