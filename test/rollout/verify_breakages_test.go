package rollout

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
)

// breakage is a way in which a platform does not work. After its repair everything must pass.
type breakage struct {
	name     string
	shows    string // What the command prints when the cluster has got so far.
	carryOut func(*testing.T, verified)
	repair   func(*testing.T, verified)
}

// command is a kubectl command in the platform's namespace.
func command(args ...string) func(*testing.T, verified) {
	return func(t *testing.T, _ verified) { here(t, args...) }
}

// commands are several, whose arguments have no spaces.
func commands(lines ...string) func(*testing.T, verified) {
	return func(t *testing.T, _ verified) {
		for _, line := range lines {
			here(t, strings.Fields(line)...)
		}
	}
}

// nothing is to be done where the cluster lacks something anyway.
func nothing(*testing.T, verified) {}

// objectsBreakage is found by the step objects.
var objectsBreakage = breakage{
	"objects", "of 75 objects as declared",
	func(t *testing.T, v verified) {
		commands(
			"delete networkpolicy/ai-platform-backend-from-frontend poddisruptionbudget/ai-platform-backend",
			`patch networkpolicy/default-deny --patch={"spec":{"policyTypes":["Ingress"]}}`,
			"set env deployment/ai-platform-backend DEBUG=1",
			"rollout restart deployment/ai-platform-redis",
		)(t, v)
		here(t, "patch", "configmap/ai-platform-database-files", `--patch={"data":{"init.sql":"SELECT 2;"}}`)
		kubectl(t, "label", "--overwrite", "namespace", production.Namespace, "pod-security.kubernetes.io/enforce=baseline")
	},
	func(t *testing.T, v verified) {
		apply("")(t, v)
		here(t, "set", "env", "deployment/ai-platform-backend", "DEBUG-") // Applying leaves it.
	},
}

