package rollout

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/test/golden"
)

// TestVerify breaks a platform that works in one way after the other, and compares what the command prints with a golden file, which
// UPDATE_GOLDEN=1 writes anew. After each, the platform is repaired, and everything must pass.
func TestVerify(t *testing.T) {
	begin(t, production)
	v := verified{running{mode: clientSide, folder: t.TempDir()}, startNginx(t)}
	v.write(t, release{files: production.files(t)})
	kubectl(t, "create", "namespace", production.namespace, "--save-config")
	v.requireFails(t, "nothing applied", "9 of 9 objects")
	v.mode.apply(t, v.path())
	prepareIngress(t)
	v.requireFails(t, "missing Secret", "Deployment ai-platform/ai-platform-backend (3 of 3 pods, needs")
	v.testViewer(t)
	production.createSecret(t)
	v.requirePasses(t)
	v.testWorking(t)

	for _, b := range slices.Concat(breakages(), ingressBreakages(v.nginx)) {
		t.Run(b.name, func(t *testing.T) {
			b.carryOut(t, v)
			v.requireFails(t, b.name, b.shows, b.flags...)
			b.repair(t, v)
			v.requirePasses(t)
		})
	}
	t.Run("ingress", v.testIngress)
}

// verified is a platform in the cluster.
type verified struct {
	running
	nginx *nginx
}

// requirePasses waits as people do.
func (v verified) requirePasses(t *testing.T) {
	t.Helper()
	began := time.Now()
	stdout, stderr, code := runProgram(t, v.folder, control.Kubeconfig(), append([]string{"verify", "--wait", "--timeout=1m", "--steps=objects,pods,services,ingress"}, v.nginx.flags("valid")...)...)
	require.Zero(t, code, stdout+stderr)
	require.Contains(t, stdout, "ok           objects      75 objects as declared")
	require.Contains(t, stdout, "ok           pods         9 workloads, 12 pods ready")
	require.Contains(t, stdout, "ok           services     15 Services, 15 ports with ready endpoints")
	require.Contains(t, stdout, "ok           ingress      ai-platform.example.com answers 200 over HTTPS, certificate of Test Authority until ")
	t.Logf("passes after %s", time.Since(began).Round(100*time.Millisecond))
}

// requireFails wants the output of the golden file as soon as it shows a text: controllers take their time.
func (v verified) requireFails(t *testing.T, name, shows string, flags ...string) {
	t.Helper()
	file := filepath.Join("verify", strings.ReplaceAll(name, " ", "-")+".txt")
	want, _ := os.ReadFile(filepath.Join("testdata", file)) // golden.Require wants it to be there.
	if len(flags) == 0 {
		flags = []string{"--steps=pods,services"}
	}
	var last string
	eventually(t, func() error {
		stdout, stderr, code := runProgram(t, v.folder, control.Kubeconfig(), append([]string{"verify"}, flags...)...)
		require.Empty(t, stderr)
		output, former := normalize(stdout), last
		last = output
		updating := os.Getenv("UPDATE_GOLDEN") != ""
		switch {
		case code != 1 || !strings.Contains(output, shows):
			return fmt.Errorf("exit code %d:\n%s", code, output)
		case updating && output != former:
			time.Sleep(2 * time.Second)
			return fmt.Errorf("still changes")
		case !updating && output != string(want):
			return fmt.Errorf("differs from %s:\n%s", file, output)
		}
		return nil
	})
	golden.Require(t, file, last)
}

