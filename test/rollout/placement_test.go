package rollout

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	policyv1 "k8s.io/api/policy/v1"

	"github.com/ai-platform/manifests/constructs"
)

// placedNamespace is that of an application whose pods have more than one container, need what others create, and say where they run.
const placedNamespace = "placed"

const (
	zone     = "topology.kubernetes.io/zone"
	redisIn  = "zone-b"
	oneANode = 6 // As many as there are nodes.
)

func placed(app cdk8s.App) {
	chart := cdk8s.NewChart(app, jsii.String(placedNamespace), &cdk8s.ChartProps{Namespace: jsii.String(placedNamespace)})
	redis := constructs.NewRedis(chart, "redis", constructs.RedisProps{
		Password: constructs.SecretKeyRef{Secret: "redis", Key: "password"},
		Pod:      constructs.PodProps{Affinity: constructs.Affinity{Nodes: []constructs.NodeAffinityRule{{Key: zone, Values: []string{redisIn, "elsewhere"}, Required: true}}}},
	})
	constructs.NewBackend(chart, "api", constructs.BackendProps{
		Image:    "api:1",
		Replicas: new(3),
		InitContainers: []constructs.InitContainer{{
			Name: "download", Command: []string{"download"}, SecretEnv: map[string]constructs.SecretKeyRef{"TOKEN": {Secret: "download", Key: "token"}},
		}},
		Sidecars: []constructs.Sidecar{{Name: "proxy", Image: "proxy:1", Readiness: constructs.TCPProbe{Port: 9002}}},
		Ports:    []constructs.Port{{Name: "grpc", Number: 9002, Sidecar: "proxy"}, {Name: "events", Number: 5353, Protocol: constructs.ProtocolUDP}},
		Volumes: []constructs.Volume{
			constructs.ClaimVolume{MountPath: "/models", ClaimName: "models", AccessMode: constructs.ReadWriteMany},
			constructs.SecretVolume{MountPath: "/tls", Secret: "certificate"},
			constructs.ConfigMapVolume{MountPath: "/flags", ConfigMap: "flags"},
		},
		Spread:           []constructs.Spread{{TopologyKey: zone, Required: true}},
		DisruptionBudget: constructs.DisruptionBudget{MinAvailable: "2"},
	})
	constructs.NewWorker(chart, "worker", constructs.WorkerProps{
		Image: "worker:1", Replicas: new(3), Redis: redis,
		Pod: constructs.PodProps{Affinity: constructs.Affinity{Near: []constructs.PodAffinityRule{{Tier: redis, TopologyKey: zone, Required: true}}}},
	})
	constructs.NewWorker(chart, "agent", constructs.WorkerProps{
		Image: "agent:1", Replicas: new(oneANode), Rollout: constructs.Rollout{MaxSurge: new(0)},
		Pod: constructs.PodProps{Affinity: constructs.Affinity{Apart: []constructs.PodAffinityRule{{Required: true}}}},
	})
}

// TestPlacement applies the application before what its pods need is there: they start when the last of it is. The scheduler places them as
// declared, and a pod whose sidecar is not ready neither serves nor counts as one that remains.
func TestPlacement(t *testing.T) {
	kubectlAtEnd(t, "delete", "namespace", placedNamespace, "--ignore-not-found", "--wait=false")
	folder := filepath.Join(t.TempDir(), "dist")
	require.NoError(t, constructs.Synth(folder, placed))
	kubectl(t, "create", "namespace", placedNamespace)
	kubectl(t, "--namespace="+placedNamespace, "create", "secret", "generic", "redis", "--from-literal=password=a")
	clientSide.apply(t, folder)
	for _, needed := range []struct{ named, object string }{
		{"PersistentVolumeClaim placed/models", `{"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "models"}, "spec": {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "1Gi"}}}}`},
		{"Secret placed/certificate", `{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "certificate"}}`},
		{"ConfigMap placed/flags", `{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "flags"}}`},
		{"Secret placed/download", `{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "download"}, "stringData": {"token": "a"}}`},
	} {
		requireVerify(t, folder, needed.named+"\n        cause:   does not exist\n        affects: Deployment placed/placed-api (3 of 3 pods")
		kubectlWith(t, needed.object, "--namespace="+placedNamespace, "create", "--filename=-")
	}
	eventually(t, func() error { return notRolledOut(t, placedNamespace, "api", "redis", "worker", "agent") })
	output, code := verifyPods(t, folder)
	require.Zero(t, code, output)

	t.Run("zones and nodes", func(t *testing.T) { requirePlaces(t, folder) })
	t.Run("sidecar", func(t *testing.T) { requireSidecarCounts(t, folder) })
}

// requireVerify waits until the command verify fails, and says so.
func requireVerify(t *testing.T, folder, says string) {
	t.Helper()
	eventually(t, func() error {
		if output, code := verifyPods(t, folder); code == 0 || !strings.Contains(output, says) {
			return fmt.Errorf("exit code %d, without %q:\n%s", code, says, output)
		}
		return nil
	})
}

