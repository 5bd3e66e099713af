package rollout

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
)

// breakage is a way in which a platform does not work.
type breakage struct {
	name     string
	flags    []string // Defaults to --steps=pods,services.
	carryOut func(*testing.T, verified)
	shows    string // What the command prints when the cluster has got so far.
	repair   func(*testing.T, verified)
}

func breakages() []breakage {
	return []breakage{
		{
			name:  "objects",
			flags: []string{"--steps=objects"},
			carryOut: func(t *testing.T, _ verified) {
				here(t, "delete", "networkpolicy/ai-platform-backend-from-frontend", "poddisruptionbudget/ai-platform-backend")
				here(t, "patch", "networkpolicy/default-deny", `--patch={"spec":{"policyTypes":["Ingress"]}}`)
				here(t, "patch", "configmap/ai-platform-database-files", `--patch={"data":{"init.sql":"SELECT 2;"}}`)
				here(t, "set", "env", "deployment/ai-platform-backend", "DEBUG=1")
				here(t, "rollout", "restart", "deployment/ai-platform-redis")
				kubectl(t, "label", "--overwrite", "namespace", production.namespace, "pod-security.kubernetes.io/enforce=baseline")
			},
			shows: "of 75 objects as declared",
			repair: func(t *testing.T, v verified) {
				apply(t, v)
				here(t, "set", "env", "deployment/ai-platform-backend", "DEBUG-") // Applying leaves it.
			},
		},
		{
			name: "missing key",
			carryOut: func(t *testing.T, _ verified) {
				here(t, "patch", "secret", "ai-platform-secrets", "--type=json", `--patch=[{"op":"remove","path":"/data/redis-password"}]`)
				here(t, "delete", "pods", "--selector=component=redis")
			},
			shows: "has no key redis-password",
			repair: func(t *testing.T, _ verified) {
				value := base64.StdEncoding.EncodeToString([]byte("another"))
				here(t, "patch", "secret", "ai-platform-secrets", `--patch={"data":{"redis-password":"`+value+`"}}`)
			},
		},
		{
			name: "quota",
			carryOut: func(t *testing.T, _ verified) {
				here(t, "create", "quota", "small", "--hard=limits.memory=100Mi")
				here(t, "delete", "pods", "--selector=component=backend")
			},
			shows:  "3 of 3 pods cannot be created",
			repair: func(t *testing.T, _ verified) { here(t, "delete", "quota", "small") },
		},
		{
			name: "Pod Security",
			carryOut: func(t *testing.T, _ verified) {
				_, _, err := control.Kubectl(t.Context(), "", "patch", "deployment/ai-platform-redis", "--namespace="+production.namespace,
					`--patch={"spec":{"template":{"spec":{"securityContext":{"runAsUser":0}}}}}`)
				require.NoError(t, err)
			},
			shows:  "violates PodSecurity",
			repair: undo("redis"),
		},
		{
			name: "node selector",
			carryOut: func(t *testing.T, _ verified) {
				here(t, "patch", "deployment/ai-platform-grafana", `--patch={"spec":{"template":{"spec":{"nodeSelector":{"disk":"ssd"}}}}}`)
			},
			shows:  "didn't match Pod's node affinity/selector",
			repair: undo("grafana"),
		},
		{
			name: "insufficient memory",
			carryOut: func(t *testing.T, _ verified) {
				here(t, "set", "resources", "deployment/ai-platform-grafana", "--containers=grafana", "--requests=memory=64Gi", "--limits=memory=64Gi")
			},
			shows:  "Insufficient memory",
			repair: undo("grafana"),
		},
		{
			name:     "storage class",
			carryOut: func(t *testing.T, v verified) { v.renewRedis(t, "  storageClassName: fast\n") },
			shows:    `names storage class "fast", which does not exist`,
			repair:   func(t *testing.T, v verified) { v.renewRedis(t, "") },
		},
		{
			name: "no default class",
			carryOut: func(t *testing.T, v verified) {
				t.Cleanup(func() { markDefault(context.WithoutCancel(t.Context()), t, "=true") })
				markDefault(t.Context(), t, "-")
				v.renewRedis(t, "")
			},
			shows:  "names no storage class, and the cluster has no default one",
			repair: func(t *testing.T, _ verified) { markDefault(t.Context(), t, "=true") },
		},
		{
			name: "ConfigMap deleted",
			carryOut: func(t *testing.T, _ verified) {
				here(t, "delete", "configmap/ai-platform-alertmanager-files")
				here(t, "delete", "pods", "--selector=component=alertmanager")
			},
			shows:  "ConfigMap ai-platform/ai-platform-alertmanager-files",
			repair: apply,
		},
		{
			name: "ServiceAccount deleted",
			carryOut: func(t *testing.T, _ verified) {
				here(t, "delete", "serviceaccount/ai-platform-kube-state-metrics")
				here(t, "delete", "pods", "--selector=component=kube-state-metrics")
			},
			shows:  `serviceaccount "ai-platform-kube-state-metrics" not found`,
			repair: apply,
		},
		{
			name: "claim deleted",
			carryOut: func(t *testing.T, _ verified) {
				here(t, "scale", "deployment/ai-platform-redis", "--replicas=0")
				here(t, "delete", "persistentvolumeclaim/redis-data-pvc")
				here(t, "scale", "deployment/ai-platform-redis", "--replicas=1")
			},
			shows:  "PersistentVolumeClaim ai-platform/redis-data-pvc\n        cause:   does not exist",
			repair: apply,
		},
		{
			name: "selector",
			carryOut: func(t *testing.T, _ verified) {
				here(t, "patch", "service/ai-platform-backend", `--patch={"spec":{"selector":{"component":"api"}}}`)
			},
			shows:  "no pod has the labels that it selects",
			repair: apply,
		},
		{
			name: "named port",
			carryOut: func(t *testing.T, _ verified) {
				here(t, "patch", "service/ai-platform-backend", "--type=json", `--patch=[{"op":"replace","path":"/spec/ports/0/targetPort","value":"web"}]`)
			},
			shows:  "has targetPort web",
			repair: apply,
		},
		{
			name: "port number",
			carryOut: func(t *testing.T, _ verified) {
				here(t, "patch", "service/ai-platform-backend", "--type=json", `--patch=[{"op":"replace","path":"/spec/ports/0/targetPort","value":8080}]`)
			},
			shows:  "has targetPort 8080",
			repair: apply,
		},
		{
			name: "deleted by hand",
			carryOut: func(t *testing.T, _ verified) {
				here(t, "delete", "deployment/ai-platform-kube-state-metrics", "service/ai-platform-grafana")
			},
			shows:  "Deployment ai-platform/ai-platform-kube-state-metrics is not in the cluster",
			repair: apply,
		},
		{
			name: "scaled by hand",
			carryOut: func(t *testing.T, _ verified) {
				here(t, "scale", "deployment/ai-platform-backend", "--replicas=2")
			},
			shows:  "has 2 replicas, but 3 are declared",
			repair: apply,
		},
		failingImage("image not found", "not-found:1", "ImagePullBackOff"),
		failingImage("image of a private registry", "private:1", "ImagePullBackOff"),
		failingImage("image name", "Capital:1", "InvalidImageName"),
		failingImage("image that runs as root", "root:1", "image will run as root"),
		failingImage("crash", "crash:1", "exits with code 1"),
		failingImage("out of memory", "out-of-memory:1", "OOMKilled"),
		{
			name: "access mode",
			carryOut: func(t *testing.T, v verified) {
				_, _, err := control.Kubectl(t.Context(), volumeByHand, "create", "--filename=-")
				require.NoError(t, err)
				t.Cleanup(func() { kubectlAfterwards(t, "delete", "persistentvolume/by-hand") })
				v.renewRedis(t, "  storageClassName: \"\"\n", "ReadWriteOnce", "ReadWriteMany")
			},
			shows:  "no volume for access mode ReadWriteMany",
			repair: func(t *testing.T, v verified) { v.renewRedis(t, "") },
		},
		{
			name: "consumer that cannot be scheduled",
			carryOut: func(t *testing.T, v verified) {
				v.renewRedis(t, "  storageClassName: standard\n", "      automountServiceAccountToken: false\n", "      automountServiceAccountToken: false\n      nodeSelector:\n        disk: ssd\n")
			},
			shows:  "didn't match Pod's node affinity/selector",
			repair: func(t *testing.T, v verified) { v.renewRedis(t, "") },
		},
		probe("probe", "Readiness probe failed: HTTP probe failed with statuscode: 503"),
		probe("probe path", "Readiness probe failed: HTTP probe failed with statuscode: 404"),
		probe("probe port", `Readiness probe failed: Get "http://10.244.0.5:3000/api/health": dial tcp 10.244.0.5:3000: connect: connection refused`),
		probe("probe timeout", `Liveness probe failed: Get "http://10.244.0.5:3000/api/health": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`),
	}
}

