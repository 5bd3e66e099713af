package rollout

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	"github.com/ai-platform/manifests/test/golden"
)

// What curl and BusyBox's wget print.
const (
	succeeds    = "exit 0"
	unresolved  = `echo "curl: (6) Could not resolve host: ai-platform-backend" >&2; exit 6`
	timesOut    = `echo "curl: (28) Connection timed out after 5001 milliseconds" >&2; exit 28`
	unavailable = `echo "wget: server returned error: HTTP/1.1 503 Service Unavailable" >&2; exit 1`
)

// TestVerifyBackends is TestVerify for the requests that pods send. The API server and its way to the node are real; what the programs of a
// container answer is not.
func TestVerifyBackends(t *testing.T) {
	begin(t, production)
	t.Cleanup(func() { uninstall(t) })
	kubectl(t, "apply", "--filename=testdata/coredns.yaml")
	kubectlAtEnd(t, "delete", "--ignore-not-found", "--filename=testdata/coredns.yaml")
	v := verified{running: newRunning(t, clientSide, production.files(t))}
	v.mode.apply(t, v.path())
	production.createSecret(t)
	settle(t)

	t.Run("no client", v.testNoClient)
	t.Run("only exec is needed", v.testExecIsEnough)
	t.Run("debug image", v.testDebugImage)
	for _, b := range backendBreakages() {
		t.Run(b.name, func(t *testing.T) {
			uninstall(t)
			b.carryOut(t, v)
			v.requireFails(t, b.name, b.shows, "--steps=backends")
			b.repair(t, v)
			v.requireAnswers(t)
		})
	}
}

// requireAnswers waits as people do.
func (v verified) requireAnswers(t *testing.T) {
	t.Helper()
	uninstall(t)
	install(t, "frontend", "curl", succeeds)
	stdout, stderr, code := runProgram(t, v.folder, control.Kubeconfig(), "verify", "--wait", "--timeout=1m", "--steps=objects,services,backends")
	require.Zero(t, code, stdout+stderr)
	require.Contains(t, stdout, "ok           backends     http://ai-platform-backend:8000/health answers Deployment ai-platform/ai-platform-frontend (")
	require.Equal(t, []string{"curl -fsS -m 5 -o /dev/null http://ai-platform-backend:8000/health"}, executed(t, "frontend"))
}

func backendBreakages() []breakage {
	return []breakage{
		{
			"DNS not ready", "the cluster's DNS has no ready endpoint: of 2 pods 0 are ready",
			func(t *testing.T, _ verified) {
				install(t, "frontend", "curl", unresolved)
				kubectl(t, "delete", "configmap/coredns", "--namespace=kube-system")
				kubectl(t, "delete", "pods", "--selector=k8s-app=kube-dns", "--namespace=kube-system")
			},
			func(t *testing.T, _ verified) { kubectl(t, "apply", "--filename=testdata/coredns.yaml") },
		},
		{
			"policy of the client deleted", "may not connect to DNS",
			failing("curl", unresolved, "delete", "networkpolicy/ai-platform-frontend"), apply("40-frontend"),
		},
		{
			"policy of the server deleted", "NetworkPolicy ai-platform/ai-platform-backend-from-frontend",
			failing("curl", timesOut, "delete", "networkpolicy/ai-platform-backend-from-frontend"), apply("40-frontend"),
		},
		{
			"policy of the server changed", "spec.ingress by kubectl-patch",
			failing("wget", `echo "wget: download timed out" >&2; exit 1`, "patch", "networkpolicy/ai-platform-backend-from-frontend", "--type=json",
				`--patch=[{"op":"replace","path":"/spec/ingress/0/ports/0/port","value":8080}]`), apply("40-frontend"),
		},
		{
			"error of the server", "503",
			func(t *testing.T, _ verified) { install(t, "frontend", "wget", unavailable) }, nothing,
		},
		{
			"server without endpoints", "is not there, or has no ready endpoint",
			failing("curl", timesOut, "patch", "service/ai-platform-backend", `--patch={"spec":{"selector":{"component":"api"}}}`), apply("30-backend"),
		},
	}
}

// failing has the frontend's client fail, and runs the kubectl command that explains it.
func failing(client, script string, command ...string) func(*testing.T, verified) {
	return func(t *testing.T, _ verified) {
		install(t, "frontend", client, script)
		here(t, command...)
	}
}

// testNoClient has images without curl and wget.
func (v verified) testNoClient(t *testing.T) {
	stdout, stderr, code := runProgram(t, v.folder, control.Kubeconfig(), "verify", "--steps=backends")
	require.Zero(t, code, stderr)
	require.Empty(t, stderr)
	golden.Require(t, "verify/no-client.txt", normalize(stdout))
}

