package rollout

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/test/golden"
)

// TestDiff applies production, changes it in the cluster and in its folder, and compares what the command prints with a golden file,
// which UPDATE_GOLDEN=1 writes anew.
func TestDiff(t *testing.T) {
	for _, m := range []mode{clientSide, serverSide} {
		t.Run(m.name, func(t *testing.T) {
			begin(t, production)
			r := running{mode: m, folder: t.TempDir()}
			files := production.files(t)
			files["99-more.k8s.yaml"] = []byte(remains + password)
			r.write(t, release{files: files})
			output, code := r.diff(t)
			require.Contains(t, output, "77 to create")
			require.Equal(t, 1, code)

			m.apply(t, r.path())
			production.createSecret(t)
			settle(t)
			output, code = r.diff(t)
			require.Equal(t, "production: no differences (against context ai-platform-test)\n", output)
			require.Zero(t, code)

			changeCluster(t)
			r.write(t, release{files: changedFiles(t)})
			before := r.versions(t)
			output, code = r.diff(t)
			require.Equal(t, 1, code)
			golden.Require(t, "diff-"+m.name+".txt", output)
			require.NotContains(t, output, "horse")
			r.testPrune(t)
			require.Equal(t, before, r.versions(t))
		})
	}
}

// versions are those of what the test keeps.
func (r running) versions(t *testing.T) map[string]version {
	t.Helper()
	files := production.files(t)
	delete(files, "50-ingress.k8s.yaml")
	return versions(stored(t, objectsOf(t, files)))
}

// testPrune deletes only when that is confirmed, and only what was applied and holds no data.
func (r running) testPrune(t *testing.T) {
	output, code := r.diff(t, "--prune")
	require.Equal(t, 1, code)
	golden.Require(t, "prune.txt", output)
	remaining := []string{"get", "ingress/ai-platform-ingress", "configmap/ai-platform-remains", "--namespace=" + production.namespace}
	kubectl(t, remaining...)

	output, code = r.diff(t, "--prune", "--yes")
	require.Zero(t, code)
	require.True(t, strings.HasSuffix(output, "\ndeleted ConfigMap ai-platform/ai-platform-remains\ndeleted Ingress ai-platform/ai-platform-ingress\n"+
		"deleted NetworkPolicy ai-platform/ai-platform-frontend-from-ingress\ndeleted NetworkPolicy ai-platform/ai-platform-ingress-acme-solver\n"), output)
	require.Empty(t, kubectl(t, append(remaining, "--ignore-not-found")...))
	kubectl(t, "get", "persistentvolumeclaim/redis-data-pvc", "configmap/by-hand", "--namespace="+production.namespace)

	_, code = r.diff(t, "--prune")
	require.Zero(t, code)
}

// TestDiffOfOtherEnvironments has kinds that only the cluster knows.
func TestDiffOfOtherEnvironments(t *testing.T) {
	for _, m := range []mode{clientSide, serverSide} {
		t.Run(m.name, func(t *testing.T) {
			begin(t, staging, development)
			m.apply(t, staging.path(), development.path())
			for _, name := range []string{"staging", "development"} {
				stdout, stderr, code := runDiff(t, root, control.Kubeconfig(), name)
				require.Equal(t, name+": no differences (against context ai-platform-test)\n", stdout)
				require.Empty(t, stderr)
				require.Zero(t, code)
			}
			kubectl(t, "label", "externalsecret/ai-platform-secrets", "component=another", "--overwrite", "--namespace="+staging.namespace)
			stdout, _, code := runDiff(t, root, control.Kubeconfig(), "staging")
			require.Contains(t, stdout, "~ ExternalSecret ai-platform-staging/ai-platform-secrets\n    ~ metadata.labels.component: \"another\" -> ")
			require.Equal(t, 1, code)
		})
	}
}

const (
	remains = `
apiVersion: v1
kind: ConfigMap
metadata: {name: ai-platform-remains, namespace: ai-platform, labels: {app: ai-platform}}
data: {key: value}
---`
	password = `
apiVersion: v1
kind: Secret
metadata: {name: ai-platform-token, namespace: ai-platform, labels: {app: ai-platform}}
stringData: {token: correct horse}
`
	unknown = `
---
apiVersion: example.com/v1
kind: Widget
metadata: {name: ai-platform-widget, namespace: ai-platform}
---
apiVersion: v1
kind: Service
metadata: {name: ai-platform-new, namespace: ai-platform}
spec: {ports: [{port: 70000}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: ai-platform-new, namespace: ai-platform}
`
)

// changeCluster does by hand what people do.
func changeCluster(t *testing.T) {
	t.Helper()
	in := "--namespace=" + production.namespace
	kubectl(t, "scale", "deployment/ai-platform-backend", "--replicas=4", in)
	kubectl(t, "autoscale", "deployment/ai-platform-backend", "--name=by-hand", "--min=4", "--max=6", in)
	kubectl(t, "create", "configmap", "by-hand", in)
	kubectl(t, "label", "configmap", "by-hand", "app=ai-platform", in)
	kubectl(t, "annotate", "service", "ai-platform-frontend", "example.com/by=hand", in)
}

