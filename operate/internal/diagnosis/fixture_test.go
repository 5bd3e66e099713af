package diagnosis

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/yaml"
)

// shop is an application of one Deployment with two ready pods, and of its Service.
func shop(t *testing.T) *State {
	t.Helper()
	selector := map[string]string{"app": "api"}
	template := corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: selector}, Spec: corev1.PodSpec{
		SchedulerName: "default-scheduler",
		Containers: []corev1.Container{{
			Name: "api", Image: "registry.example.com/api:1",
			Ports: []corev1.ContainerPort{{Name: "http", ContainerPort: 8000}},
			Env: []corev1.EnvVar{
				{Name: "PASSWORD", ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{
					LocalObjectReference: corev1.LocalObjectReference{Name: "passwords"}, Key: "password",
				}}},
				{Name: "LEVEL", ValueFrom: &corev1.EnvVarSource{ConfigMapKeyRef: &corev1.ConfigMapKeySelector{
					LocalObjectReference: corev1.LocalObjectReference{Name: "settings"}, Key: "level",
				}}},
			},
			Resources: corev1.ResourceRequirements{
				Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("500m")},
				Limits:   corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("1Gi")},
			},
			ReadinessProbe: &corev1.Probe{
				ProbeHandler:        corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: "/health", Port: intstr.FromString("http")}},
				InitialDelaySeconds: 5, PeriodSeconds: 10, FailureThreshold: 3,
			},
		}},
		Volumes: []corev1.Volume{{Name: "data", VolumeSource: corev1.VolumeSource{
			PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "data"},
		}}},
	}}
	replicas, ready, port := int32(2), true, int32(8000)
	s := &State{
		Folder:     "dist",
		MakeSecret: "shop secret production --keep --yes",
		OwnSecret:  Reference{"Secret", "shop", "passwords"},
		Deployments: []appsv1.Deployment{{
			ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "api", UID: "deployment", Generation: 1},
			Spec:       appsv1.DeploymentSpec{Replicas: &replicas, Template: template},
			Status:     appsv1.DeploymentStatus{ObservedGeneration: 1, Replicas: 2, UpdatedReplicas: 2, ReadyReplicas: 2},
		}},
		ReplicaSets: []appsv1.ReplicaSet{{ObjectMeta: owned("api-1", "replicaset", "deployment")}},
		Claims: []corev1.PersistentVolumeClaim{{
			ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "data", UID: "claim"},
			Spec:       corev1.PersistentVolumeClaimSpec{AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany}},
			Status:     corev1.PersistentVolumeClaimStatus{Phase: corev1.ClaimBound},
		}},
		Services: []corev1.Service{{
			ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "api"},
			Spec: corev1.ServiceSpec{Selector: selector, Ports: []corev1.ServicePort{
				{Name: "http", Port: 80, TargetPort: intstr.FromString("http"), Protocol: corev1.ProtocolTCP},
			}},
		}},
		EndpointSlices: []discoveryv1.EndpointSlice{{
			ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "api-x", Labels: map[string]string{discoveryv1.LabelServiceName: "api"}},
			Ports:      []discoveryv1.EndpointPort{{Name: &template.Spec.Containers[0].Ports[0].Name, Port: &port}},
			Endpoints:  []discoveryv1.Endpoint{{Conditions: discoveryv1.EndpointConditions{Ready: &ready, Serving: &ready}}},
		}},
	}
	for i := range replicas {
		pod := corev1.Pod{ObjectMeta: owned(fmt.Sprintf("api-1-%d", i+1), types.UID(fmt.Sprintf("pod-%d", i+1)), "replicaset"), Spec: *template.Spec.DeepCopy()}
		pod.Labels, pod.Spec.NodeName = selector, "node-1"
		pod.Status = corev1.PodStatus{
			Phase:             corev1.PodRunning,
			Conditions:        []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}},
			ContainerStatuses: []corev1.ContainerStatus{{Name: "api", Ready: true, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}},
		}
		s.Pods = append(s.Pods, pod)
	}
	s.Declared = []*unstructured.Unstructured{declare(t, "Deployment", &s.Deployments[0]), declare(t, "Service", &s.Services[0])}
	return s
}

func owned(name string, uid, owner types.UID) metav1.ObjectMeta {
	controls := true
	return metav1.ObjectMeta{Namespace: "shop", Name: name, UID: uid, OwnerReferences: []metav1.OwnerReference{{UID: owner, Controller: &controls}}}
}

func declare(t *testing.T, kind string, object runtime.Object) *unstructured.Unstructured {
	t.Helper()
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	require.NoError(t, err)
	declared := &unstructured.Unstructured{Object: fields}
	declared.SetKind(kind)
	return declared
}

// status makes both pods unready with a status in YAML, as kubelet or the scheduler writes it.
func (s *State) status(t *testing.T, status string) {
	t.Helper()
	s.Deployments[0].Status.ReadyReplicas = 0
	for i := range s.Pods {
		pod := &s.Pods[i]
		pod.Status = corev1.PodStatus{}
		require.NoError(t, yaml.UnmarshalStrict([]byte(status), &pod.Status))
		if condition(pod, corev1.PodScheduled).Status == corev1.ConditionFalse {
			pod.Spec.NodeName = ""
		}
	}
}

// happens adds an event about an object, or about a container of the first pod.
func (s *State) happens(uid types.UID, container, reason, message string) {
	about := corev1.ObjectReference{UID: uid}
	if container != "" {
		about.FieldPath = "spec.containers{" + container + "}"
	}
	s.Events = append(s.Events, corev1.Event{
		InvolvedObject: about, Reason: reason, Message: message,
		LastTimestamp: metav1.NewTime(time.Date(2026, 1, 1, 0, 0, len(s.Events), 0, time.UTC)),
	})
}
