package diagnosis

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/intstr"
)

func TestPodsReady(t *testing.T) {
	s := shop(t)
	require.Equal(t, Result{Summary: "1 workload, 2 pods ready"}, Pods(s))

	s.Pods = append(s.Pods, corev1.Pod{ObjectMeta: owned("api-1-3", "evicted", "replicaset"), Status: corev1.PodStatus{Phase: corev1.PodFailed, Reason: "Evicted"}})
	require.Empty(t, Pods(s).Findings, "an evicted pod was replaced")

	none := int32(0)
	s.Pods, s.Deployments[0].Spec.Replicas, s.Deployments[0].Status = nil, &none, appsv1.DeploymentStatus{ObservedGeneration: 1}
	s.Declared[0] = declare(t, "Deployment", &s.Deployments[0])
	require.Equal(t, Result{Summary: "1 workload, 0 pods ready"}, Pods(s))
}

// A pod of an autoscaled Deployment is one of as many as the autoscaler wants: the manifests declare no number.
func TestPodsAutoscaled(t *testing.T) {
	s := shop(t)
	s.Deployments[0].Spec.Replicas = nil
	s.Declared[0] = declare(t, "Deployment", &s.Deployments[0])
	two := int32(2)
	s.Deployments[0].Spec.Replicas = &two
	require.Empty(t, Pods(s).Findings)

	none := int32(0)
	s.Deployments[0].Spec.Replicas, s.Deployments[0].Status, s.Pods = &none, appsv1.DeploymentStatus{ObservedGeneration: 1}, nil
	require.Equal(t, []Finding{{
		Object: api, Cause: "was scaled to 0 replicas", Advice: "scale it up again: kubectl -n shop scale deployment/api --replicas=1",
	}}, Pods(s).Findings)
	autoscaler := &unstructured.Unstructured{Object: map[string]any{
		"kind": "HorizontalPodAutoscaler", "metadata": map[string]any{"namespace": "shop"},
		"spec": map[string]any{"scaleTargetRef": map[string]any{"kind": "Deployment", "name": "api"}},
	}}
	s.Declared = append(s.Declared, autoscaler)
	require.Equal(t, "was scaled to 0 replicas, which also turns its autoscaler off", Pods(s).Findings[0].Cause)

	s.Declared = append(s.Declared, declare(t, "ScaledObject", &corev1.Pod{}))
	require.Empty(t, Pods(s).Findings, "KEDA may scale to zero")
}

const (
	api    = "Deployment shop/api"
	events = "see its events: kubectl -n shop describe pod api-1-1"
	logs   = "kubectl -n shop logs api-1-1 -c api"
)