// breakages are found by the steps pods and services.
func breakages() []breakage {
	return []breakage{
		{
			"missing key", "has no key redis-password",
			commands(`patch secret ai-platform-secrets --type=json --patch=[{"op":"remove","path":"/data/redis-password"}]`, "delete pods --selector=component=redis"),
			command("patch", "secret", "ai-platform-secrets", `--patch={"stringData":{"redis-password":"another"}}`),
		},
		{
			"quota", "3 of 3 pods cannot be created",
			commands("create quota small --hard=limits.memory=100Mi", "delete pods --selector=component=backend"), command("delete", "quota", "small"),
		},
		{
			"Pod Security", "violates PodSecurity",
			command("patch", "deployment/ai-platform-redis", `--patch={"spec":{"template":{"spec":{"securityContext":{"runAsUser":0}}}}}`), undo("redis"),
		},
		{
			"node selector", "didn't match Pod's node affinity/selector",
			command("patch", "deployment/ai-platform-grafana", `--patch={"spec":{"template":{"spec":{"nodeSelector":{"disk":"ssd"}}}}}`), undo("grafana"),
		},
		{
			"insufficient memory", "Insufficient memory",
			commands("set resources deployment/ai-platform-grafana --containers=grafana --requests=memory=64Gi --limits=memory=64Gi"), undo("grafana"),
		},
		{"storage class", `names storage class "fast", which does not exist`, renewRedis("  storageClassName: fast\n"), renewRedis("")},
		{
			"no default class", "names no storage class, and the cluster has no default one",
			func(t *testing.T, v verified) {
				const annotate, class = "annotate", "storageclass/immediate"
				kubectlAtEnd(t, annotate, "--overwrite", class, "storageclass.kubernetes.io/is-default-class=true")
				kubectl(t, annotate, class, "storageclass.kubernetes.io/is-default-class-")
				renewRedis("")(t, v)
			},
			commands("annotate --overwrite storageclass/immediate storageclass.kubernetes.io/is-default-class=true"),
		},
		{
			"ConfigMap deleted", "ConfigMap ai-platform/ai-platform-alertmanager-files",
			commands("delete configmap/ai-platform-alertmanager-files", "delete pods --selector=component=alertmanager"), apply("70-alertmanager"),
		},
		{
			"ServiceAccount deleted", `serviceaccount "ai-platform-kube-state-metrics" not found`,
			commands("delete serviceaccount/ai-platform-kube-state-metrics", "delete pods --selector=component=kube-state-metrics"),
			apply("60-kube-state-metrics"),
		},
		{
			"claim deleted", "PersistentVolumeClaim ai-platform/redis-data-pvc\n        cause:   does not exist",
			commands("scale deployment/ai-platform-redis --replicas=0", "delete persistentvolumeclaim/redis-data-pvc", "scale deployment/ai-platform-redis --replicas=1"),
			apply("20-redis"),
		},
		{
			"selector", "no pod has the labels that it selects",
			command("patch", "service/ai-platform-backend", `--patch={"spec":{"selector":{"component":"api"}}}`), apply("30-backend"),
		},
		{"named port", "has targetPort web", targetPort(`"web"`), apply("30-backend")},
		{"port number", "has targetPort 8080", targetPort("8080"), apply("30-backend")},
		{
			"deleted by hand", "Deployment ai-platform/ai-platform-kube-state-metrics is not in the cluster",
			command("delete", "deployment/ai-platform-kube-state-metrics", "service/ai-platform-grafana"), apply("60-kube-state-metrics", "90-grafana"),
		},
		{
			"scaled by hand", "has 2 replicas, but 3 are declared",
			command("scale", "deployment/ai-platform-backend", "--replicas=2"), apply("30-backend"),
		},
		{"image not found", "ImagePullBackOff", failingImage("not-found:1"), undo("backend")},
		{"image of a private registry", "ImagePullBackOff", failingImage("private:1"), undo("backend")},
		{"image name", "InvalidImageName", failingImage("Capital:1"), undo("backend")},
		{"image that runs as root", "image will run as root", failingImage("root:1"), undo("backend")},
		{"crash", "exits with code 1", failingImage("crash:1"), undo("backend")},
		{"out of memory", "OOMKilled", failingImage("out-of-memory:1"), undo("backend")},
		{
			"access mode", "no volume for access mode ReadWriteMany",
			func(t *testing.T, v verified) {
				kubectlWith(t, volumeByHand, "create", "--filename=-")
				kubectlAtEnd(t, "delete", "persistentvolume/by-hand")
				renewRedis("  storageClassName: \"\"\n", "ReadWriteOnce", "ReadWriteMany")(t, v)
			},
			renewRedis(""),
		},
		{
			"consumer that cannot be scheduled", "didn't match Pod's node affinity/selector",
			renewRedis("  storageClassName: standard\n", "      automountServiceAccountToken: false\n", "      automountServiceAccountToken: false\n      nodeSelector:\n        disk: ssd\n"),
			renewRedis(""),
		},
		{"probe", "probe GET", failProbe("Readiness probe failed: HTTP probe failed with statuscode: 503"), renewPods("grafana")},
		{"probe path", "probe GET", failProbe("Readiness probe failed: HTTP probe failed with statuscode: 404"), renewPods("grafana")},
		{"probe port", "probe GET", failProbe(`Readiness probe failed: Get "http://10.244.0.5:3000/api/health": dial tcp 10.244.0.5:3000: connect: connection refused`), renewPods("grafana")},
		{"probe timeout", "probe GET", failProbe(`Liveness probe failed: Get "http://10.244.0.5:3000/api/health": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`), renewPods("grafana")},
	}
}

// failingImage has the backend's pods use an image with which the kubelets of ../kwok do as real ones do.
func failingImage(image string) func(*testing.T, verified) {
	return command("set", "image", "deployment/ai-platform-backend", "backend=failing.example/"+image)
}

