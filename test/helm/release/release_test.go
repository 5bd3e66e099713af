package release

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/test/repository"
)

// chart is where the README says it is.
const chart = "./deploy/helm/ai-platform"

// The command of the README, in parts.
var installCommand = []string{"install", "ai-platform", chart, "--namespace", "ai-platform", "--create-namespace"}

// in is a namespace.
type in struct {
	*testing.T
	namespace string
}

func (n in) kubectl(args ...string) string {
	n.Helper()
	return kubectl(n.T, append([]string{"--namespace", n.namespace}, args...)...)
}

// release is what a command of Helm is told of a release: its name, the chart and the namespace.
func (n in) release(name string, more ...string) []string {
	return append([]string{name, chart, "--namespace", n.namespace}, more...)
}

// uninstall removes a release with one version of Helm or the other.
func (n in) uninstall(helm func(*testing.T, ...string) string, name string) {
	n.Helper()
	helm(n.T, "uninstall", name, "--namespace", n.namespace, "--timeout", time.Minute.String())
}

// get is a field of an object.
func (n in) get(object, field string) string {
	n.Helper()
	return n.kubectl("get", object, "--output", "jsonpath={"+field+"}")
}

// names are the objects of a kind.
func (n in) names(kind string) []string {
	n.Helper()
	return strings.Fields(n.kubectl("get", kind, "--output", "name"))
}

// settle waits until all Deployments have their pods.
func (n in) settle() {
	n.Helper()
	for _, deployment := range n.names("deployments") {
		n.kubectl("rollout", "status", deployment, "--timeout=2m")
	}
}

// generations are how often the specification of each Deployment has changed.
func (n in) generations() string {
	n.Helper()
	return n.kubectl("get", "deployments", "--output", `jsonpath={range .items[*]}{.metadata.name} {.metadata.generation}{"\n"}{end}`)
}

// identities tell whether namespace and claims are the same ones as before.
func (n in) identities() string {
	n.Helper()
	claims := n.kubectl("get", "persistentvolumeclaims", "--output", `jsonpath={range .items[*]}{.metadata.name} {.metadata.uid}{"\n"}{end}`)
	return n.kubectl("get", "namespace", n.namespace, "--output", "jsonpath={.metadata.uid}") + "\n" + claims
}

func TestRelease(t *testing.T) {
	n := in{t, "ai-platform"}
	makeSecret(t, helm(t, installCommand...))
	n.settle()
	require.Equal(t, "restricted", n.get("namespace/ai-platform", `.metadata.labels.pod-security\.kubernetes\.io/enforce`))
	require.Len(t, n.names("deployments"), 9)
	kept := n.identities()
	require.Len(t, n.names("persistentvolumeclaims"), 6)

	before := n.generations()
	upgrade(t, "{}")
	require.Equal(t, before, n.generations(), "the same values change nothing")

	upgrade(t, `
frontend: {replicaCount: 4, image: "ai-platform-frontend:v2", env: {LOG_LEVEL: debug}}
backend:
  resources: {limits: {cpu: 1500m, memory: 2048Mi}}
  autoscaling: {enabled: true, minReplicas: 2, maxReplicas: 4}
ingress: {host: app.example.org}
`)
	n.settle()
	requireChanged(n)

	upgrade(t, `monitoring: {enabled: false}`)
	n.settle()
	require.Len(t, n.names("deployments"), 4)
	require.Equal(t, kept, n.identities(), "what monitoring has written stays")

	helm(t, "rollback", "ai-platform", "1", "--namespace", n.namespace)
	n.settle()
	requireAsInstalled(n)
	require.Equal(t, kept, n.identities())

	helm(t, "uninstall", "ai-platform", "--namespace", n.namespace)
	require.Equal(t, []string{"configmap/kube-root-ca.crt"}, n.names("deployments,services,configmaps,ingresses,networkpolicies,poddisruptionbudgets"),
		"but for the ConfigMap that Kubernetes puts into every namespace")
	require.Equal(t, kept, n.identities(), "data and its namespace stay")

	helm(t, installCommand...)
	n.settle()
	requireAsInstalled(n)
	require.Equal(t, kept, n.identities(), "and are taken up again")

	// A volume grows, and no release before that can be gone back to: the README of the chart says so.
	upgrade(t, `database: {storage: {size: 20Gi}}`)
	require.Equal(t, "20Gi", n.get("persistentvolumeclaim/postgres-data-pvc", ".spec.resources.requests.storage"))
	require.Eventually(t, func() bool {
		return n.get("persistentvolumeclaim/postgres-data-pvc", ".status.capacity.storage") == "20Gi"
	}, time.Minute, time.Second)
	_, stderr, err := tryHelm(t, "rollback", "ai-platform", "--namespace", n.namespace)
	require.Error(t, err)
	require.Contains(t, stderr, "field can not be less than status.capacity")
}

