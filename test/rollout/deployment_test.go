package rollout

import (
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
)

// step is a part of a test that begins where the step before it ended.
type step struct {
	name string
	test func(*testing.T, mode)
}

// TestDeployment brings production into an empty cluster, and the other environments beside it. What does not depend on the way of applying
// is tested once.
func TestDeployment(t *testing.T) {
	for _, test := range []struct {
		mode  mode
		steps []step
	}{
		{clientSide, []step{
			{"apply", testApply},
			{"restricted is enforced", testRestricted},
			{"without the Secret pods wait", testWaiting},
			{"with the Secret all is available", testAvailable},
			{"Services have ready endpoints", testEndpoints},
			{"pods are spread over zones", testSpread},
			{"nothing differs from what was written", testNoDifference},
			{"the documents' commands work", testDocuments},
		}},
		{serverSide, []step{
			{"apply", testApply},
			{"with the Secret all is available", testAvailable},
			{"nothing differs from what was written", testNoDifference},
			{"a drain respects the budgets", testDrain},
		}},
	} {
		t.Run(test.mode.name, func(t *testing.T) {
			begin(t, everyEnvironment...)
			for _, next := range test.steps {
				if !t.Run(next.name, func(t *testing.T) { next.test(t, test.mode) }) {
					return
				}
			}
		})
	}
}

// testApply applies one environment after the other, each in one pass.
func testApply(t *testing.T, m mode) {
	for _, e := range everyEnvironment {
		m.apply(t, e.Path())
	}
}

// testNoDifference also compares with ai-platform diff.
func testNoDifference(t *testing.T, m mode) {
	var paths []string
	for _, e := range everyEnvironment {
		paths = append(paths, e.Path())
	}
	requireNoDifference(t, m, environmentObjects(t), paths...)

	diff := func(environment string) (stdout string, code int) {
		stdout, stderr, code := runProgram(t, root, control.Kubeconfig(), "diff", environment)
		require.Empty(t, stderr)
		return stdout, code
	}
	for _, name := range []string{"production", "staging", "development"} {
		stdout, code := diff(name)
		require.Equal(t, name+": no differences (against context ai-platform-test)\n", stdout)
		require.Zero(t, code)
	}
	label := func(component string) {
		kubectl(t, "label", "externalsecret/ai-platform-secrets", "component="+component, "--overwrite", "--namespace="+staging.Namespace)
	}
	label("another") // Of a kind that only the cluster knows.
	defer label("generated-secret")
	stdout, code := diff("staging")
	require.Contains(t, stdout, "~ ExternalSecret ai-platform-staging/ai-platform-secrets\n    ~ metadata.labels.component: \"another\" -> \"generated-secret\"")
	require.Equal(t, 1, code)
}

// podOf is a pod that the Pod Security Standard "restricted" has nothing against but, perhaps, its user.
//
//go:embed testdata/pod.yaml
var podOf string

func testRestricted(t *testing.T, _ mode) {
	for _, e := range everyEnvironment {
		namespace := read[corev1.Namespace](t, "/api/v1/namespaces/"+e.Namespace)
		for _, does := range []string{"enforce", "warn", "audit"} {
			require.Equal(t, "restricted", namespace.Labels["pod-security.kubernetes.io/"+does], e.Namespace)
		}
	}
	require.NoError(t, admitEverywhere(t, 1000))
	refusal := admitEverywhere(t, 0)
	require.Error(t, refusal)
	refused := strings.Count(refusal.Error(), `violates PodSecurity "restricted:latest": runAsUser=0`)
	require.Equal(t, len(everyEnvironment), refused, refusal)
}

// admitEverywhere asks whether a pod of the user would be accepted in each environment.
func admitEverywhere(t *testing.T, user int) error {
	t.Helper()
	var all strings.Builder
	for _, e := range everyEnvironment {
		_, err := fmt.Fprintf(&all, podOf, e.Namespace, user)
		require.NoError(t, err)
	}
	_, _, err := control.Kubectl(t.Context(), all.String(), "create", "--dry-run=server", "--filename=-")
	return err
}

// testWaiting wants the pods that read the Secret to say so, and the others to run.
func testWaiting(t *testing.T, _ mode) {
	eventually(t, func() error {
		var errs []error
		missing := 0
		for _, d := range deployments(t) {
			missing += int(*d.Spec.Replicas)
			if isAvailable(d) == readsSecret(d.Spec.Template.Spec) {
				errs = append(errs, fmt.Errorf("%s: %v", nameOf(&d), d.Status.Conditions))
			}
		}
		for _, pod := range pods(t) {
			missing--
			errs = append(errs, notAsWithoutSecret(pod))
		}
		if missing > 0 {
			errs = append(errs, fmt.Errorf("%d pods are missing", missing))
		}
		return errors.Join(errs...)
	})
}

func notAsWithoutSecret(pod corev1.Pod) error {
	statuses := pod.Status.ContainerStatuses
	if !readsSecret(pod.Spec) {
		if isReady(pod) {
			return nil
		}
		return fmt.Errorf("%s reads no Secret and is not ready: %v", nameOf(&pod), statuses)
	}
	if slices.ContainsFunc(statuses, waitsForSecret) {
		return nil
	}
	return fmt.Errorf("%s does not wait for its Secret: %v", nameOf(&pod), statuses)
}