// failingImage has the backend's pods use an image with which the kubelets of ../kwok do as real ones do.
func failingImage(name, image, shows string) breakage {
	return breakage{
		name: name,
		carryOut: func(t *testing.T, _ verified) {
			here(t, "set", "image", "deployment/ai-platform-backend", "backend=failing.example/"+image)
		},
		shows:  shows,
		repair: undo("backend"),
	}
}

func probe(name, message string) breakage {
	return breakage{
		name: name, carryOut: func(t *testing.T, _ verified) { failProbe(t, message) }, shows: "probe GET", repair: renewPods("grafana"),
	}
}

// volumeByHand has no class, and takes one pod at a time.
const volumeByHand = `{"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "by-hand"}, "spec": {
	"capacity": {"storage": "5Gi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/none"}}}`

// here runs kubectl in the platform's namespace.
func here(t *testing.T, args ...string) {
	t.Helper()
	kubectl(t, append(args, "--namespace="+production.namespace)...)
}

// markDefault changes the annotation by which a storage class is that of claims that name none.
func markDefault(ctx context.Context, t *testing.T, change string) {
	t.Helper()
	_, _, err := control.Kubectl(ctx, "", "annotate", "--overwrite", "storageclass/immediate", "storageclass.kubernetes.io/is-default-class"+change)
	require.NoError(t, err)
}

