package judges

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/version"

	"github.com/ai-platform/manifests/test/crds"
	"github.com/ai-platform/manifests/test/repository"
	"github.com/ai-platform/manifests/test/tool"
)

// oldestKubernetes is the oldest version that the manifests are for: the first that waits in preStop without a program of the image.
var oldestKubernetes = version.MustParseGeneric("1.30")

var kubectlValidate = tool.BuildOnce("kubectl-validate", "kubectl-validate")

func TestKubectlValidateAcceptsAllDocuments(t *testing.T) {
	files := renderedFiles(t)
	require.Contains(t, files, volumeOfImage)
	for _, kubernetes := range embeddedVersions(t) {
		t.Run(kubernetes, func(t *testing.T) {
			refusals := validate(t, kubernetes, repository.Path(), files)
			if !version.MustParseGeneric(kubernetes).AtLeast(kubernetesWithImageVolumes) {
				require.Contains(t, refusals[volumeOfImage], "spec.template.spec.volumes[0].image: Invalid value")
				delete(refusals, volumeOfImage)
			}
			require.Empty(t, refusals)
		})
	}
}

// volumeOfImage needs a newer version, as the documentation of ImageVolume says. Its schema has the field since 1.31, where the API server ignores it.
const volumeOfImage = "constructs/testdata/backend-volume-of-image.yaml"

var kubernetesWithImageVolumes = version.MustParseGeneric("1.31")

func TestKubectlValidateRefuses(t *testing.T) {
	cases := []struct {
		name string
		edit edit
		want string
	}{
		{"unknown field", edit{"replicas: 2", "replica: 2"}, "spec.replica: Invalid value"},
		{"unknown nested field", edit{"drop:", "dorp:"}, "containers[0].securityContext.capabilities.dorp: Invalid value"},
		{"unknown metadata", edit{"shop\nspec:\n  replicas", "shop\n  label: {}\nspec:\n  replicas"}, "metadata.label: Invalid value"},
		{"wrong type", edit{"replicas: 2", `replicas: "2"`}, "spec.replicas in body must be of type integer"},
		{"missing field", edit{"tcpSocket:\n              port: 8080", "tcpSocket: {}"}, "livenessProbe.tcpSocket.port: Required value"},
		{"repeated key", edit{"replicas: 2", "replicas: 2\n  replicas: 3"}, `key "replicas" already set`},
		{"unknown kind", edit{"kind: Service\n", "kind: Servant\n"}, "kind Servant not found"},
		{"removed version", edit{"policy/v1\n", "policy/v1beta1\n"}, "failed to locate OpenAPI spec for GV: policy/v1beta1"},
	}
	directory := t.TempDir()
	var files []string
	for _, c := range cases {
		files = append(files, c.name+".yaml")
		require.NoError(t, os.WriteFile(filepath.Join(directory, c.name+".yaml"), c.edit.apply(t), 0o600))
	}
	for _, kubernetes := range embeddedVersions(t) {
		t.Run(kubernetes, func(t *testing.T) {
			refusals := validate(t, kubernetes, directory, files)
			for _, c := range cases {
				require.Contains(t, refusals[c.name+".yaml"], c.want)
			}
		})
	}
}

// A live cluster's schemas would take the place of the embedded ones.
func TestKubectlValidateAsksNoCluster(t *testing.T) {
	cluster := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, request *http.Request) {
		t.Errorf("kubectl-validate asked the cluster for %s", request.URL)
	}))
	defer cluster.Close()
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	require.NoError(t, os.WriteFile(kubeconfig, fmt.Appendf(nil, `
apiVersion: v1
kind: Config
current-context: live
contexts: [{name: live, context: {cluster: live}}]
clusters: [{name: live, cluster: {server: %q}}]
`, cluster.URL), 0o600))
	t.Setenv("KUBECONFIG", kubeconfig)

	require.Empty(t, validate(t, oldestKubernetes.String(), ".", []string{acceptedFile}))
}

// embeddedVersions returns the Kubernetes versions, from the oldest on, whose schemas kubectl-validate embeds. Others it would download.
func embeddedVersions(t *testing.T) []string {
	t.Helper()
	_, err := kubectlValidate()
	require.NoError(t, err, "only what is built has its module's files here")
	module, err := tool.Go("kubectl-validate", "list", "-m", "-f", "{{.Dir}}", "sigs.k8s.io/kubectl-validate")
	require.NoError(t, err)
	schemas, err := os.ReadDir(filepath.Join(module, "pkg", "openapiclient", "builtins"))
	require.NoError(t, err)

	var versions []string
	for _, folder := range schemas {
		embedded, err := version.ParseGeneric(folder.Name())
		require.NoError(t, err)
		if embedded.AtLeast(oldestKubernetes) {
			versions = append(versions, folder.Name())
		}
	}
	require.Contains(t, versions, oldestKubernetes.String())
	return versions
}

// validate returns what kubectl-validate refuses of files in a directory, by file.
func validate(t *testing.T, kubernetes, directory string, files []string) map[string]string {
	t.Helper()
	executable, err := kubectlValidate()
	require.NoError(t, err)
	definitions, err := crds.Folders()
	require.NoError(t, err)
	judge := exec.CommandContext(t.Context(), executable, append([]string{
		"--version", kubernetes,
		"--output", "json",
		"--local-crds", strings.Join(definitions, ","),
	}, files...)...)
	judge.Dir = directory
	// It prefers a cluster to its embedded schemas, and finds one through the environment or the home directory: give it neither.
	judge.Env = []string{"KUBECONFIG=" + os.DevNull}
	var verdicts map[string][]metav1.Status // One for each document.
	readVerdict(t, judge, &verdicts)

	refusals := map[string]string{}
	for _, file := range files {
		require.NotEmpty(t, verdicts[file], "%s has no document", file)
		for _, verdict := range verdicts[file] {
			if verdict.Status != metav1.StatusSuccess {
				refusals[file] += reason(verdict)
			}
		}
	}
	return refusals
}

// reason returns a status's message, and the faults of the YAML itself, which the message leaves to the causes.
func reason(status metav1.Status) string {
	text := status.Message + "\n"
	if status.Details != nil {
		for _, cause := range status.Details.Causes {
			if cause.Field == "" {
				text += cause.Message + "\n"
			}
		}
	}
	return text
}
