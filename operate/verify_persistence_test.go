package operate

import (
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/dynamic/fake"

	"github.com/ai-platform/manifests/operate/internal/diagnosis"
)

const (
	isDeleted = "PersistentVolumeClaim shop/data is being deleted: it goes as soon as no pod uses it, and the data with it unless the volume's reclaim policy is Retain"
	noClaim   = "Deployment shop/db container db: its data is not on a claim: none of its volumes is a claim; /data is volume data (emptyDir, goes with the pod)"
)

// TestPersistenceRefuses wants what the step checks itself: the steps before may have read an older state.
func TestPersistenceRefuses(t *testing.T) {
	one, two := int32(1), int32(2)
	for name, test := range map[string]struct {
		change     func(*diagnosis.State, *corev1.PersistentVolumeClaim)
		notChecked string
		cause      string
	}{
		"claim":     {change: func(*diagnosis.State, *corev1.PersistentVolumeClaim) {}},
		"not ready": {func(s *diagnosis.State, _ *corev1.PersistentVolumeClaim) { s.Pods = nil }, "no pod of Deployment shop/db is ready", ""},
		"two replicas": {
			func(s *diagnosis.State, _ *corev1.PersistentVolumeClaim) { s.Deployments[0].Spec.Replicas = &two },
			"Deployment shop/db has 2 pods, and the marker could be read from one that was not replaced: it can be checked with one pod only", "",
		},
		"two pods": {
			func(s *diagnosis.State, _ *corev1.PersistentVolumeClaim) { s.Pods = append(s.Pods, s.Pods[0]) },
			"Deployment shop/db has 2 pods, and the marker could be read from one that was not replaced: it can be checked with one pod only", "",
		},
		"deleted claim": {change: func(_ *diagnosis.State, c *corev1.PersistentVolumeClaim) {
			now := metav1.Now()
			c.DeletionTimestamp, c.Finalizers = &now, []string{"kubernetes.io/pvc-protection"}
		}, cause: isDeleted},
		"lost claim": {change: func(_ *diagnosis.State, c *corev1.PersistentVolumeClaim) {
			c.Status.Phase = corev1.ClaimLost
		}, cause: "PersistentVolumeClaim shop/data is not Bound, but Lost, although a pod uses it"},
		"no claim": {change: func(s *diagnosis.State, _ *corev1.PersistentVolumeClaim) {
			s.Pods[0].Spec.Volumes[0].VolumeSource = corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}
		}, cause: noClaim},
	} {
		t.Run(name, func(t *testing.T) {
			state, claim := databaseState(&one)
			test.change(state, claim)
			scheme := runtime.NewScheme()
			require.NoError(t, corev1.AddToScheme(scheme))
			v := &verifier{cluster: &cluster{objects: fake.NewSimpleDynamicClient(scheme, claim)}}
			p := &persistence{verifier: v, Persistence: Persistence{Deployment: "db", Container: "db"}, namespace: "shop"}
			refused, result, err := p.refuses(t.Context(), state, state.ReadyPod("Deployment shop/db"))
			require.NoError(t, err)
			require.Equal(t, test.notChecked != "" || test.cause != "", refused)
			require.Equal(t, test.notChecked != "", result.NotChecked)
			if result.NotChecked {
				require.Equal(t, test.notChecked, result.Summary)
			}
			if test.cause != "" {
				require.Len(t, result.Findings, 1)
				require.Equal(t, test.cause, result.Findings[0].Object+" "+result.Findings[0].Cause)
			}
		})
	}
}

// databaseState is a database with one ready pod, whose data is on a claim.
func databaseState(replicas *int32) (*diagnosis.State, *corev1.PersistentVolumeClaim) {
	controls := true
	set := appsv1.ReplicaSet{ObjectMeta: metav1.ObjectMeta{
		Namespace: "shop", Name: "db-1", UID: "set", OwnerReferences: []metav1.OwnerReference{{UID: "deployment", Controller: &controls}},
	}}
	pod := corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "shop", Name: "db-1-1", OwnerReferences: []metav1.OwnerReference{{UID: "set", Controller: &controls}},
		},
		Spec: corev1.PodSpec{
			Containers: []corev1.Container{{Name: "db", VolumeMounts: []corev1.VolumeMount{{Name: "data", MountPath: "/data"}}}},
			Volumes: []corev1.Volume{{Name: "data", VolumeSource: corev1.VolumeSource{
				PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "data"},
			}}},
		},
		Status: corev1.PodStatus{Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}},
	}
	deployment := appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "db", UID: "deployment"}}
	deployment.Spec.Replicas = replicas
	state := &diagnosis.State{Deployments: []appsv1.Deployment{deployment}, ReplicaSets: []appsv1.ReplicaSet{set}, Pods: []corev1.Pod{pod}}
	claim := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "data"}}
	claim.Status.Phase = corev1.ClaimBound
	return state, claim
}