// A release of an earlier chart, that of commit 8e4b658, is upgraded with the values that it was given, keeps its data, and can go back.
func TestUpgradeFromAnEarlierChart(t *testing.T) {
	n := in{t, "earlier"}
	install := []string{"install", "shop", "./test/helm/release/testdata/chart-8e4b658.tgz", "--namespace", n.namespace, "--create-namespace"}
	helm(t, append(install, "--set", "frontend.replicaCount=3,monitoring.retention=14d")...)
	makeSecret(t, helm(t, append([]string{"upgrade", "--dry-run=server"}, n.release("shop")...)...))
	n.settle()
	kept, ranBefore := n.identities(), n.names("deployments")

	helm(t, append([]string{"upgrade"}, n.release("shop", "--reset-then-reuse-values", "--set", "commonLabels.team=web")...)...)
	n.settle()
	require.Subset(t, n.names("deployments"), ranBefore)
	require.Equal(t, "3 web", n.get("deployment/ai-platform-frontend", ".spec.replicas} {.metadata.labels.team"))
	require.Contains(t, n.get("deployment/ai-platform-prometheus", ".spec.template.spec.containers[0].args"), "retention.time=2w")
	require.Subset(t, strings.Fields(n.identities()), strings.Fields(kept), "no volume is replaced")

	helm(t, "rollback", "shop", "1", "--namespace", n.namespace)
	n.settle()
	require.Equal(t, ranBefore, n.names("deployments"))
	require.Subset(t, strings.Fields(n.identities()), strings.Fields(kept))
	n.uninstall(helm, "shop")
}

// upgrade sets values beside the defaults: those of earlier upgrades are forgotten.
func upgrade(t *testing.T, values string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "values.yaml")
	require.NoError(t, os.WriteFile(file, []byte(values), 0o600))
	helm(t, "upgrade", "ai-platform", chart, "--namespace", "ai-platform", "--reset-values", "--values", file)
}

func requireChanged(n in) {
	n.Helper()
	require.Equal(n, "4", n.get("deployment/ai-platform-frontend", ".spec.replicas"))
	require.Equal(n, "ai-platform-frontend:v2 IfNotPresent", n.get("deployment/ai-platform-frontend",
		".spec.template.spec.containers[0].image} {.spec.template.spec.containers[0].imagePullPolicy"))
	require.Contains(n, n.get("deployment/ai-platform-frontend", ".spec.template.spec.containers[0].env"), `{"name":"LOG_LEVEL","value":"debug"}`)
	require.JSONEq(n, `{"cpu":"1500m","memory":"2Gi"}`, n.get("deployment/ai-platform-backend", ".spec.template.spec.containers[0].resources.limits"))
	require.Equal(n, "2 4", n.get("horizontalpodautoscaler/ai-platform-backend", ".spec.minReplicas} {.spec.maxReplicas"))
	require.Equal(n, "app.example.org app.example.org", n.get("ingress/ai-platform-ingress", ".spec.rules[0].host} {.spec.tls[0].hosts[0]"))
	require.Contains(n, n.get("configmap/ai-platform-prometheus-files", `.data.rules\.yml`), "/ 1.5) > 0.9")
}

func requireAsInstalled(n in) {
	n.Helper()
	require.Len(n, n.names("deployments"), 9)
	require.Equal(n, "2", n.get("deployment/ai-platform-frontend", ".spec.replicas"))
	require.Equal(n, "3", n.get("deployment/ai-platform-backend", ".spec.replicas"))
	require.Equal(n, "ai-platform.example.com", n.get("ingress/ai-platform-ingress", ".spec.rules[0].host"))
	require.Empty(n, n.names("horizontalpodautoscalers"))
	require.Contains(n, n.get("configmap/ai-platform-prometheus-files", `.data.rules\.yml`), "/ 0.5) > 0.9")
}