func apply(t *testing.T, v verified) { v.mode.apply(t, v.path()) }

func undo(tier string) func(*testing.T, verified) {
	return func(t *testing.T, _ verified) { here(t, "rollout", "undo", "deployment/ai-platform-"+tier) }
}

func renewPods(tier string) func(*testing.T, verified) {
	return func(t *testing.T, _ verified) { here(t, "delete", "pods", "--selector=component="+tier) }
}

// renewRedis creates Redis and its claim anew, with a line more in the claim, and other texts replaced.
func (v verified) renewRedis(t *testing.T, line string, replaced ...string) {
	t.Helper()
	here(t, "delete", "deployment/ai-platform-redis")
	here(t, "delete", "pods", "--selector=component=redis", "--ignore-not-found")
	here(t, "delete", "persistentvolumeclaim/redis-data-pvc")
	files := production.files(t)
	const size = "      storage: 5Gi\n"
	require.Equal(t, 1, strings.Count(string(files["20-redis.k8s.yaml"]), size))
	redis := strings.Replace(string(files["20-redis.k8s.yaml"]), size, size+line, 1)
	files["20-redis.k8s.yaml"] = []byte(strings.NewReplacer(replaced...).Replace(redis))
	v.write(t, release{files: files})
	apply(t, v)
}

// unready makes pods unready as kubelet does: kubelet/status/generate.go.
func unready(t *testing.T, tier string, container map[string]any) {
	t.Helper()
	message := fmt.Sprintf("containers with unready status: [%s]", tier)
	patch, err := json.Marshal(map[string]any{"status": map[string]any{
		"containerStatuses": []any{container},
		"conditions": []any{
			corev1.PodCondition{Type: corev1.PodReady, Status: corev1.ConditionFalse, Reason: "ContainersNotReady", Message: message},
			corev1.PodCondition{Type: corev1.ContainersReady, Status: corev1.ConditionFalse, Reason: "ContainersNotReady", Message: message},
		},
	}})
	require.NoError(t, err)
	for _, pod := range pods(t) {
		if pod.Labels["component"] == tier && pod.DeletionTimestamp == nil {
			here(t, "patch", "pod", pod.Name, "--subresource=status", "--patch="+string(patch))
		}
	}
}

// failProbe writes the event that kubelet does: kubelet/prober/prober.go.
func failProbe(t *testing.T, message string) {
	t.Helper()
	unready(t, "grafana", map[string]any{"name": "grafana", "ready": false})
	for _, pod := range pods(t) {
		if pod.Labels["component"] != "grafana" || pod.DeletionTimestamp != nil {
			continue
		}
		event, err := json.Marshal(map[string]any{
			"apiVersion": "v1", "kind": "Event", "metadata": map[string]any{"generateName": pod.Name + ".", "namespace": pod.Namespace},
			"involvedObject": corev1.ObjectReference{
				APIVersion: "v1", Kind: "Pod", Namespace: pod.Namespace, Name: pod.Name, UID: pod.UID, FieldPath: "spec.containers{grafana}",
			},
			"type": "Warning", "reason": "Unhealthy", "message": message,
			"count": 7, "firstTimestamp": "2026-01-01T00:00:00Z", "lastTimestamp": "2026-01-01T00:01:00Z",
		})
		require.NoError(t, err)
		_, _, err = control.Kubectl(t.Context(), string(event), "create", "--filename=-")
		require.NoError(t, err)
	}
}
