package rollout

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// withoutIngress makes verify independent of DNS.
const withoutIngress = "--steps=objects,pods,services"

// TestFailures wants one clear line, and an exit code of its own, of everything that can be wrong with a cluster.
func TestFailures(t *testing.T) {
	begin(t, production)
	clientSide.apply(t, production.Path())
	ours, account, missing := control.Kubeconfig(), newAccount(t, "default", "reader"), filepath.Join(t.TempDir(), "missing")
	slow, old, closed := fakeServer(t, "v1.35.0", time.Minute), fakeServer(t, "v1.27.9", 0), closedServer(t)
	elsewhere := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(elsewhere, "dist"), 0o777))
	require.NoError(t, os.WriteFile(filepath.Join(elsewhere, "dist", "more.yaml"), []byte(strings.ReplaceAll(remains, "ai-platform,", "elsewhere,")), 0o666))
	for _, fails := range []struct {
		name, command, folder, kubeconfig string
		code                              int
		stderr                            string
	}{
		{"namespace of another", "diff --namespace=default", root, ours, 3, "NetworkPolicy ai-platform/default-deny is declared in another namespace"},
		{"no kubeconfig", "diff", root, missing, 4, missing + " does not exist: set --kubeconfig or $KUBECONFIG"},
		{"no kubeconfig", "verify", root, missing, 4, missing + " does not exist: set --kubeconfig or $KUBECONFIG"},
		{"wrong context", "diff --context=test", root, ours, 4, `context "test" does not exist`},
		{"unreachable", "diff", root, closed, 5, "connection refused"},
		{"unreachable", "verify", root, closed, 5, "connection refused"},
		{"connection lost", "diff", root, fakeServer(t, "", 0), 5, "cannot reach the API server"},
		{"no permission", "diff", root, account, 6, "cannot list resource"},
		{"no permission", "verify", root, account, 6, "cannot list resource"},
		{"namespace missing", "diff development --prune", root, ours, 7, "namespace ai-platform-development does not exist"},
		{"namespace missing", "verify development", root, ours, 7, "namespace ai-platform-development does not exist"},
		{"namespace missing and not declared", "diff", elsewhere, ours, 7, "namespace elsewhere does not exist: is this the right cluster (--context)?\n"},
		{"unsupported", "diff", root, old, 8, "Kubernetes v1.27.9: must be 1.30 or newer"},
		{"unsupported", "verify", root, old, 8, "Kubernetes v1.27.9: must be 1.30 or newer"},
		{"timeout", "diff --timeout=300ms", root, slow, 9, "no result after 300ms"},
		{"timeout", "verify --timeout=300ms", root, slow, 9, "no result after 300ms"},
	} {
		t.Run(fails.command+" "+fails.name, func(t *testing.T) {
			stdout, stderr, code := runProgram(t, fails.folder, fails.kubeconfig, strings.Fields(fails.command)...)
			require.Equal(t, fails.code, code, stderr)
			require.Contains(t, stderr, fails.stderr)
			require.Equal(t, 1, strings.Count(stderr, "\n"), stderr)
			require.Empty(t, stdout)
		})
	}
	t.Run("diff interrupted", func(t *testing.T) {
		asked := make(chan struct{}, 1)
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			select {
			case asked <- struct{}{}:
			default:
			}
			<-r.Context().Done()
		}))
		t.Cleanup(server.Close)
		command := newProgram(t, root, writeKubeconfig(t, server.URL, "none"), "diff")
		var stderr bytes.Buffer
		command.Stderr = &stderr
		require.NoError(t, command.Start())
		select {
		case <-asked:
		case <-time.After(time.Minute):
			t.Error("no request within a minute")
		}
		require.NoError(t, command.Process.Signal(syscall.SIGINT))
		require.Error(t, command.Wait())
		require.Equal(t, 130, command.ProcessState.ExitCode())
		require.Equal(t, "interrupted\n", stderr.String())
	})
	allow(t, "reader", "namespace-reader", "--verb=get,list", "--resource=namespaces,configmaps,persistentvolumeclaims,services,serviceaccounts,deployments.apps,"+
		"statefulsets.apps,cronjobs.batch,jobs.batch,horizontalpodautoscalers.autoscaling,ingresses.networking.k8s.io,networkpolicies.networking.k8s.io,"+
		"poddisruptionbudgets.policy,roles.rbac.authorization.k8s.io,rolebindings.rbac.authorization.k8s.io,externalsecrets.external-secrets.io,passwords.generators.external-secrets.io")
	t.Run("diff without custom kinds", func(t *testing.T) {
		stdout, stderr, code := runProgram(t, root, account, "diff", "--prune")
		require.Zero(t, code, stderr+stdout)
	})
	allow(t, "reader", "reader", "--verb=get,list,watch", "--resource=*.*")
	t.Run("diff needs dry runs", func(t *testing.T) { testDiffPermissions(t, account) })
	t.Run("verify waits", func(t *testing.T) { testWait(t, account) })
}

// testDiffPermissions has an account that may read, and then make dry runs too.
func testDiffPermissions(t *testing.T, account string) {
	_, stderr, code := runProgram(t, root, account, "diff", "--server-side")
	require.Equal(t, 6, code)
	require.Contains(t, stderr, "cannot patch resource")
	stdout, stderr, code := runProgram(t, root, account, "diff", "--prune")
	require.Zero(t, code, stderr+stdout)

	allow(t, "reader", "dry-runner", "--verb=get,list,watch,patch,create", "--resource=*.*")
	stdout, stderr, code = runProgram(t, root, account, "diff", "--output=json")
	require.Zero(t, code, stderr)
	require.JSONEq(t, `{"environment": "production", "against": "cluster", "context": "it", "changes": []}`, stdout)
}