var (
	stepTimes = regexp.MustCompile(`\(\d+\.\d+s\)`)
	expiry    = regexp.MustCompile(`until \d{4}-\d\d-\d\d`)
	times     = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`)
	podNames  = regexp.MustCompile(`(ai-platform-[a-z-]+)-[0-9a-f]{7,10}-[a-z0-9]{5}\b`)
	used      = regexp.MustCompile(`used: limits.memory=\w+`) // It depends on which pods are gone already.
)

// normalize leaves out what differs each time.
func normalize(output string) string {
	output = stepTimes.ReplaceAllString(output, "(0.1s)")
	output = expiry.ReplaceAllString(output, "until 2026-03-01")
	output = times.ReplaceAllString(output, "2026-01-01T00:00:00Z")
	output = used.ReplaceAllString(output, "used: limits.memory=9Gi")
	return podNames.ReplaceAllString(output, "$1-xxxxxxxxxx-xxxxx")
}

// testWorking carries out all steps.
func (v verified) testWorking(t *testing.T) {
	t.Cleanup(func() { uninstall(t) })
	install(t, "frontend", "curl", succeeds)
	stdout, stderr, code := runProgram(t, v.folder, control.Kubeconfig(), append([]string{"verify"}, v.nginx.flags("valid")...)...)
	require.Zero(t, code, stdout+stderr)
	golden.Require(t, filepath.Join("verify", "working.txt"), normalize(stdout))
}

// testViewer uses an account with the ClusterRole view, which may not read Secrets.
func (v verified) testViewer(t *testing.T) {
	in := "--namespace=" + production.namespace
	kubectl(t, "create", "serviceaccount", "viewer", in)
	kubectl(t, "create", "rolebinding", "viewer", "--clusterrole=view", "--serviceaccount="+production.namespace+":viewer", in)
	stdout, stderr, code := runProgram(t, v.folder, accountKubeconfig(t, production.namespace, "viewer"), append([]string{"verify"}, v.nginx.flags("missing")...)...)
	require.Equal(t, 1, code, stderr)
	require.Contains(t, stdout, `container backend: secret "ai-platform-secrets" not found`)
	require.Contains(t, stdout, "cause:   answers 404 Not Found\n")
	for _, resource := range []string{"secrets", "ingressclasses of the whole cluster", "namespaces of the whole cluster", "services of the whole cluster"} {
		require.Contains(t, stdout, "note: you may not read "+resource+": causes are less exact than they could be\n")
	}
	require.Contains(t, stdout, "note: you may not read roles: they are not compared with the manifests\n")
}

// withoutIngress makes the command independent of DNS.
const withoutIngress = "--steps=objects,pods,services"

// TestVerifyFails wants one clear line, and an exit code of its own, of everything that can be wrong with a cluster.
func TestVerifyFails(t *testing.T) {
	begin(t, production)
	clientSide.apply(t, production.path())
	kubectl(t, "create", "serviceaccount", "watcher", "--namespace=default")
	kubectl(t, "create", "clusterrole", "watcher", "--verb=get,list,watch", "--resource=*.*")
	t.Cleanup(func() {
		_, _, err := control.Kubectl(context.WithoutCancel(t.Context()), "", "delete", "clusterrole/watcher", "clusterrolebinding/watcher",
			"serviceaccount/watcher", "--ignore-not-found")
		require.NoError(t, err)
	})
	watcher := accountKubeconfig(t, "default", "watcher")
	missing := filepath.Join(t.TempDir(), "missing")
	for _, fails := range []struct {
		name, kubeconfig string
		args             []string
		code             int
		stderr           string
	}{
		{"usage", control.Kubeconfig(), []string{"--output=yaml"}, 3, "--output=yaml: must be text or json"},
		{"no kubeconfig", missing, nil, 4, "no cluster is configured in " + missing},
		{"unreachable", closedServer(t), nil, 5, "connection refused"},
		{"no permission", watcher, nil, 6, "cannot list resource"},
		{"namespace missing", control.Kubeconfig(), []string{"development"}, 7, "namespace ai-platform-development does not exist"},
		{"unsupported", fakeServer(t, "v1.27.9", 0), nil, 8, "Kubernetes v1.27.9: must be 1.30 or newer"},
		{"timeout", fakeServer(t, "v1.35.0", time.Minute), []string{"--timeout=300ms"}, 9, "no result after 300ms"},
	} {
		t.Run(fails.name, func(t *testing.T) {
			stdout, stderr, code := runProgram(t, root, fails.kubeconfig, append([]string{"verify"}, fails.args...)...)
			require.Equal(t, fails.code, code, stderr)
			require.Contains(t, stderr, fails.stderr)
			require.Equal(t, 1, strings.Count(stderr, "\n"), stderr)
			require.Empty(t, stdout)
		})
	}

	t.Run("wait times out", func(t *testing.T) {
		stdout, stderr, code := runProgram(t, root, control.Kubeconfig(), "verify", "--wait", "--timeout=4s", withoutIngress)
		require.Equal(t, 9, code)
		require.Contains(t, stdout, "Secret ai-platform/ai-platform-secrets\n        cause:   does not exist\n")
		require.Regexp(t, `^waiting: objects: 75 objects as declared; pods: \d of 9 workloads ready; services: (?s).*\n  Secret ai-platform/ai-platform-secrets: does not exist\n(?s).*\nstill failing after 4s: increase --timeout to wait longer\n$`, stderr)
	})
	t.Run("interrupted", func(t *testing.T) {
		command := exec.CommandContext(t.Context(), program, "verify", "--wait", withoutIngress)
		command.Dir, command.Env = root, append(os.Environ(), "KUBECONFIG="+control.Kubeconfig())
		var stdout, stderr bytes.Buffer
		command.Stdout, command.Stderr = &stdout, &stderr
		require.NoError(t, command.Start())
		time.Sleep(2 * time.Second)
		require.NoError(t, command.Process.Signal(syscall.SIGINT))
		require.Error(t, command.Wait())
		require.Equal(t, 130, command.ProcessState.ExitCode())
		require.Regexp(t, `^(waiting: .*\n|  .*\n)+interrupted\n$`, stderr.String())
		require.Empty(t, stdout.String())
	})
	kubectl(t, "create", "clusterrolebinding", "watcher", "--clusterrole=watcher", "--serviceaccount=default:watcher")
	for name, comesBack := range map[string]bool{"connection lost": false, "connection comes back": true} {
		t.Run(name, func(t *testing.T) {
			way := newWay(t)
			token := strings.TrimSpace(kubectl(t, "create", "token", "watcher", "--namespace=default"))
			command := exec.CommandContext(t.Context(), program, "verify", "--wait", "--timeout=20s", withoutIngress)
			command.Dir, command.Env = root, append(os.Environ(), "KUBECONFIG="+writeKubeconfig(t, "https://"+way.address, token))
			stderr, err := command.StderrPipe()
			require.NoError(t, err)
			require.NoError(t, command.Start())
			lines := bufio.NewScanner(stderr)
			var last string
			lost := false
			for lines.Scan() {
				last = lines.Text()
				switch {
				case comesBack && strings.HasPrefix(last, "trying again: "):
					way.open(t)
				case !lost && strings.HasPrefix(last, "waiting: "):
					lost = true
					way.close()
				}
			}
			require.Error(t, command.Wait())
			if comesBack {
				require.Equal(t, 9, command.ProcessState.ExitCode(), last)
				return
			}
			require.Equal(t, 5, command.ProcessState.ExitCode(), last)
			require.Regexp(t, "^(cannot reach|lost the connection to) the API server: ", last)
		})
	}
	t.Run("reading is enough, and nothing changes", func(t *testing.T) {
		production.createSecret(t)
		settle(t)
		objects := objectsOf(t, production.files(t))
		before := versions(stored(t, objects))
		stdout, stderr, code := runProgram(t, root, watcher, append([]string{"verify", "--wait", "--output=json", "--steps=objects,pods,services,ingress"}, startNginx(t).flags("valid")...)...)
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
	})
}

// way leads to the API server while it is open.
type way struct {
	address string
	mutex   sync.Mutex
	ends    []io.Closer
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
	w.holds(listener)
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", strings.TrimPrefix(control.URL(), "https://"))
			if err != nil {
				_ = client.Close()
				return
			}
			w.holds(client, server)
			go func() { _, _ = io.Copy(server, client) }()
			go func() { _, _ = io.Copy(client, server) }()
		}
	}()
}

func (w *way) holds(ends ...io.Closer) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.ends = append(w.ends, ends...)
}

func (w *way) close() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for _, end := range w.ends {
		_ = end.Close()
	}
}