func waitsForSecret(status corev1.ContainerStatus) bool {
	waiting := status.State.Waiting
	return waiting != nil && waiting.Reason == "CreateContainerConfigError" &&
		waiting.Message == `secret "ai-platform-secrets" not found`
}

// readsSecret says whether a pod cannot start without the Secret. A file of it may be missing.
func readsSecret(pod corev1.PodSpec) bool {
	return slices.ContainsFunc(pod.Containers, func(container corev1.Container) bool {
		return slices.ContainsFunc(container.Env, func(variable corev1.EnvVar) bool {
			return variable.ValueFrom != nil && variable.ValueFrom.SecretKeyRef != nil
		})
	})
}

func testAvailable(t *testing.T, _ mode) {
	for _, e := range everyEnvironment {
		e.createSecret(t)
	}
	settle(t)
	require.Len(t, deployments(t), declared(t, "Deployment"))
	require.Len(t, claims(t), declared(t, "PersistentVolumeClaim")) // All are bound: see settle.
}

// declared is how many objects of a kind the environments have together.
func declared(t *testing.T, kind string) int {
	t.Helper()
	count := 0
	for _, e := range everyEnvironment {
		all := objectsOf(t, e.files(t))
		count += len(all) - len(without(all, kind))
	}
	require.NotZero(t, count, kind)
	return count
}

// testEndpoints wants each Service to lead to all pods of its Deployment.
func testEndpoints(t *testing.T, _ mode) {
	services := read[corev1.ServiceList](t, "/api/v1/services"+ours).Items
	require.Len(t, services, declared(t, "Service"))
	eventually(t, func() error {
		ready := watchPods(t).ready()
		wanted, leadTo := map[string]int{}, map[string]int{}
		for _, service := range services {
			wanted[nameOf(&service)] = ready[service.Namespace+"/"+service.Labels["app.kubernetes.io/name"]]
		}
		for _, slice := range read[discoveryv1.EndpointSliceList](t, "/apis/discovery.k8s.io/v1/endpointslices"+ours).Items {
			for _, endpoint := range slice.Endpoints {
				if *endpoint.Conditions.Ready && len(slice.Ports) == 1 && slice.Ports[0].Port != nil {
					leadTo[slice.Namespace+"/"+slice.Labels["kubernetes.io/service-name"]]++
				}
			}
		}
		if !maps.Equal(wanted, leadTo) {
			return fmt.Errorf("pods that Services should lead to: %v, ready endpoints: %v", wanted, leadTo)
		}
		return nil
	})
}

// testSpread wants the pods of a Deployment in as many zones as there can be.
func testSpread(t *testing.T, _ mode) {
	zoneOf := zones(t)
	zonesOf := map[string]map[string]bool{}
	for _, pod := range pods(t) {
		name := deploymentOf(pod)
		if zonesOf[name] == nil {
			zonesOf[name] = map[string]bool{}
		}
		zonesOf[name][zoneOf[pod.Spec.NodeName]] = true
	}
	for _, d := range deployments(t) {
		require.Len(t, zonesOf[nameOf(&d)], min(int(*d.Spec.Replicas), 3), "%s is in %v", nameOf(&d), zonesOf[nameOf(&d)])
	}
}

// testDrain empties each node, and then at once all nodes that have a pod of production's backend, where it is the budget alone
// that keeps enough of them.
func testDrain(t *testing.T, _ mode) {
	for _, node := range slices.Sorted(maps.Keys(zones(t))) {
		drain(t, node)
	}
	nodes := map[string]bool{}
	for _, pod := range pods(t) {
		if deploymentOf(pod) == production.Namespace+"/ai-platform-backend" {
			nodes[pod.Spec.NodeName] = true
		}
	}
	require.Greater(t, len(nodes), 1)
	drain(t, slices.Collect(maps.Keys(nodes))...)
}

// drain empties nodes. Meanwhile no Deployment may miss more than one pod.
func drain(t *testing.T, nodes ...string) {
	t.Helper()
	before := watchPods(t)
	kubectl(t, append([]string{"cordon"}, nodes...)...)
	defer kubectl(t, append([]string{"uncordon"}, nodes...)...)
	require.NoError(t, evictAll(t, nodes))
	settle(t)
	for _, pod := range pods(t) {
		require.NotContains(t, nodes, pod.Spec.NodeName, pod.Name)
	}
	fewest := before.fewest(t)
	for _, d := range deployments(t) {
		require.GreaterOrEqual(t, fewest[nameOf(&d)], int(*d.Spec.Replicas)-1, "%s while %v were drained", nameOf(&d), nodes)
	}
}

// evictAll drains nodes at the same time, each by a kubectl of its own: one takes them in turn.
func evictAll(t *testing.T, nodes []string) error {
	t.Helper()
	errs := make([]error, len(nodes))
	var drains sync.WaitGroup
	for i, node := range nodes {
		drains.Go(func() {
			_, _, errs[i] = control.Kubectl(t.Context(), "", "drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=1m")
		})
	}
	drains.Wait()
	return errors.Join(errs...)
}