// testExecIsEnough uses an account that may read, and run commands in pods.
func (v verified) testExecIsEnough(t *testing.T) {
	install(t, "frontend", "curl", succeeds)
	kubeconfig := newAccount(t, "default", "caller")
	allow(t, "caller", "caller", "--verb=get,list,watch", "--resource=*.*")
	stdout, stderr, code := runProgram(t, v.folder, kubeconfig, "verify", "--steps=pods,services,backends")
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "not checked  backends     you may not run commands in pods of Deployment ai-platform/ai-platform-frontend (create pods/exec)")

	allow(t, "caller", "caller-exec", "--verb=create", "--resource=pods/exec")
	settle(t)
	objects := objectsOf(t, production.files(t))
	before := versions(stored(t, objects))
	stdout, stderr, code = runProgram(t, v.folder, kubeconfig, "verify", "--steps=pods,services,backends")
	require.Zero(t, code, stdout+stderr)
	require.Contains(t, stdout, "production: everything passed")
	require.Equal(t, before, versions(stored(t, objects)))
}

var debugName = regexp.MustCompile(`debug-[a-z0-9]{5}`)

// testDebugImage plays the kubelet: first the image cannot be pulled, and then the container runs.
func (v verified) testDebugImage(t *testing.T) {
	uninstall(t)
	output := v.debug(t, `{"waiting":{"reason":"ErrImagePull","message":"not found"}}`)
	golden.Require(t, "verify/debug-image-not-pulled.txt", output)
	renewPods("frontend")(t, v)
	settle(t)

	install(t, "debug", "wget", `test -e "${0%/*}/asked" || { echo "wget: download timed out" >&2; : >"${0%/*}/asked"; exit 1; }`)
	output = v.debug(t, `{"running":{}}`, "--wait")
	golden.Require(t, "verify/debug-image.txt", output)
	require.Len(t, executed(t, "debug"), 2, "the container is used again")
	renewPods("frontend")(t, v)
	settle(t)
}

// debug runs the command while the container that it adds gets a state.
func (v verified) debug(t *testing.T, state string, flags ...string) (output string) {
	t.Helper()
	command := newProgram(t, v.folder, control.Kubeconfig(), append([]string{"verify", "--steps=backends", "--debug-image=example.com/curl:1"}, flags...)...)
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	require.NoError(t, command.Start())
	playEphemeral(t, state)
	require.NoError(t, command.Wait(), &out)
	return debugName.ReplaceAllString(normalize(out.String()), "debug-xxxxx")
}

// playEphemeral waits for an ephemeral container of the frontend's, and gives it a state.
func playEphemeral(t *testing.T, state string) {
	t.Helper()
	eventually(t, func() error {
		for _, pod := range read[corev1.PodList](t, podsPath+"%2Ccomponent%3Dfrontend").Items {
			if len(pod.Spec.EphemeralContainers) == 0 || pod.DeletionTimestamp != nil {
				continue
			}
			status, err := json.Marshal(map[string]any{"status": map[string]any{"ephemeralContainerStatuses": []any{map[string]any{
				"name": pod.Spec.EphemeralContainers[0].Name, "image": "example.com/curl:1", "imageID": "", "ready": false, "restartCount": 0,
				"state": json.RawMessage(state),
			}}}})
			require.NoError(t, err)
			here(t, "patch", "pod", pod.Name, "--subresource=status", "--patch="+string(status))
			return nil
		}
		return errors.New("no ephemeral container was added")
	})
}

// install puts a program into a container, that logs its command line and does what a shell script says.
func install(t *testing.T, container, program, script string) {
	t.Helper()
	folder := filepath.Join(control.Programs(), container)
	require.NoError(t, os.MkdirAll(folder, 0o700))
	content := "#!/bin/sh\necho \"${0##*/} $*\" >>\"${0%/*}/log\"\n" + script + "\n"
	file := filepath.Join(folder, program)
	require.NoError(t, os.WriteFile(file+".new", []byte(content), 0o700))
	require.NoError(t, os.Rename(file+".new", file)) // A file that is open for writing cannot be executed.
}

// uninstall removes all programs of containers.
func uninstall(t *testing.T) {
	t.Helper()
	require.NoError(t, os.RemoveAll(control.Programs()))
}

// executed are the command lines of a container's programs since the last time.
func executed(t *testing.T, container string) []string {
	t.Helper()
	log := filepath.Join(control.Programs(), container, "log")
	content, err := os.ReadFile(log)
	require.NoError(t, err)
	require.NoError(t, os.Remove(log))
	return strings.Split(strings.TrimSpace(string(content)), "\n")
}
