package release

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	helmcmd "helm.sh/helm/v4/pkg/cmd"
	"helm.sh/helm/v4/pkg/kube"

	"github.com/ai-platform/manifests/test/cluster"
	"github.com/ai-platform/manifests/test/clustertest"
	"github.com/ai-platform/manifests/test/repository"
	"github.com/ai-platform/manifests/test/tool"
)

// control is the cluster of all tests.
var control *cluster.Cluster

// asHelm has this program be Helm, so that the tests run its commands as people do.
const asHelm = "RELEASE_TEST_AS_HELM"

func TestMain(m *testing.M) {
	if os.Getenv(asHelm) != "" {
		os.Exit(runHelm())
	}
	clustertest.Main(m, cluster.Options{DefaultStorageClass: "immediate"}, func(started *cluster.Cluster) error {
		control = started
		return nil
	})
}

// runHelm is what Helm's own main function does.
func runHelm() int {
	kube.ManagedFieldsManager = "helm"
	command, err := helmcmd.NewRootCmd(os.Stdout, os.Args[1:], helmcmd.SetupLogging)
	if err == nil {
		err = command.Execute()
	}
	if err != nil {
		return 1
	}
	return 0
}

// takenUp is what Helm says of a claim that it left in place before: it is a warning because the claim might be someone else's.
const takenUp = "resource exists on cluster but not in original release"

// helm runs a command of Helm 4 in the repository's root, and wants it to succeed without another word on the error stream.
func helm(t *testing.T, args ...string) (stdout string) {
	t.Helper()
	stdout, stderr, err := tryHelm(t, args...)
	requireSilence(t, stderr, err)
	return stdout
}

func tryHelm(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	program, err := os.Executable()
	require.NoError(t, err)
	return runHelmProgram(t, program, args...)
}

var buildHelm3 = tool.BuildOnce("helm3", "helm")

// helm3 is the same with Helm 3.
func helm3(t *testing.T, args ...string) (stdout string) {
	t.Helper()
	program, err := buildHelm3()
	require.NoError(t, err)
	stdout, stderr, err := runHelmProgram(t, program, args...)
	requireSilence(t, stderr, err)
	return stdout
}

func requireSilence(t *testing.T, stderr string, err error) {
	t.Helper()
	require.NoError(t, err, stderr)
	for line := range strings.Lines(stderr) {
		require.Contains(t, line, takenUp)
	}
}

func runHelmProgram(t *testing.T, program string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), program, args...)
	command.Dir = repository.Path()
	command.Env = append(os.Environ(), asHelm+"=1", "KUBECONFIG="+control.Kubeconfig(), "HELM_CACHE_HOME="+t.TempDir(),
		"HELM_CONFIG_HOME="+t.TempDir(), "HELM_DATA_HOME="+t.TempDir())
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	err = command.Run()
	return out.String(), errs.String(), err
}

func kubectl(t *testing.T, args ...string) (stdout string) {
	t.Helper()
	return strings.TrimSpace(clustertest.Kubectl(t, args...))
}