// TestPods has statuses as Kubernetes 1.35 writes them, in the files that the comments name.
func TestPods(t *testing.T) {
	failure := func(message string) func(*testing.T, *State) {
		return func(_ *testing.T, s *State) {
			s.Deployments[0].Status = appsv1.DeploymentStatus{ObservedGeneration: 1, Conditions: []appsv1.DeploymentCondition{
				{Type: appsv1.DeploymentReplicaFailure, Status: corev1.ConditionTrue, Reason: "FailedCreate", Message: message},
			}}
			s.Pods = nil
		}
	}
	status := func(text string) func(*testing.T, *State) {
		return func(t *testing.T, s *State) { s.status(t, text) }
	}
	unschedulable := func(message string) string {
		return "conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable, message: \"" + message + "\"}]"
	}
	image := func(reason, message string) func(*testing.T, *State) {
		return status("containerStatuses: [{name: api, state: {waiting: {reason: " + reason + ", message: '" + message + "'}}}]")
	}
	for _, test := range []struct {
		name  string
		broke func(*testing.T, *State)
		want  []Finding
	}{
		{"missing", func(_ *testing.T, s *State) { s.Deployments = nil }, []Finding{
			{Object: api, Cause: "declared, but not in the cluster", Advice: "apply the manifests: kubectl apply -f dist"},
		}},
		{"not observed", func(_ *testing.T, s *State) { s.Deployments[0].Generation = 2 }, []Finding{{
			Object: api, Cause: "its controller has not seen its last change: generation 2, observed 1",
			Advice: "wait with --wait; if that does not help, see whether the cluster's kube-controller-manager works: kubectl -n kube-system get pods",
		}}},
		{"scaled", func(_ *testing.T, s *State) {
			s.Pods = s.Pods[:1]
			one := int32(1)
			s.Deployments[0].Spec.Replicas = &one
			s.Deployments[0].Status = appsv1.DeploymentStatus{ObservedGeneration: 1, Replicas: 1, UpdatedReplicas: 1, ReadyReplicas: 1}
			when := metav1.Unix(0, 0)
			s.Deployments[0].ManagedFields = []metav1.ManagedFieldsEntry{{
				Manager: "kubectl-edit", Operation: metav1.ManagedFieldsOperationUpdate, Time: &when,
				FieldsV1: metav1.NewFieldsV1(`{"f:spec":{"f:replicas":{},"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"api\"}":{".":{},"f:image":{}}}}}}}`),
			}}
		}, []Finding{{
			Object: api, Cause: "has 1 replica, but 2 are declared", Advice: "apply the manifests: kubectl apply -f dist, or declare the new number",
			Changed: "spec.replicas by kubectl-edit at 1970-01-01T00:00:00Z",
		}}},
		{"rolling out", func(_ *testing.T, s *State) { s.Deployments[0].Status.UpdatedReplicas = 1 }, []Finding{{
			Object: api, Cause: "is rolling out: of 2 pods 2 are ready, 1 are up to date, and there are 2 in all", Advice: "wait with --wait",
		}}},
		{"paused", func(_ *testing.T, s *State) {
			s.Deployments[0].Spec.Paused, s.Deployments[0].Status.UpdatedReplicas = true, 0
		}, []Finding{{
			Object: api, Cause: "its rollout is paused: 0 of 2 pods are up to date", Advice: "resume it: kubectl -n shop rollout resume deployment/api",
		}}},

		// controller/replicaset/replica_set_utils.go copies the answer of admission: plugin/pkg/admission/resourcequota/controller.go.
		{"quota", failure(`pods "api-1-x" is forbidden: exceeded quota: small, requested: limits.memory=1Gi, used: limits.memory=0, limited: limits.memory=1Mi`), []Finding{{
			Object: api, Cause: "2 of 2 pods cannot be created: exceeded quota: small, requested: limits.memory=1Gi, used: limits.memory=0, limited: limits.memory=1Mi",
			Advice: "raise the quota, or lower what the pods request: kubectl -n shop describe resourcequota small",
		}}},
		// staging/src/k8s.io/pod-security-admission/admission/admission.go
		{"Pod Security", failure(`pods "api-1-x" is forbidden: violates PodSecurity "restricted:latest": runAsUser=0 (pod must not set runAsUser=0)`), []Finding{{
			Object: api, Cause: `2 of 2 pods cannot be created: violates PodSecurity "restricted:latest": runAsUser=0 (pod must not set runAsUser=0)`,
			Advice: "set what the message names in the pods' securityContext, or relax the namespace's label: kubectl get namespace shop --show-labels",
		}}},
		// plugin/pkg/admission/serviceaccount/admission.go
		{"service account", failure(`pods "api-1-x" is forbidden: error looking up service account shop/api: serviceaccount "api" not found`), []Finding{{
			Object: api, Cause: `2 of 2 pods cannot be created: error looking up service account shop/api: serviceaccount "api" not found`,
			Advice: "apply the manifests: kubectl apply -f dist",
		}}},

		// scheduler/framework/types.go, FitError.
		{"node selector", func(t *testing.T, s *State) {
			s.status(t, unschedulable("0/6 nodes are available: 6 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/6 nodes are available: 6 Preemption is not helpful for scheduling."))
			s.Pods[0].Spec.NodeSelector = map[string]string{"disk": "ssd"}
		}, []Finding{{
			Object: api, Cause: "2 of 2 pods: cannot be scheduled: 0/6 nodes are available: 6 node(s) didn't match Pod's node affinity/selector",
			Advice: "label a node, or change nodeSelector disk=ssd: kubectl get nodes --show-labels",
		}}},
		{"taint", status(unschedulable("0/1 nodes are available: 1 node(s) had untolerated taint {gpu: true}. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.")), []Finding{{
			Object: api, Cause: "2 of 2 pods: cannot be scheduled: 0/1 nodes are available: 1 node(s) had untolerated taint {gpu: true}",
			Advice: "add a toleration, or a node without the taint: kubectl get nodes -o custom-columns=NAME:.metadata.name,TAINTS:.spec.taints",
		}}},
		{"resources", status(unschedulable("0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.")), []Finding{{
			Object: api, Cause: "2 of 2 pods: cannot be scheduled: 0/1 nodes are available: 1 Insufficient cpu",
			Advice: "add a node, or lower the requests (cpu=500m): kubectl describe nodes",
		}}},
		{"node selector and affinity", func(t *testing.T, s *State) {
			s.status(t, unschedulable("0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector."))
			s.Pods[0].Spec.NodeSelector = map[string]string{"disk": "ssd"}
			s.Pods[0].Spec.Affinity = &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{}}
		}, []Finding{{
			Object: api, Cause: "2 of 2 pods: cannot be scheduled: 0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector",
			Advice: "label a node, or change nodeSelector disk=ssd or the node affinity: kubectl get nodes --show-labels",
		}}},
		// scheduler/framework/plugins/interpodaffinity/filtering.go
		{"pods to be near", status(unschedulable("0/1 nodes are available: 1 node(s) didn't match pod affinity rules. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.")), []Finding{{
			Object: api, Cause: "2 of 2 pods: cannot be scheduled: 0/1 nodes are available: 1 node(s) didn't match pod affinity rules",
			Advice: "see whether the pods run that it must be near: kubectl -n shop get pod api-1-1 -o jsonpath={.spec.affinity.podAffinity}; kubectl get pods -A -o wide --show-labels",
		}}},
		{"pods to be apart", status(unschedulable("0/1 nodes are available: 1 node(s) didn't match pod anti-affinity rules. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.")), []Finding{{
			Object: api, Cause: "2 of 2 pods: cannot be scheduled: 0/1 nodes are available: 1 node(s) didn't match pod anti-affinity rules",
			Advice: "add nodes in other zones, or lower the replicas: kubectl get nodes -L topology.kubernetes.io/zone",
		}}},

		// kubelet/kubelet_pods.go, makeEnvironmentVariables.
		{"missing Secret", func(t *testing.T, s *State) {
			image("CreateContainerConfigError", `secret "passwords" not found`)(t, s)
			s.Contents = map[Reference]Contents{{"Secret", "shop", "passwords"}: {Missing: true}}
		}, []Finding{{
			Object: "Secret shop/passwords", Cause: "does not exist", Affected: []string{"Deployment shop/api (2 of 2 pods, needs password)"},
			Advice: "create it: shop secret production --keep --yes",
		}}},
		{"missing key", func(t *testing.T, s *State) {
			image("CreateContainerConfigError", "couldn''t find key password in Secret shop/passwords")(t, s)
			s.Contents = map[Reference]Contents{{"Secret", "shop", "passwords"}: {Keys: []string{"user"}}}
		}, []Finding{{
			Object: "Secret shop/passwords", Cause: "has no key password", Affected: []string{"Deployment shop/api (2 of 2 pods)"},
			Advice: "add it: shop secret production --keep --yes",
		}}},
		{"missing key of another Secret", func(t *testing.T, s *State) {
			image("CreateContainerConfigError", "couldn''t find key password in Secret shop/passwords")(t, s)
			s.Contents, s.OwnSecret = map[Reference]Contents{{"Secret", "shop", "passwords"}: {Keys: []string{"user"}}}, Reference{}
		}, []Finding{{
			Object: "Secret shop/passwords", Cause: "has no key password", Affected: []string{"Deployment shop/api (2 of 2 pods)"},
			Advice: `add it: kubectl -n shop patch secret passwords --patch-file=/dev/stdin <<< '{"stringData":{"password":"VALUE"}}'`,
		}}},
		{"missing ConfigMap", func(t *testing.T, s *State) {
			image("CreateContainerConfigError", `configmap "settings" not found`)(t, s)
			s.Contents = map[Reference]Contents{{"Secret", "shop", "passwords"}: {Keys: []string{"password"}}, {"ConfigMap", "shop", "settings"}: {Missing: true}}
		}, []Finding{{
			Object: "ConfigMap shop/settings", Cause: "does not exist", Affected: []string{"Deployment shop/api (2 of 2 pods, needs level)"},
			Advice: "apply the manifests: kubectl apply -f dist",
		}}},
		{"Secrets not readable", image("CreateContainerConfigError", `secret "passwords" not found`), []Finding{{
			Object: api, Cause: `2 of 2 pods: container api: secret "passwords" not found`,
			Advice: "create it, and see what is there: kubectl -n shop get secrets",
		}}},
		{"Secrets not readable, and a document", func(t *testing.T, s *State) {
			s.SecretHelp = "HELP.md"
			image("CreateContainerConfigError", `secret "passwords" not found`)(t, s)
		}, []Finding{{
			Object: api, Cause: `2 of 2 pods: container api: secret "passwords" not found`,
			Advice: "create it as HELP.md says, and see what is there: kubectl -n shop get secrets",
		}}},
		{"keys not readable, and a document", func(t *testing.T, s *State) {
			s.SecretHelp = "HELP.md"
			image("CreateContainerConfigError", "couldn''t find key password in Secret shop/passwords")(t, s)
		}, []Finding{{
			Object: api, Cause: `2 of 2 pods: container api: couldn't find key password in Secret shop/passwords`,
			Advice: "create it as HELP.md says, and see what is there: kubectl -n shop get secrets",
		}}},
		{"Secrets not readable, and a document about another", func(t *testing.T, s *State) {
			s.SecretHelp, s.OwnSecret.Name = "HELP.md", "password"
			image("CreateContainerConfigError", `secret "passwords" not found`)(t, s)
		}, []Finding{{
			Object: api, Cause: `2 of 2 pods: container api: secret "passwords" not found`,
			Advice: "create it, and see what is there: kubectl -n shop get secrets",
		}}},

		{"Secret there by now", func(t *testing.T, s *State) {
			image("CreateContainerConfigError", `secret "passwords" not found`)(t, s)
			s.Contents = map[Reference]Contents{{"Secret", "shop", "passwords"}: {Keys: []string{"password"}}, {"ConfigMap", "shop", "settings"}: {Keys: []string{"level"}}}
		}, []Finding{{
			Object: api, Cause: `2 of 2 pods: container api: secret "passwords" not found, but it is there now`,
			Advice: "wait with --wait: the kubelet tries again within two minutes",
		}}},
		// kubelet/kuberuntime/security_context_others.go, verifyRunAsNonRoot.
		{"root", image("CreateContainerConfigError", `container has runAsNonRoot and image will run as root (pod: "api-1-1_shop(pod-1)", container: api)`), []Finding{{
			Object: api, Cause: `2 of 2 pods: container api: image "registry.example.com/api:1": container has runAsNonRoot and image will run as root`,
			Advice: "set runAsUser in the securityContext, or a numeric USER in the image, and apply the manifests: kubectl apply -f dist",
		}}},

		// kubelet/images/image_manager.go; the answer is containerd's.
		{"image not found", image("ImagePullBackOff", `Back-off pulling image "registry.example.com/api:1": ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image "registry.example.com/api:1": not found`), []Finding{{
			Object: api, Cause: `2 of 2 pods: container api: image "registry.example.com/api:1": ImagePullBackOff: failed to pull and unpack image "registry.example.com/api:1": not found`,
			Advice: "push registry.example.com/api:1, or correct its name or tag in the manifests: docker manifest inspect registry.example.com/api:1",
		}}},
		{"image of Kubernetes 1.30", func(t *testing.T, s *State) {
			image("ImagePullBackOff", `Back-off pulling image "registry.example.com/api:1"`)(t, s)
			for _, pod := range s.Pods {
				s.happens(pod.UID, "api", "Failed", `Failed to pull image "registry.example.com/api:1": dial tcp: lookup registry.example.com: no such host`)
				s.happens(pod.UID, "api", "BackOff", "Back-off pulling image")
			}
		}, []Finding{{
			Object: api, Cause: `2 of 2 pods: container api: image "registry.example.com/api:1": ImagePullBackOff: dial tcp: lookup registry.example.com: no such host`,
			Advice: "check that node node-1 can reach the registry of registry.example.com/api:1, and trusts its certificate",
		}}},
		{"no pull secret", image("ErrImagePull", "pull access denied, repository does not exist or may require authorization"), []Finding{{
			Object: api, Cause: `2 of 2 pods: container api: image "registry.example.com/api:1": ErrImagePull: pull access denied, repository does not exist or may require authorization`,
			Advice: "check that registry.example.com/api:1 exists, and if its registry is private, give the pods a pull secret, as they have none: kubectl -n shop create secret docker-registry --help",
		}}},
		{"image name", image("InvalidImageName", `Failed to apply default image tag "A:1": couldn''t parse image name "A:1": invalid reference format`), []Finding{{
			Object: api, Cause: `2 of 2 pods: container api: image "registry.example.com/api:1": InvalidImageName: Failed to apply default image tag "A:1": couldn't parse image name "A:1": invalid reference format`,
			Advice: "correct the name of the image in the manifests, and apply them: kubectl apply -f dist",
		}}},

		// kubelet/kuberuntime/kuberuntime_manager.go, doBackOff, and convertToAPIContainerStatuses in kubelet/kubelet_pods.go.
		{"crash", status(`
containerStatuses:
  - name: api
    restartCount: 4
    state: {waiting: {reason: CrashLoopBackOff, message: back-off 1m20s restarting failed container=api pod=api-1-1_shop(pod-1)}}
    lastState: {terminated: {exitCode: 1, reason: Error, message: "cannot connect to database\n"}}`), []Finding{{
			Object: api, Cause: "2 of 2 pods: container api: exits with code 1 (Error): cannot connect to database", Advice: "read its log: " + logs + " --previous",
		}}},
		{"running again", status(`
containerStatuses:
  - name: api
    restartCount: 1
    state: {running: {startedAt: "2026-01-01T00:00:00Z"}}
    lastState: {terminated: {exitCode: 2, reason: Error}}`), []Finding{{
			Object: api, Cause: "2 of 2 pods: container api: exits with code 2 (Error)", Advice: "read its log: " + logs + " --previous",
		}}},
		{"killed by its probe", func(t *testing.T, s *State) {
			s.status(t, `containerStatuses: [{name: api, state: {waiting: {reason: CrashLoopBackOff}}, lastState: {terminated: {exitCode: 143, reason: Error}}}]`)
			s.Pods = s.Pods[:1]
			s.happens("pod-1", "api", "Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 404")
			s.happens("pod-1", "api", "Killing", "Container api failed liveness probe, will be restarted")
		}, []Finding{{
			Object: api, Cause: "1 of 1 pod: container api: liveness probe fails: last response: HTTP probe failed with statuscode: 404",
			Advice: "check the probe's path, which the program does not serve: " + logs,
		}}},
		{"killed by its probe in an earlier life", func(t *testing.T, s *State) {
			s.status(t, `containerStatuses: [{name: api, state: {waiting: {reason: CrashLoopBackOff}}, lastState: {terminated: {exitCode: 1, reason: Error, startedAt: "2026-01-02T00:00:00Z"}}}]`)
			s.happens("pod-1", "api", "Killing", "Container api failed liveness probe, will be restarted")
		}, []Finding{{
			Object: api, Cause: "2 of 2 pods: container api: exits with code 1 (Error)", Advice: "read its log: " + logs + " --previous",
		}}},
		{"first crash", status("containerStatuses: [{name: api, state: {terminated: {exitCode: 1, reason: Error}}}]"), []Finding{{
			Object: api, Cause: "2 of 2 pods: container api: exits with code 1 (Error)", Advice: "read its log: " + logs,
		}}},
		{"passwords in the message", status(`containerStatuses: [{name: api, state: {terminated: {exitCode: 1, reason: Error, message: 'cannot open postgres://app:s3cret@db/app, password=s3cret token: none'}}}]`), []Finding{{
			Object: api, Cause: "2 of 2 pods: container api: exits with code 1 (Error): cannot open postgres://app:***@db/app, password=*** token: none", Advice: "read its log: " + logs,
		}}},
		{"out of memory without a limit", func(t *testing.T, s *State) {
			s.status(t, "containerStatuses: [{name: api, state: {terminated: {exitCode: 137, reason: OOMKilled}}}]")
			for i := range s.Pods {
				s.Pods[i].Spec.Containers[0].Resources.Limits = nil
			}
		}, []Finding{{
			Object: api, Cause: "2 of 2 pods: container api: killed because its pod or node ran out of memory (OOMKilled): it has no memory limit of its own",
			Advice: "raise the memory limit, or find what uses it: " + logs,
		}}},
		{"out of memory", status(`
containerStatuses:
  - name: api
    state: {waiting: {reason: CrashLoopBackOff, message: back-off}}
    lastState: {terminated: {exitCode: 137, reason: OOMKilled}}`), []Finding{{
			Object: api, Cause: "2 of 2 pods: container api: killed because it used more memory than its limit of 1Gi (OOMKilled)",
			Advice: "raise the memory limit, or find what uses it: " + logs + " --previous",
		}}},
		{"names of pods", func(t *testing.T, s *State) {
			image("CreateContainerError", "x")(t, s)
			for i := range s.Pods {
				s.Pods[i].Status.ContainerStatuses[0].State.Waiting.Message = "failed to reserve container name api_" + s.Pods[i].Name
			}
		}, []Finding{{
			Object: api, Cause: "2 of 2 pods: container api: cannot start: CreateContainerError: failed to reserve container name api_POD", Advice: events,
		}}},
		{"command", image("RunContainerError", `exec: "serve": executable file not found in $PATH`), []Finding{{
			Object: api, Cause: `2 of 2 pods: container api: cannot start: RunContainerError: exec: "serve": executable file not found in $PATH`, Advice: events,
		}}},

		// kubelet/prober/prober.go, and probe/http/http.go.
		{"probe", func(t *testing.T, s *State) {
			s.status(t, `containerStatuses: [{name: api, state: {running: {startedAt: "2026-01-01T00:00:00Z"}}}]`)
			s.happens("pod-1", "api", "Unhealthy", `Readiness probe failed: Get "http://10.244.0.5:8000/health": dial tcp 10.244.0.5:8000: connect: connection refused`)
			s.happens("pod-2", "api", "Unhealthy", `Readiness probe failed: Get "http://10.244.0.6:8000/health": dial tcp 10.244.0.6:8000: connect: connection refused`)
		}, []Finding{{
			Object: api,
			Cause:  `2 of 2 pods: container api: readiness probe GET /health on port 8000 (http) (first after 5s, then every 10s, 3 failures allowed) fails: last response: Get "http://POD:8000/health": dial tcp POD:8000: connect: connection refused`,
			Advice: "check that the program listens on this port, on all addresses: " + logs,
		}}},

		// A sidecar holds up the containers after it until its startup probe succeeds: kubelet/kuberuntime/kuberuntime_container.go.
		{"probe of a sidecar", func(t *testing.T, s *State) {
			s.status(t, `{initContainerStatuses: [{name: proxy, state: {running: {}}}], containerStatuses: [{name: api, state: {waiting: {reason: PodInitializing}}}]}`)
			always := corev1.ContainerRestartPolicyAlways
			for i := range s.Pods {
				s.Pods[i].Spec.InitContainers = []corev1.Container{{
					Name: "proxy", RestartPolicy: &always,
					StartupProbe: &corev1.Probe{ProbeHandler: corev1.ProbeHandler{TCPSocket: &corev1.TCPSocketAction{Port: intstr.FromInt32(9000)}}, PeriodSeconds: 10, FailureThreshold: 3},
				}}
				s.happens(s.Pods[i].UID, "proxy", "Unhealthy", "Startup probe failed: dial tcp 10.244.0.5:9000: connect: connection refused")
				s.Events[i].InvolvedObject.FieldPath = "spec.initContainers{proxy}"
			}
		}, []Finding{{
			Object: api,
			Cause:  "2 of 2 pods: container proxy: startup probe of TCP port 9000 (first after 0s, then every 10s, 3 failures allowed) fails: last response: dial tcp POD:9000: connect: connection refused",
			Advice: "check that the program listens on this port, on all addresses: kubectl -n shop logs api-1-1 -c proxy",
		}}},

		// volume/secret/secret.go, in the event of kubelet/volumemanager.
		{"mount", func(t *testing.T, s *State) {
			s.status(t, "containerStatuses: [{name: api, state: {waiting: {reason: ContainerCreating}}}]")
			s.happens("pod-1", "", "FailedAttachVolume", `Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) api-0`)
			s.Pods, s.Deployments[0].Status.Replicas, s.Deployments[0].Status.UpdatedReplicas = s.Pods[:1], 1, 1
		}, []Finding{{
			Object: api, Cause: `1 of 1 pod: cannot start on node node-1: FailedAttachVolume: Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) api-0`,
			Advice: "see the pod's volumes and events: kubectl -n shop describe pod api-1-1",
		}}},
		{"not ready", status("conditions: [{type: Ready, status: 'False', reason: ContainersNotReady, message: 'containers with unready status: [api]'}]"), []Finding{{
			Object: api, Cause: "2 of 2 pods: not ready yet on node node-1: ContainersNotReady containers with unready status: [api]",
			Advice: "wait with --wait, or " + events,
		}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := shop(t)
			test.broke(t, s)
			require.Equal(t, test.want, Pods(s).Findings)
		})
	}
}