func targetPort(port string) func(*testing.T, verified) {
	return command("patch", "service/ai-platform-backend", "--type=json", `--patch=[{"op":"replace","path":"/spec/ports/0/targetPort","value":`+port+`}]`)
}

// volumeByHand has no class, and takes one pod at a time.
const volumeByHand = `{"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "by-hand"}, "spec": {
	"capacity": {"storage": "5Gi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/none"}}}`

// apply applies the declared objects again: those of some files, or of all.
func apply(files ...string) func(*testing.T, verified) {
	return func(t *testing.T, v verified) {
		var paths []string
		for _, file := range files {
			if file != "" {
				file += ".k8s.yaml"
			}
			paths = append(paths, filepath.Join(v.path(), file))
		}
		v.mode.apply(t, paths...)
	}
}

func undo(tier string) func(*testing.T, verified) {
	return command("rollout", "undo", "deployment/ai-platform-"+tier)
}

func renewPods(tier string) func(*testing.T, verified) {
	return command("delete", "pods", "--selector=component="+tier)
}

// renewRedis creates Redis and its claim anew, with a line more in the claim, and other texts replaced.
func renewRedis(line string, replaced ...string) func(*testing.T, verified) {
	return func(t *testing.T, v verified) {
		here(t, "delete", "deployment/ai-platform-redis")
		here(t, "delete", "pods", "--selector=component=redis", "--ignore-not-found")
		here(t, "delete", "persistentvolumeclaim/redis-data-pvc")
		files := production.files(t)
		const size = "      storage: 5Gi\n"
		require.Equal(t, 1, strings.Count(string(files["20-redis.k8s.yaml"]), size))
		redis := strings.Replace(string(files["20-redis.k8s.yaml"]), size, size+line, 1)
		files["20-redis.k8s.yaml"] = []byte(strings.NewReplacer(replaced...).Replace(redis))
		v.write(t, files)
		apply("20-redis")(t, v)
	}
}

// failProbe makes Grafana's pod unready, and writes an event, as kubelet does: kubelet/status/generate.go and kubelet/prober/prober.go.
func failProbe(message string) func(*testing.T, verified) {
	return func(t *testing.T, _ verified) {
		unready := corev1.PodCondition{Status: corev1.ConditionFalse, Reason: "ContainersNotReady", Message: "containers with unready status: [grafana]"}
		var conditions []any
		for _, unready.Type = range []corev1.PodConditionType{corev1.PodReady, corev1.ContainersReady} {
			conditions = append(conditions, unready)
		}
		patch, err := json.Marshal(map[string]any{"status": map[string]any{
			"containerStatuses": []any{map[string]any{"name": "grafana", "ready": false}}, "conditions": conditions,
		}})
		require.NoError(t, err)
		for _, pod := range pods(t) {
			if pod.Labels["component"] != "grafana" || pod.DeletionTimestamp != nil {
				continue
			}
			here(t, "patch", "pod", pod.Name, "--subresource=status", "--patch="+string(patch))
			writeUnhealthy(t, pod, "spec.containers{grafana}", message)
		}
	}
}

// writeUnhealthy writes the event of a probe that fails.
func writeUnhealthy(t *testing.T, pod corev1.Pod, container, message string) {
	t.Helper()
	event, err := json.Marshal(map[string]any{
		"apiVersion": "v1", "kind": "Event", "metadata": map[string]any{"generateName": pod.Name + ".", "namespace": pod.Namespace},
		"involvedObject": corev1.ObjectReference{
			APIVersion: "v1", Kind: "Pod", Namespace: pod.Namespace, Name: pod.Name, UID: pod.UID, FieldPath: container,
		},
		"type": "Warning", "reason": "Unhealthy", "message": message,
		"count": 7, "firstTimestamp": "2026-01-01T00:00:00Z", "lastTimestamp": "2026-01-01T00:01:00Z",
	})
	require.NoError(t, err)
	kubectlWith(t, string(event), "create", "--filename=-")
}