// testWait waits for a platform whose Secret is missing, until the test makes it.
func testWait(t *testing.T, reader string) {
	t.Run("timeout", func(t *testing.T) {
		stdout, stderr, code := runProgram(t, root, control.Kubeconfig(), "verify", "--wait", "--timeout=4s", withoutIngress)
		require.Equal(t, 9, code)
		require.Contains(t, stdout, "Secret ai-platform/ai-platform-secrets\n        cause:   does not exist\n")
		require.Regexp(t, `^waiting: objects: 75 objects as declared; pods: \d of 9 workloads ready; services: (?s).*\n  Secret ai-platform/ai-platform-secrets: does not exist\n(?s).*\nstill failing after 4s: increase --timeout to wait longer\n$`, stderr)
	})
	t.Run("interrupted", func(t *testing.T) {
		command := newProgram(t, root, control.Kubeconfig(), "verify", "--wait", withoutIngress)
		var stdout bytes.Buffer
		command.Stdout = &stdout
		stderr := follow(t, command, func(line string) {
			if strings.HasPrefix(line, "waiting: ") {
				require.NoError(t, command.Process.Signal(syscall.SIGINT))
			}
		})
		require.Equal(t, 130, command.ProcessState.ExitCode())
		require.Regexp(t, `^(waiting: .*\n|  .*\n)+interrupted\n$`, stderr)
		require.Empty(t, stdout.String())
	})
	token := strings.TrimSpace(kubectl(t, "create", "token", "reader", "--namespace=default"))
	t.Run("connection lost", func(t *testing.T) {
		way := newWay(t)
		command := newProgram(t, root, writeKubeconfig(t, "http://"+way.address, token), "verify", "--wait", "--timeout=20s", withoutIngress)
		stderr := follow(t, command, func(line string) {
			if strings.HasPrefix(line, "waiting: ") {
				way.close()
			}
		})
		require.Equal(t, 5, command.ProcessState.ExitCode(), stderr)
		require.Regexp(t, "\n(cannot reach|lost the connection to) the API server: .*\n$", stderr)
	})
	t.Run("connection comes back", func(t *testing.T) {
		way, lost := newWay(t), false
		command := newProgram(t, root, writeKubeconfig(t, "http://"+way.address, token), "verify", "--wait", "--timeout=1m", withoutIngress)
		stderr := follow(t, command, func(line string) {
			switch {
			case strings.HasPrefix(line, "trying again: "):
				way.open(t)
				production.createSecret(t)
			case !lost && strings.HasPrefix(line, "waiting: "):
				lost = true
				way.close()
			}
		})
		require.Zero(t, command.ProcessState.ExitCode(), stderr)
	})
	t.Run("reading is enough, and nothing changes", func(t *testing.T) { testReadingIsEnough(t, reader) })
}

// testReadingIsEnough has a platform that works.
func testReadingIsEnough(t *testing.T, reader string) {
	settle(t)
	objects := objectsOf(t, production.files(t))
	before := versions(stored(t, objects))
	stdout, stderr, code := runProgram(t, root, reader, append([]string{"verify", "--wait", "--output=json", "--steps=objects,pods,services,ingress"}, startNginx(t).flags("valid")...)...)
	require.Zero(t, code, stdout+stderr)
	var found struct {
		Environment string
		Passed      bool
		Steps       []struct {
			Name     string
			Result   string
			Seconds  float64
			Findings []any
		}
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &found))
	require.Equal(t, "production", found.Environment)
	require.True(t, found.Passed)
	require.Len(t, found.Steps, 4)
	for _, s := range found.Steps {
		require.Equal(t, "ok", s.Result)
		require.Equal(t, []any{}, s.Findings)
		require.Less(t, s.Seconds, 10.0)
	}
	require.Equal(t, before, versions(stored(t, objects)))
}

// follow runs a command to its end, and calls a function for each line of its error stream, all of which it returns.
func follow(t *testing.T, command *exec.Cmd, line func(string)) (stderr string) {
	t.Helper()
	pipe, err := command.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	for lines := bufio.NewScanner(pipe); lines.Scan(); {
		stderr += lines.Text() + "\n"
		line(lines.Text())
	}
	_ = command.Wait() // Its exit code is looked at.
	return stderr
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

// way leads to the API server while it is open.
type way struct {
	address string
	server  *httptest.Server
}

func newWay(t *testing.T) *way {
	t.Helper()
	w := &way{address: "127.0.0.1:0"}
	w.open(t)
	t.Cleanup(w.close)
	return w
}

func (w *way) open(t *testing.T) {
	t.Helper()
	listener, err := net.Listen("tcp", w.address)
	require.NoError(t, err)
	w.address = listener.Addr().String()
	to, err := url.Parse(control.URL())
	require.NoError(t, err)
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.Transport, proxy.ErrorLog = control.Client().Transport, log.New(io.Discard, "", 0)
	w.server = &httptest.Server{Listener: listener, Config: &http.Server{Handler: proxy}}
	w.server.Start()
}

func (w *way) close() {
	w.server.CloseClientConnections()
	w.server.Close()
}