// StatefulSets and DaemonSets have no condition for pods that cannot be created, but events.
func TestPodsOfOtherKinds(t *testing.T) {
	for kind, prefix := range map[string]string{
		"StatefulSet": "create Pod api-0 in StatefulSet api failed error: ", // controller/statefulset/stateful_pod_control.go
		"DaemonSet":   "Error creating: ",                                   // controller/controller_utils.go
	} {
		s := &State{}
		meta := metav1.ObjectMeta{Namespace: "shop", Name: "api", UID: "owner", Generation: 1}
		if kind == "StatefulSet" {
			s.StatefulSets = []appsv1.StatefulSet{{ObjectMeta: meta, Status: appsv1.StatefulSetStatus{ObservedGeneration: 1}}}
			s.Declared = append(s.Declared, declare(t, kind, &s.StatefulSets[0]))
		} else {
			s.DaemonSets = []appsv1.DaemonSet{{ObjectMeta: meta, Status: appsv1.DaemonSetStatus{ObservedGeneration: 1, DesiredNumberScheduled: 1}}}
			s.Declared = append(s.Declared, declare(t, kind, &s.DaemonSets[0]))
		}
		s.happens("owner", "", "FailedCreate", prefix+`pods "api-0" is forbidden: exceeded quota: small, requested: pods=1, used: pods=1, limited: pods=1`)
		require.Equal(t, []Finding{{
			Object: kind + " shop/api", Cause: "1 of 1 pod cannot be created: exceeded quota: small, requested: pods=1, used: pods=1, limited: pods=1",
			Advice: "raise the quota, or lower what the pods request: kubectl -n shop describe resourcequota small",
		}}, Pods(s).Findings)
	}
}

