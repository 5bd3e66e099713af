package rollout

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"regexp"
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

var backendsFlags = []string{"--steps=backends"}

// TestVerifyBackends is TestVerify for the requests that pods send. The API server and its way to the node are real; what the programs of a
// container answer is not.
func TestVerifyBackends(t *testing.T) {
	begin(t, production)
	t.Cleanup(func() { uninstall(t) })
	kubectl(t, "apply", "--filename=testdata/coredns.yaml")
	t.Cleanup(func() { kubectlAfterwards(t, "delete", "--ignore-not-found", "--filename=testdata/coredns.yaml") })
	v := verified{running: running{mode: clientSide, folder: t.TempDir()}}
	v.write(t, release{files: production.files(t)})
	clientSide.apply(t, v.path())
	production.createSecret(t)
	settle(t)

	t.Run("no client", v.testNoClient)
	t.Run("only exec is needed", v.testExecIsEnough)
	t.Run("debug image", v.testDebugImage)
	for _, b := range backendBreakages() {
		t.Run(b.name, func(t *testing.T) {
			uninstall(t)
			b.carryOut(t, v)
			v.requireFails(t, b.name, b.shows, b.flags...)
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
	stdout, stderr, code := runProgram(t, v.folder, control.Kubeconfig(), "verify", "--wait", "--timeout=1m", "--steps=services,backends")
	require.Zero(t, code, stdout+stderr)
	require.Contains(t, stdout, "ok           backends     http://ai-platform-backend:8000/health answers Deployment ai-platform/ai-platform-frontend (")
	require.Equal(t, []string{"curl -fsS -m 5 -o /dev/null http://ai-platform-backend:8000/health"}, executed(t, "frontend"))
}

func backendBreakages() []breakage {
	return []breakage{
		{
			name: "DNS not ready", flags: backendsFlags,
			carryOut: func(t *testing.T, _ verified) {
				install(t, "frontend", "curl", unresolved)
				kubectl(t, "delete", "configmap/coredns", "--namespace=kube-system")
				kubectl(t, "delete", "pods", "--selector=k8s-app=kube-dns", "--namespace=kube-system")
			},
			shows:  "the cluster's DNS has no ready endpoint: of 2 pods 0 are ready",
			repair: func(t *testing.T, _ verified) { kubectl(t, "apply", "--filename=testdata/coredns.yaml") },
		},
		{
			name: "policy of the client deleted", flags: backendsFlags,
			carryOut: func(t *testing.T, _ verified) {
				install(t, "frontend", "curl", unresolved)
				here(t, "delete", "networkpolicy/ai-platform-frontend")
			},
			shows:  "may not connect to DNS",
			repair: apply,
		},
		{
			name: "policy of the server deleted", flags: backendsFlags,
			carryOut: func(t *testing.T, _ verified) {
				install(t, "frontend", "curl", timesOut)
				here(t, "delete", "networkpolicy/ai-platform-backend-from-frontend")
			},
			shows:  "NetworkPolicy ai-platform/ai-platform-backend-from-frontend",
			repair: apply,
		},
		{
			name: "policy of the server changed", flags: backendsFlags,
			carryOut: func(t *testing.T, _ verified) {
				install(t, "frontend", "wget", `echo "wget: download timed out" >&2; exit 1`)
				here(t, "patch", "networkpolicy/ai-platform-backend-from-frontend", "--type=json",
					`--patch=[{"op":"replace","path":"/spec/ingress/0/ports/0/port","value":8080}]`)
			},
			shows:  "spec.ingress by kubectl-patch",
			repair: apply,
		},
		{
			name: "error of the server", flags: backendsFlags,
			carryOut: func(t *testing.T, _ verified) { install(t, "frontend", "wget", unavailable) },
			shows:    "503",
			repair:   func(*testing.T, verified) {},
		},
		{
			name: "server without endpoints", flags: backendsFlags,
			carryOut: func(t *testing.T, _ verified) {
				install(t, "frontend", "curl", timesOut)
				here(t, "patch", "service/ai-platform-backend", `--patch={"spec":{"selector":{"component":"api"}}}`)
			},
			shows:  "is not there, or has no ready endpoint",
			repair: apply,
		},
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
	kubectl(t, "create", "serviceaccount", "caller", "--namespace=default")
	kubectl(t, "create", "clusterrole", "caller", "--verb=get,list,watch", "--resource=*.*")
	kubectl(t, "create", "clusterrolebinding", "caller", "--clusterrole=caller", "--serviceaccount=default:caller")
	t.Cleanup(func() {
		kubectlAfterwards(t, "delete", "clusterrole/caller", "clusterrole/caller-exec", "clusterrolebinding/caller", "clusterrolebinding/caller-exec",
			"serviceaccount/caller", "--ignore-not-found")
	})
	kubeconfig := accountKubeconfig(t, "default", "caller")
	stdout, stderr, code := runProgram(t, v.folder, kubeconfig, "verify", "--steps=pods,services,backends")
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "not checked  backends     you may not run commands in pods of Deployment ai-platform/ai-platform-frontend (create pods/exec)")

	kubectl(t, "create", "clusterrole", "caller-exec", "--verb=create", "--resource=pods/exec")
	kubectl(t, "create", "clusterrolebinding", "caller-exec", "--clusterrole=caller-exec", "--serviceaccount=default:caller")
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
	command := exec.CommandContext(t.Context(), program, append([]string{"verify", "--steps=backends", "--debug-image=example.com/curl:1"}, flags...)...)
	command.Dir, command.Env = v.folder, append(os.Environ(), "KUBECONFIG="+control.Kubeconfig())
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
