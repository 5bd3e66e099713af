package operate

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

const settings = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: shop}\ndata: {level: info}\n"

// runDiff runs the command for an application with two environments, in the working directory.
func runDiff(t *testing.T, args ...string) (stdout string, err error) {
	t.Helper()
	app := Application{Environments: []Environment{{Name: "production", Directory: "dist"}, {Name: "staging", Directory: "deploy/staging"}}}
	command := Commands(app)[0]
	command.SilenceErrors, command.SilenceUsage = true, true
	var out bytes.Buffer
	command.SetOut(&out)
	command.SetErr(io.Discard)
	command.SetArgs(args)
	err = command.Execute()
	return out.String(), err
}

// What a folder may contain is no difference to itself.
func TestDiffAgainstTheSame(t *testing.T) {
	beginRepository(t)
	write(t, "dist/twice.yaml", settings)
	write(t, "dist/below.yaml/a.yaml", "not: read")
	write(t, "shared/network.yml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shared, namespace: shop}\n")
	require.NoError(t, os.Symlink("../shared/network.yml", "dist/network.yml"))
	commit(t)
	output, err := runDiff(t, "--against=HEAD")
	require.NoError(t, err)
	require.Equal(t, "production: no differences (against HEAD)\n", output)

	outside := filepath.Join(t.TempDir(), "a.yaml")
	write(t, outside, settings)
	require.NoError(t, os.Symlink(outside, "dist/outside.yaml"))
	commit(t)
	_, err = runDiff(t, "--against=HEAD")
	require.EqualError(t, err, "dist/outside.yaml is a symbolic link that does not lead to a file of the revision")
}

// beginRepository makes a git repository with a commit the working directory, in a folder below it.
func beginRepository(t *testing.T) {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "below")
	write(t, filepath.Join(folder, "dist", "settings.yaml"), settings)
	write(t, filepath.Join(folder, "dist", "README.md"), "Not a manifest.")
	t.Chdir(folder)
	output, err := exec.Command("git", "init", "--quiet", "..").CombinedOutput()
	require.NoError(t, err, string(output))
	commit(t)
}

// commit commits the working directory.
func commit(t *testing.T) {
	t.Helper()
	for _, args := range [][]string{
		{"add", "."},
		{"-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "--message=a"},
	} {
		output, err := exec.Command("git", args...).CombinedOutput()
		require.NoError(t, err, string(output))
	}
}

func write(t *testing.T, file, content string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o777))
	require.NoError(t, os.WriteFile(file, []byte(content), 0o666))
}

func TestDiffAgainstRevision(t *testing.T) {
	t.Setenv("KUBECONFIG", "/dev/null") // It takes no cluster.
	beginRepository(t)
	output, err := runDiff(t, "--against=HEAD")
	require.NoError(t, err)
	require.Equal(t, "production: no differences (against HEAD)\n", output)

	write(t, "dist/settings.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: shop}\ndata: {level: debug}\n")
	output, err = runDiff(t, "--against=HEAD", "production")
	require.Equal(t, ExitFound, ExitCode(err))
	require.Empty(t, err.Error())
	require.Equal(t, "~ ConfigMap shop/settings\n    ~ data.level: \"info\" -> \"debug\"\n\nproduction: 1 to change (against HEAD)\n", output)

	output, err = runDiff(t, "--against=HEAD", "--output=json")
	require.Equal(t, ExitFound, ExitCode(err))
	require.JSONEq(t, `{"environment": "production", "against": "HEAD", "changes": [{
		"apiVersion": "v1", "kind": "ConfigMap", "namespace": "shop", "name": "settings", "action": "update",
		"fields": [{"path": "data.level", "old": "info", "new": "debug"}]
	}]}`, output)

	write(t, "deploy/staging/settings.yaml", settings)
	output, err = runDiff(t, "--against=HEAD", "staging")
	require.Equal(t, ExitFound, ExitCode(err))
	require.Equal(t, "+ ConfigMap shop/settings\n\nstaging: 1 to create (against HEAD)\nHEAD has no manifests in deploy/staging: all of them are new\n", output)
}

func TestDiffUsage(t *testing.T) {
	beginRepository(t)
	for want, args := range map[string][]string{
		"--against=none: no such git revision":                                 {"--against=none"},
		"--against=--help: no such git revision":                               {"--against=--help"},
		"--output=yaml: must be text or json":                                  {"--output=yaml"},
		"--yes requires --prune":                                               {"--yes"},
		`unknown environment "test": must be one of production, staging`:       {"test"},
		"--against compares without a cluster: omit --prune and --server-side": {"--against=HEAD", "--prune"},
		"accepts at most 1 arg(s), received 2":                                 {"production", "staging"},
		"unknown flag: --all":                                                  {"--all"},
	} {
		output, err := runDiff(t, args...)
		require.Equal(t, want, err.Error())
		require.Equal(t, ExitUsage, ExitCode(err), want)
		require.Empty(t, output)
	}
}

func TestLastApplier(t *testing.T) {
	entry := func(manager string, operation metav1.ManagedFieldsOperationType, second int) metav1.ManagedFieldsEntry {
		when := metav1.NewTime(time.Date(2026, 1, 1, 0, 0, second, 0, time.UTC))
		return metav1.ManagedFieldsEntry{Manager: manager, Operation: operation, Time: &when}
	}
	const apply, update = metav1.ManagedFieldsOperationApply, metav1.ManagedFieldsOperationUpdate
	unchanged := func(manager string) metav1.ManagedFieldsEntry {
		return metav1.ManagedFieldsEntry{Manager: manager, Operation: apply}
	}
	for _, test := range []struct {
		want    string
		applied bool
		entries []metav1.ManagedFieldsEntry
	}{
		{clientSideManager, false, nil},
		{clientSideManager, false, []metav1.ManagedFieldsEntry{entry("kubectl-create", update, 1)}},
		{kubectlManager, true, []metav1.ManagedFieldsEntry{entry(kubectlManager, apply, 1), entry("kube-controller-manager", update, 2)}},
		{kubectlManager, true, []metav1.ManagedFieldsEntry{entry(clientSideManager, update, 1), entry(kubectlManager, apply, 1)}},
		{clientSideManager, true, []metav1.ManagedFieldsEntry{entry(clientSideManager, update, 2), entry(kubectlManager, apply, 1)}},
		{argoCDManager, true, []metav1.ManagedFieldsEntry{entry(kubectlManager, apply, 1), entry(argoCDManager, apply, 2), entry("autoscaling", apply, 3)}},
		{argoCDManager, true, []metav1.ManagedFieldsEntry{unchanged(argoCDManager), entry(kubectlManager, apply, 1)}},
		{kubectlManager, true, []metav1.ManagedFieldsEntry{entry(argoCDManager, apply, 1), unchanged(kubectlManager)}},
		{argoCDManager, true, []metav1.ManagedFieldsEntry{unchanged(argoCDManager), unchanged(kubectlManager)}},
		{clientSideManager, true, []metav1.ManagedFieldsEntry{unchanged(kubectlManager), entry(clientSideManager, update, 1)}},
	} {
		live := &unstructured.Unstructured{Object: map[string]any{}}
		live.SetManagedFields(test.entries)
		require.Equal(t, test.want, lastApplier(live))
		require.Equal(t, test.applied, wasApplied(live))
	}
}