// TestPodsHeldBack wants no more of a workload than its strategy does, as "kubectl rollout status" does.
func TestPodsHeldBack(t *testing.T) {
	partition := func(first int32) appsv1.StatefulSetUpdateStrategy {
		return appsv1.StatefulSetUpdateStrategy{
			Type: appsv1.RollingUpdateStatefulSetStrategyType, RollingUpdate: &appsv1.RollingUpdateStatefulSetStrategy{Partition: &first},
		}
	}
	const keeps = "StatefulSet shop/db keeps %d of 3 pods as they were before its last change: its updateStrategy "
	for _, test := range []struct {
		name           string
		strategy       appsv1.StatefulSetUpdateStrategy
		updated, ready int32
		note, cause    string
	}{
		{"all", partition(0), 3, 3, "", ""},
		{"rolling", partition(0), 1, 3, "", "is rolling out: of 3 pods 3 are ready, 1 are up to date, and there are 3 in all"},
		{"canary", partition(2), 1, 3, fmt.Sprintf(keeps+"has partition 2", 2), ""},
		{"canary rolls", partition(2), 0, 3, "", "is rolling out: of 3 pods 3 are ready, 0 are up to date, and there are 3 in all; 1 are to be updated, as its updateStrategy has partition 2"},
		{"canary unready", partition(2), 1, 2, "", "is rolling out: of 3 pods 2 are ready, 1 are up to date, and there are 3 in all; 1 are to be updated, as its updateStrategy has partition 2"},
		{"beyond", partition(5), 0, 3, fmt.Sprintf(keeps+"has partition 5", 3), ""},
		{"by hand", appsv1.StatefulSetUpdateStrategy{Type: appsv1.OnDeleteStatefulSetStrategyType}, 1, 3, fmt.Sprintf(keeps+onDelete, 2), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			three := int32(3)
			s := &State{StatefulSets: []appsv1.StatefulSet{{
				ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "db"},
				Spec:       appsv1.StatefulSetSpec{Replicas: &three, UpdateStrategy: test.strategy},
				Status:     appsv1.StatefulSetStatus{Replicas: 3, UpdatedReplicas: test.updated, ReadyReplicas: test.ready},
			}}}
			s.Declared = append(s.Declared, declare(t, "StatefulSet", &s.StatefulSets[0]))
			want := Result{Summary: "1 workload, 3 pods ready"}
			if test.note != "" {
				want.Notes = []string{test.note}
			}
			if test.cause != "" {
				want = Result{Summary: "0 of 1 workload ready", Findings: []Finding{{Object: "StatefulSet shop/db", Cause: test.cause, Advice: "wait with --wait"}}}
			}
			require.Equal(t, want, Pods(s))
		})
	}
}