// changedFiles are the manifests with at least one change of each dangerous kind.
func changedFiles(t *testing.T) map[string][]byte {
	t.Helper()
	files := production.files(t)
	for _, edit := range []struct{ file, from, to string }{
		{"10-database.k8s.yaml", "storage: 10Gi", "storage: 5Gi"},
		{"10-database.k8s.yaml", "EXTENSION IF NOT EXISTS pg_trgm; -- Indexes", "EXTENSION IF NOT EXISTS citext; -- Indexes"},
		{"20-redis.k8s.yaml", "--maxmemory 178956970", "--maxmemory 357913941"},
		{"20-redis.k8s.yaml", "kind: PersistentVolumeClaim\n", "kind: ConfigMap\n"}, // Named like the claim, which goes.
		{"20-redis.k8s.yaml", "\nspec:\n  accessModes:\n    - ReadWriteOnce\n  resources:\n    requests:\n      storage: 5Gi\n", "\n"},
		{"30-backend.k8s.yaml", "- ReadWriteMany", "- ReadWriteOnce"},
		{"30-backend.k8s.yaml", "image: ai-platform-backend:latest", "image: ai-platform-backend:2"},
		{"30-backend.k8s.yaml", "        - env:\n", "        - env:\n            - name: ADDED\n              value: \"1\"\n"},
		{"30-backend.k8s.yaml", "        - port: 6379\n", "        - port: 6380\n"},
		{"40-frontend.k8s.yaml", "  selector:\n    matchLabels:\n      app: ai-platform\n      component: frontend\n  strategy", "  selector:\n    matchLabels:\n      app: ai-platform\n      component: web\n  strategy"},
		{"60-kube-state-metrics.k8s.yaml", "  kind: Role\n  name: ai-platform-kube-state-metrics", "  kind: Role\n  name: another"},
	} {
		require.True(t, strings.Contains(string(files[edit.file]), edit.from), edit.from) //nolint:testifylint // Whole files are no message.
		files[edit.file] = []byte(strings.Replace(string(files[edit.file]), edit.from, edit.to, 1))
	}
	delete(files, "50-ingress.k8s.yaml")
	files["99-more.k8s.yaml"] = []byte(strings.Replace(password, "correct", "wrong", 1) + unknown)
	return files
}

// diff runs the command in the folder of a platform, and returns what it prints and its exit code.
func (r running) diff(t *testing.T, args ...string) (output string, code int) {
	t.Helper()
	stdout, stderr, code := runDiff(t, r.folder, control.Kubeconfig(), args...)
	require.Empty(t, stderr)
	return stdout, code
}

func runDiff(t *testing.T, folder, kubeconfig string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	return runProgram(t, folder, kubeconfig, append([]string{"diff"}, args...)...)
}

