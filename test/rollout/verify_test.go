package rollout

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/test/golden"
)

// TestVerify breaks a platform that works in one way after the other, and compares what the command prints with a golden file, which
// UPDATE_GOLDEN=1 writes anew. After each, the platform is repaired, and everything must pass.
func TestVerify(t *testing.T) {
	begin(t, production)
	v := verified{newRunning(t, clientSide, production.files(t)), startNginx(t)}
	kubectl(t, "create", "namespace", production.Namespace, "--save-config")
	v.requireFails(t, "nothing applied", "9 of 9 objects", "--steps=pods,services")
	v.mode.apply(t, v.path())
	v.prepareIngress(t)
	v.requireFails(t, "missing Secret", "Deployment ai-platform/ai-platform-backend (3 of 3 pods, needs", "--steps=pods,services")
	v.testViewer(t)
	production.createSecret(t)
	v.requirePasses(t)
	v.testWorking(t)

	v.test(t, []breakage{objectsBreakage}, "--steps=objects")
	v.test(t, breakages(), "--steps=pods,services")
	for _, group := range ingressBreakages {
		v.test(t, group.breakages, append(v.nginx.flags(group.answer), "--steps="+group.steps)...)
	}
	t.Run("ingress", v.testIngress)
}

// test carries out breakages, and repairs them, one after the other.
func (v verified) test(t *testing.T, all []breakage, flags ...string) {
	t.Helper()
	for _, b := range all {
		t.Run(b.name, func(t *testing.T) {
			b.carryOut(t, v)
			v.requireFails(t, b.name, b.shows, flags...)
			b.repair(t, v)
			v.requirePasses(t)
		})
	}
}

// verified is a platform in the cluster.
type verified struct {
	running
	nginx *webServer
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

func (v verified) requireFails(t *testing.T, name, shows string, flags ...string) {
	t.Helper()
	requireReport(t, name, shows, func() (string, int) {
		stdout, stderr, code := runProgram(t, v.folder, control.Kubeconfig(), append([]string{"verify"}, flags...)...)
		require.Empty(t, stderr)
		return normalize(stdout), code
	})
}

// requireReport wants the output of the golden file as soon as it shows a text: controllers take their time.
func requireReport(t *testing.T, name, shows string, verify func() (output string, code int)) {
	t.Helper()
	file := filepath.Join("verify", strings.ReplaceAll(name, " ", "-")+".txt")
	want, _ := os.ReadFile(filepath.Join("testdata", file)) // golden.Require wants it to be there.
	var last string
	eventually(t, func() error {
		output, code := verify()
		former := last
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
	viewer := newAccount(t, production.Namespace, "viewer")
	here(t, "create", "rolebinding", "viewer", "--clusterrole=view", "--serviceaccount="+production.Namespace+":viewer")
	stdout, stderr, code := runProgram(t, v.folder, viewer, append([]string{"verify"}, v.nginx.flags("missing")...)...)
	require.Equal(t, 1, code, stderr)
	require.Contains(t, stdout, `container backend: secret "ai-platform-secrets" not found`)
	require.Contains(t, stdout, "cause:   answers 404 Not Found\n")
	for _, resource := range []string{"secrets", "ingressclasses of the whole cluster", "namespaces of the whole cluster", "services of the whole cluster"} {
		require.Contains(t, stdout, "note: you may not read "+resource+": causes are less exact than they could be\n")
	}
	require.Contains(t, stdout, "note: you may not read roles: they are not compared with the manifests\n")
}