// makeSecret runs the commands that the notes of an installation tell.
func makeSecret(t *testing.T, notes string) {
	t.Helper()
	_, script, found := strings.Cut(notes, "If it does not exist yet, run:\n")
	require.True(t, found, notes)
	script, _, found = strings.Cut(script, "\nEND\n")
	require.True(t, found, notes)
	runScript(t, script+"\nEND\n")
}

func runScript(t *testing.T, script string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", script)
	command.Env = append(os.Environ(), "KUBECONFIG="+control.Kubeconfig(), "PATH="+control.Bin()+":"+os.Getenv("PATH"))
	output, err := command.CombinedOutput()
	require.NoError(t, err, string(output))
}

// Where others make the namespace, the chart leaves it alone; a second release is possible in one of its own. That is how Helm 3
// installs the chart, too.
func TestGivenNamespace(t *testing.T) {
	for namespace, run := range map[string]func(*testing.T, ...string) string{"team": helm, "team-of-helm-3": helm3} {
		t.Run(namespace, func(t *testing.T) {
			n := in{t, namespace}
			kubectl(t, "create", "namespace", n.namespace)
			release := n.release("shop", "--set", "namespace.create=false")
			makeSecret(t, run(t, append([]string{"install"}, release...)...))
			n.settle()
			require.Len(t, n.names("deployments"), 9)
			policies := n.names("networkpolicies")
			require.Contains(t, policies, "networkpolicy.networking.k8s.io/ai-platform-backend")
			require.NotContains(t, policies, "networkpolicy.networking.k8s.io/default-deny", "it would close the pods of others")

			run(t, append([]string{"upgrade", "--set", "frontend.replicaCount=5"}, release...)...)
			n.settle()
			require.Equal(t, "5", n.get("deployment/ai-platform-frontend", ".spec.replicas"))
			run(t, "rollback", "shop", "1", "--namespace", n.namespace)
			require.Equal(t, "2", n.get("deployment/ai-platform-frontend", ".spec.replicas"))

			n.uninstall(run, "shop")
			require.Empty(t, n.names("deployments"))
			kept := n.identities()
			require.Len(t, n.names("persistentvolumeclaims"), 6)

			run(t, append([]string{"install", "--take-ownership"}, n.release("other", "--set", "namespace.create=false")...)...)
			n.settle()
			require.Equal(t, kept, n.identities(), "a release of another name takes up the claims when it is told to")
		})
	}
}

// With the namespace and the Secret there before, an installation can wait for its pods. Helm 3 needs the namespace to be there
// anyway.
func TestUnattended(t *testing.T) {
	for namespace, run := range map[string]func(*testing.T, ...string) string{"unattended": helm, "unattended-helm-3": helm3} {
		t.Run(namespace, func(t *testing.T) {
			n := in{t, namespace}
			kubectl(t, "create", "namespace", n.namespace)
			install := append([]string{"install", "--take-ownership"}, n.release("ai-platform")...)
			makeSecret(t, run(t, slices.Concat(install, []string{"--dry-run=server"})...))
			run(t, slices.Concat(install, []string{"--wait", "--timeout", "2m"})...)
			require.Len(t, strings.Fields(n.kubectl("get", "deployments", "--output", "jsonpath={.items[*].status.readyReplicas}")), 9)
			require.Equal(t, "restricted", n.get("namespace/"+n.namespace, `.metadata.labels.pod-security\.kubernetes\.io/enforce`))
			n.uninstall(run, "ai-platform")
		})
	}
}