func TestPodsOfADaemonSetOnDelete(t *testing.T) {
	s := &State{DaemonSets: []appsv1.DaemonSet{{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "agent"},
		Spec:       appsv1.DaemonSetSpec{UpdateStrategy: appsv1.DaemonSetUpdateStrategy{Type: appsv1.OnDeleteDaemonSetStrategyType}},
		Status:     appsv1.DaemonSetStatus{DesiredNumberScheduled: 2, CurrentNumberScheduled: 2, NumberReady: 2},
	}}}
	s.Declared = append(s.Declared, declare(t, "DaemonSet", &s.DaemonSets[0]))
	require.Equal(t, Result{
		Summary: "1 workload, 2 pods ready",
		Notes:   []string{"DaemonSet shop/agent keeps 2 of 2 pods as they were before its last change: its updateStrategy " + onDelete},
	}, Pods(s))
}

// An event stays for an hour. A quota that was raised since is no cause.
func TestFormerFailureToCreatePods(t *testing.T) {
	s := &State{StatefulSets: []appsv1.StatefulSet{{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "db", UID: "owner"}}}}
	s.Declared = append(s.Declared, declare(t, "StatefulSet", &s.StatefulSets[0]))
	const quota = `create Pod db-0 in StatefulSet db failed error: pods "db-0" is forbidden: exceeded quota: small`
	s.happens("owner", "", "FailedCreate", quota)
	s.happens("other", "", "SuccessfulCreate", "create Pod x-0 in StatefulSet x successful")
	require.Contains(t, Pods(s).Findings[0].Cause, "exceeded quota", "another one's pod")
	s.happens("owner", "", "SuccessfulCreate", "create Pod db-0 in StatefulSet db successful")
	require.Equal(t, "is rolling out: of 1 pods 0 are ready, 0 are up to date, and there are 0 in all", Pods(s).Findings[0].Cause)
	s.happens("owner", "", "FailedCreate", quota)
	require.Contains(t, Pods(s).Findings[0].Cause, "exceeded quota", "it fails again")
}
