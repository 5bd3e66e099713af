package constructs_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// dependencies are the modules that whoever imports the package has to have, in addition to typeDependencies. What is heavy (client-go) stays
// out.
var dependencies = []string{
	// Ours.
	"github.com/ai-platform/manifests",
	"github.com/aws/constructs-go/constructs/v10",
	"github.com/aws/jsii-runtime-go",
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2",
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2",
	"github.com/robfig/cron/v3",
	"golang.org/x/sys",
	"k8s.io/apimachinery",
	"sigs.k8s.io/yaml",
	// Theirs.
	"github.com/Masterminds/semver/v3",
	"github.com/fxamacker/cbor/v2",
	"github.com/go-logr/logr",
	"github.com/x448/float16",
	"go.yaml.in/yaml/v2",
	"gopkg.in/inf.v0",
	"k8s.io/klog/v2",
	"k8s.io/utils",
	"sigs.k8s.io/json",
}

// typeDependencies are those that check objects: Kubernetes's own types and its evaluator of Pod Security. Without them, the API server
// would find what is wrong with patches and with a program's own objects, or no pod would come up.
var typeDependencies = []string{
	// Ours.
	"k8s.io/api",
	"k8s.io/pod-security-admission",
	// Theirs.
	"github.com/json-iterator/go",
	"github.com/modern-go/concurrent",
	"github.com/modern-go/reflect2",
	"golang.org/x/net",
	"golang.org/x/text",
	"k8s.io/component-base",
	"k8s.io/kube-openapi",
	"sigs.k8s.io/randfill",
	"sigs.k8s.io/structured-merge-diff/v6",
}

// monitoringDependencies are those that only the package monitoring adds: the parser of Prometheus's language, without which
// an alert that does not parse would be found by the server.
var monitoringDependencies = []string{
	// Ours.
	"github.com/prometheus/common",
	"github.com/prometheus/prometheus",
	"go.yaml.in/yaml/v3",
	// Theirs.
	"github.com/beorn7/perks",
	"github.com/cespare/xxhash/v2",
	"github.com/dennwc/varint",
	"github.com/grafana/regexp",
	"github.com/munnerz/goautoneg",
	"github.com/pandatix/go-abnf",
	"github.com/prometheus/client_golang",
	"github.com/prometheus/client_model",
	"github.com/prometheus/procfs",
	"go.uber.org/atomic",
	"google.golang.org/protobuf",
}

// externalSecretsDependencies are those that only the package externalsecrets adds: the functions of templates, without which a template
// that fails would be found when the pods already wait for their Secret.
var externalSecretsDependencies = []string{
	// Ours.
	"github.com/Masterminds/sprig/v3",
	// Theirs.
	"dario.cat/mergo",
	"github.com/Masterminds/goutils",
	"github.com/google/uuid",
	"github.com/huandu/xstrings",
	"github.com/mitchellh/copystructure",
	"github.com/mitchellh/reflectwalk",
	"github.com/shopspring/decimal",
	"github.com/spf13/cast",
	"golang.org/x/crypto",
}

func TestDependencies(t *testing.T) {
	require.ElementsMatch(t, slices.Concat(dependencies, typeDependencies), listDependencies(t, "{{with .Module}}{{.Path}}{{end}}", "."))
	require.ElementsMatch(t, slices.Concat(dependencies, typeDependencies, monitoringDependencies),
		listDependencies(t, "{{with .Module}}{{.Path}}{{end}}", "./monitoring"))
	require.ElementsMatch(t, dependencies, listDependencies(t, "{{with .Module}}{{.Path}}{{end}}", "./argocd"))
	require.ElementsMatch(t, slices.Concat(dependencies, externalSecretsDependencies),
		listDependencies(t, "{{with .Module}}{{.Path}}{{end}}", "./externalsecrets"))
}

// What is shared knows nothing of who shares it.
func TestInternalPackagesImportNoConstructs(t *testing.T) {
	for _, name := range []string{"apitype", "manifest", "check", "kernel", "directory", "chart"} {
		require.NotContains(t, listDependencies(t, "{{.ImportPath}}", "../internal/"+name), "github.com/ai-platform/manifests/constructs")
	}
	for _, path := range listDependencies(t, "{{.ImportPath}}", ".") {
		require.NotContains(t, path, "github.com/ai-platform/manifests/constructs/", "a package below")
	}
}

func listDependencies(t *testing.T, format, of string) []string {
	t.Helper()
	out, err := exec.Command("go", "list", "-deps", "-f", format, of).Output()
	require.NoError(t, err)
	found := strings.Fields(string(out))
	slices.Sort(found)
	return slices.Compact(found)
}