// TestDiffFails wants one clear line, and an exit code of its own, of everything that can be wrong with a cluster.
func TestDiffFails(t *testing.T) {
	begin(t, production)
	clientSide.apply(t, production.path())
	kubectl(t, "create", "serviceaccount", "reader", "--namespace=default")
	kubectl(t, "create", "clusterrole", "reader", "--verb=get,list,watch", "--resource=*.*")
	kubectl(t, "create", "clusterrole", "dry-runner", "--verb=get,list,watch,patch,create", "--resource=*.*")
	t.Cleanup(func() {
		_, _, err := control.Kubectl(context.WithoutCancel(t.Context()), "", "delete", "clusterrole/reader", "clusterrole/dry-runner",
			"clusterrolebinding/reader", "clusterrolebinding/dry-runner", "serviceaccount/reader", "--ignore-not-found")
		require.NoError(t, err)
	})
	reader := accountKubeconfig(t, "default", "reader")
	slow, old, closed := fakeServer(t, "v1.35.0", time.Minute), fakeServer(t, "v1.27.9", 0), closedServer(t)
	broken := fakeServer(t, "", 0)
	missing := filepath.Join(t.TempDir(), "missing")
	elsewhere := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(elsewhere, "dist"), 0o777))
	require.NoError(t, os.WriteFile(filepath.Join(elsewhere, "dist", "more.yaml"), []byte(strings.ReplaceAll(remains, "ai-platform,", "elsewhere,")), 0o666))

	for _, fails := range []struct {
		name, kubeconfig string
		args             []string
		code             int
		stderr           string
	}{
		{"usage", control.Kubeconfig(), []string{"--yes"}, 3, "--yes deletes what --prune shows"},
		{"environment", control.Kubeconfig(), []string{"test"}, 3, `unknown environment "test"`},
		{"no kubeconfig", missing, nil, 4, "no cluster is configured in " + missing},
		{"namespace of another", control.Kubeconfig(), []string{"--namespace=default"}, 3, "NetworkPolicy ai-platform/default-deny is declared in another namespace"},
		{"wrong context", control.Kubeconfig(), []string{"--context=test"}, 4, `context "test" does not exist`},
		{"unreachable", closed, nil, 5, "connection refused"},
		{"connection lost", broken, nil, 5, "cannot reach the API server"},
		{"no permission", reader, nil, 6, "cannot list resource"},
		{"namespace missing", control.Kubeconfig(), []string{"development", "--prune"}, 7, "namespace ai-platform-development does not exist"},
		{"unsupported", old, nil, 8, "Kubernetes v1.27.9: must be 1.30 or newer"},
		{"timeout", slow, []string{"--timeout=300ms"}, 9, "no result after 300ms"},
	} {
		t.Run(fails.name, func(t *testing.T) {
			stdout, stderr, code := runDiff(t, root, fails.kubeconfig, fails.args...)
			require.Equal(t, fails.code, code, stderr)
			require.Contains(t, stderr, fails.stderr)
			require.Equal(t, 1, strings.Count(stderr, "\n"), stderr)
			require.Empty(t, stdout)
		})
	}

	t.Run("namespace missing and not declared", func(t *testing.T) {
		stdout, stderr, code := runDiff(t, elsewhere, control.Kubeconfig())
		require.Equal(t, 7, code, stderr)
		require.Equal(t, "namespace elsewhere does not exist: is this the right cluster (--context)?\n", stderr)
		require.Empty(t, stdout)
	})
	t.Run("reading is not enough", func(t *testing.T) {
		kubectl(t, "create", "clusterrolebinding", "reader", "--clusterrole=reader", "--serviceaccount=default:reader")
		_, stderr, code := runDiff(t, root, reader, "--server-side")
		require.Equal(t, 6, code)
		require.Contains(t, stderr, "cannot patch resource")
		stdout, stderr, code := runDiff(t, root, reader, "--prune")
		require.Zero(t, code, stderr+stdout)
	})
	t.Run("reading and dry runs are enough", func(t *testing.T) {
		kubectl(t, "create", "clusterrolebinding", "dry-runner", "--clusterrole=dry-runner", "--serviceaccount=default:reader")
		stdout, stderr, code := runDiff(t, root, reader, "--output=json")
		require.Zero(t, code, stderr)
		require.JSONEq(t, `{"environment": "production", "against": "cluster", "context": "it", "changes": []}`, stdout)
	})
	t.Run("interrupted", func(t *testing.T) {
		command := exec.CommandContext(t.Context(), program, "diff")
		command.Dir, command.Env = root, append(os.Environ(), "KUBECONFIG="+slow)
		var stderr bytes.Buffer
		command.Stderr = &stderr
		require.NoError(t, command.Start())
		time.Sleep(300 * time.Millisecond)
		require.NoError(t, command.Process.Signal(syscall.SIGINT))
		require.Error(t, command.Wait())
		require.Equal(t, 130, command.ProcessState.ExitCode())
		require.Equal(t, "interrupted\n", stderr.String())
	})
}

// accountKubeconfig is for a ServiceAccount.
func accountKubeconfig(t *testing.T, namespace, name string) string {
	t.Helper()
	return writeKubeconfig(t, control.URL(), strings.TrimSpace(kubectl(t, "create", "token", name, "--namespace="+namespace)))
}

func writeKubeconfig(t *testing.T, server, token string) string {
	t.Helper()
	type object = map[string]any
	content, err := json.Marshal(object{
		"apiVersion": "v1", "kind": "Config", "current-context": "it",
		"contexts": []object{{"name": "it", "context": object{"cluster": "it", "user": "it"}}},
		"clusters": []object{{"name": "it", "cluster": object{"server": server, "insecure-skip-tls-verify": true}}},
		"users":    []object{{"name": "it", "user": object{"token": token}}},
	})
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "kubeconfig")
	require.NoError(t, os.WriteFile(file, content, 0o600))
	return file
}

// fakeServer answers, after a while, with its version. Without one it breaks the connection.
func fakeServer(t *testing.T, version string, after time.Duration) (kubeconfig string) {
	t.Helper()
	ended := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		select {
		case <-ended:
		case <-time.After(after):
		}
		if version == "" {
			panic(http.ErrAbortHandler)
		}
		_, _ = io.WriteString(w, `{"gitVersion":"`+version+`"}`)
	}))
	t.Cleanup(func() { close(ended); server.Close() })
	return writeKubeconfig(t, server.URL, "none")
}

// closedServer listens no longer.
func closedServer(t *testing.T) (kubeconfig string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, errors.Join(err, listener.Close()))
	return writeKubeconfig(t, "http://"+listener.Addr().String(), "none")
}
