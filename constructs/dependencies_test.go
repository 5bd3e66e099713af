package constructs_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// dependencies are the modules that whoever imports the package has to have. What is heavy (k8s.io/api, client-go) stays
// out. Of Prometheus there is the parser of its language: without it an alert that does not parse would be found by the
// server.
var dependencies = []string{
	// Ours.
	"github.com/ai-platform/manifests",
	"github.com/aws/constructs-go/constructs/v10",
	"github.com/aws/jsii-runtime-go",
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2",
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2",
	"github.com/prometheus/common",
	"github.com/prometheus/prometheus",
	"go.yaml.in/yaml/v3",
	"golang.org/x/sys",
	"k8s.io/apimachinery",
	// Theirs.
	"github.com/Masterminds/semver/v3",
	"github.com/beorn7/perks",
	"github.com/cespare/xxhash/v2",
	"github.com/dennwc/varint",
	"github.com/fxamacker/cbor/v2",
	"github.com/go-logr/logr",
	"github.com/grafana/regexp",
	"github.com/munnerz/goautoneg",
	"github.com/pandatix/go-abnf",
	"github.com/prometheus/client_golang",
	"github.com/prometheus/client_model",
	"github.com/prometheus/procfs",
	"github.com/x448/float16",
	"go.uber.org/atomic",
	"golang.org/x/text",
	"google.golang.org/protobuf",
	"gopkg.in/inf.v0",
	"k8s.io/klog/v2",
	"k8s.io/utils",
	"sigs.k8s.io/json",
}

func TestDependencies(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", ".").Output()
	require.NoError(t, err)
	found := strings.Fields(string(out))
	slices.Sort(found)
	require.ElementsMatch(t, dependencies, slices.Compact(found))
}