// What kubectl has applied, the chart takes over as it runs. What kubectl has set, Helm 4 changes only by force.
func TestTakesOverFromKubectl(t *testing.T) {
	n := in{t, "plain"}
	release := n.release("shop")
	plain := helm(t, append([]string{"template", "--kube-version", "1.35"}, release...)...)
	rendered := filepath.Join(t.TempDir(), "plain.yaml")
	require.NoError(t, os.WriteFile(rendered, []byte(plain), 0o600))
	kubectl(t, "apply", "--filename", rendered)
	makeSecret(t, helm(t, append([]string{"install", "--dry-run=server", "--take-ownership"}, release...)...))
	n.settle()
	before := n.names("replicasets")
	helm(t, append([]string{"install", "--take-ownership", "--force-conflicts"}, release...)...)
	n.settle()
	require.Equal(t, before, n.names("replicasets"), "no pod is replaced")

	_, stderr, err := tryHelm(t, append([]string{"upgrade", "--set", "frontend.replicaCount=3"}, release...)...)
	require.Error(t, err)
	require.Contains(t, stderr, `conflict with "kubectl-client-side-apply"`)
	helm(t, append([]string{"upgrade", "--set", "frontend.replicaCount=3", "--force-conflicts"}, release...)...)
	require.Equal(t, "3", n.get("deployment/ai-platform-frontend", ".spec.replicas"))
	n.kubectl("scale", "deployment/ai-platform-frontend", "--replicas=6")
	_, stderr, err = tryHelm(t, append([]string{"upgrade", "--reset-values"}, release...)...)
	require.Error(t, err)
	require.Contains(t, stderr, `conflict with "kubectl" with subresource "scale"`)
	helm(t, append([]string{"upgrade", "--reset-values", "--force-conflicts"}, release...)...)
	require.Equal(t, "2", n.get("deployment/ai-platform-frontend", ".spec.replicas"))
	n.uninstall(helm, "shop")
}

func TestNamespaceOfOthersIsNotTakenOver(t *testing.T) {
	kubectl(t, "create", "namespace", "taken")
	_, stderr, err := tryHelm(t, "install", "shop", chart, "--namespace", "taken")
	require.Error(t, err)
	require.Contains(t, stderr, `Namespace "taken" in namespace "" exists and cannot be imported into the current release`)
}

// An autoscaler that has scaled leaves the number of pods to the chart when it is switched off, by an upgrade or by going back,
// and takes it over when it is there again.
func TestAutoscalingOnAndOff(t *testing.T) {
	n := in{t, "scaled"}
	release := n.release("shop")
	autoscaled := append([]string{"--set", "frontend.autoscaling.enabled=true", "--set", "frontend.autoscaling.minReplicas=4"}, release...)
	makeSecret(t, helm(t, append([]string{"install", "--create-namespace"}, autoscaled...)...))
	requireAutoscaled(n)

	helm(t, append([]string{"upgrade", "--reset-values"}, release...)...)
	requireNotAutoscaled(n)

	helm(t, "rollback", "shop", "1", "--namespace", n.namespace)
	requireAutoscaled(n)

	helm(t, "rollback", "shop", "2", "--namespace", n.namespace)
	requireNotAutoscaled(n)

	giveReplicasAnotherOwner(t, n)
	helm(t, append([]string{"upgrade", "--reset-values"}, autoscaled...)...)
	require.NotEqual(t, "1", n.get("deployment/ai-platform-frontend", ".spec.replicas"))
	requireAutoscaled(n)
	n.uninstall(helm, "shop")
}

// giveReplicasAnotherOwner runs the command that the README of the chart tells before autoscaling is switched on.
func giveReplicasAnotherOwner(t *testing.T, n in) {
	t.Helper()
	readme, err := os.ReadFile(repository.Path("deploy", "helm", "ai-platform", "README.md"))
	require.NoError(t, err)
	_, script, found := strings.Cut(string(readme), "  $ kubectl apply --server-side")
	require.True(t, found)
	script, _, found = strings.Cut("kubectl apply --server-side"+script, "  ```")
	require.True(t, found)
	script = strings.NewReplacer("\n  ", "\n", "ai-platform-backend, namespace: ai-platform", "ai-platform-frontend, namespace: "+n.namespace,
		"replicas: 3", "replicas: 2").Replace(script)
	runScript(t, script)
}

func requireAutoscaled(n in) {
	n.Helper()
	require.Eventually(n, func() bool { return n.get("deployment/ai-platform-frontend", ".spec.replicas") == "4" }, 2*time.Minute, time.Second)
}

func requireNotAutoscaled(n in) {
	n.Helper()
	require.Empty(n, n.names("horizontalpodautoscalers"))
	require.Equal(n, "2", n.get("deployment/ai-platform-frontend", ".spec.replicas"))
}