func requirePlaces(t *testing.T, folder string) {
	require.Equal(t, map[string]int{"zone-a": 1, "zone-b": 1, "zone-c": 1}, countBy(t, "api", zones(t)), "one pod in each zone")
	requireSpread(t, folder)

	require.Equal(t, map[string]int{redisIn: 1}, countBy(t, "redis", zones(t)))
	require.Equal(t, map[string]int{redisIn: 3}, countBy(t, "worker", zones(t)), "near Redis")
	nodes := map[string]string{}
	for node := range zones(t) {
		nodes[node] = node
	}
	require.Len(t, countBy(t, "agent", nodes), oneANode, "one pod on each node")

	kubectl(t, "--namespace="+placedNamespace, "scale", "deployment/placed-agent", fmt.Sprintf("--replicas=%d", oneANode+1))
	requireVerify(t, folder, "1 of 7 pods: cannot be scheduled: 0/6 nodes are available: 6 node(s) didn't match pod anti-affinity rules")
	clientSide.apply(t, folder)
	eventually(t, func() error { return notRolledOut(t, placedNamespace, "agent") })
}

// requireSpread wants no second pod in a zone, also while another zone takes none.
func requireSpread(t *testing.T, folder string) {
	t.Helper()
	full := []string{"zone-c-1", "zone-c-2"}
	kubectlAtEnd(t, append([]string{"uncordon"}, full...)...)
	kubectl(t, append([]string{"cordon"}, full...)...)
	for _, pod := range podsOf(t, placedNamespace, "api") {
		if slices.Contains(full, pod.Spec.NodeName) {
			kubectl(t, "--namespace="+placedNamespace, "delete", "pod", pod.Name)
		}
	}
	requireVerify(t, folder, "1 of 3 pods: cannot be scheduled: 0/6 nodes are available: 2 node(s) were unschedulable, 4 node(s) didn't match pod topology spread constraints")
	kubectl(t, append([]string{"uncordon"}, full...)...)
	eventually(t, func() error { return notRolledOut(t, placedNamespace, "api") })
}

// countBy counts a component's pods by a property of their nodes.
func countBy(t *testing.T, component string, of map[string]string) map[string]int {
	t.Helper()
	count := map[string]int{}
	for _, pod := range podsOf(t, placedNamespace, component) {
		count[of[pod.Spec.NodeName]]++
	}
	return count
}

// requireSidecarCounts has the sidecar of one of three pods fail its probe.
func requireSidecarCounts(t *testing.T, folder string) {
	pods := podsOf(t, placedNamespace, "api")
	slices.SortFunc(pods, func(a, b corev1.Pod) int { return strings.Compare(a.Name, b.Name) })
	unready, ready := pods[0], pods[1]
	ports := map[string]string{"http": "8000/TCP", "grpc": "9002/TCP", "events": "5353/UDP"}
	requireEndpoints(t, ports, 3)

	// A pod is ready only if its sidecars are: kubelet/status/generate.go.
	const status = `{"status":{"conditions":[{"type":"Ready","status":"False"},{"type":"ContainersReady","status":"False"}],"initContainerStatuses":[` +
		`{"name":"proxy","image":"proxy:1","imageID":"","ready":false,"started":true,"restartCount":0,"state":{"running":{}}}]}}`
	kubectl(t, "--namespace="+placedNamespace, "patch", "pod", unready.Name, "--subresource=status", "--patch="+status)
	writeUnhealthy(t, unready, "spec.initContainers{proxy}", "Readiness probe failed: dial tcp 10.244.0.5:9002: connect: connection refused")
	requireEndpoints(t, ports, 2)
	requireVerify(t, folder, "1 of 3 pods: container proxy: readiness probe of TCP port 9002")

	eventually(t, func() error {
		budget := read[policyv1.PodDisruptionBudget](t, "/apis/policy/v1/namespaces/"+placedNamespace+"/poddisruptionbudgets/placed-api")
		if budget.Status.CurrentHealthy != 2 {
			return fmt.Errorf("the budget counts %d healthy pods", budget.Status.CurrentHealthy)
		}
		return nil
	})
	require.ErrorContains(t, evict(t, ready.Name), "Cannot evict pod as it would violate the pod's disruption budget")
	require.NoError(t, evict(t, unready.Name), "a pod that does not serve keeps no node from being drained")
	eventually(t, func() error { return notRolledOut(t, placedNamespace, "api") })
	requireEndpoints(t, ports, 3)
}

// requireEndpoints waits until as many pods are ready, at all ports of the Service.
func requireEndpoints(t *testing.T, ports map[string]string, pods int) {
	t.Helper()
	eventually(t, func() error {
		slices := read[discoveryv1.EndpointSliceList](t, "/apis/discovery.k8s.io/v1/namespaces/"+placedNamespace+"/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3Dplaced-api").Items
		ready, found := 0, map[string]string{}
		for _, slice := range slices {
			for _, port := range slice.Ports {
				found[*port.Name] = fmt.Sprintf("%d/%s", *port.Port, *port.Protocol)
			}
			for _, endpoint := range slice.Endpoints {
				if *endpoint.Conditions.Ready {
					ready++
				}
			}
		}
		if ready != pods || fmt.Sprint(found) != fmt.Sprint(ports) {
			return fmt.Errorf("%d pods are ready at %v", ready, found)
		}
		return nil
	})
}

// evict does what "kubectl drain" does with each pod of a node.
func evict(t *testing.T, pod string) error {
	t.Helper()
	eviction := fmt.Sprintf(`{"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": %q, "namespace": %q}}`, pod, placedNamespace)
	_, _, err := control.Kubectl(t.Context(), eviction, "create", "--raw=/api/v1/namespaces/"+placedNamespace+"/pods/"+pod+"/eviction", "--filename=-")
	return err
}
