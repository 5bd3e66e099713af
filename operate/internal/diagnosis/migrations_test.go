package diagnosis

import (
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// Pods that wait for migrations are ill of what their Job is ill of.
func TestMigrations(t *testing.T) {
	const (
		waits = "initContainerStatuses: [{name: migrations, state: {running: {}}}]\n" +
			"containerStatuses: [{name: api, state: {waiting: {reason: PodInitializing}}}]"
		gaveUp = "initContainerStatuses: [{name: migrations, state: {waiting: {reason: CrashLoopBackOff}}, lastState: {terminated: {exitCode: 1, reason: Error}}}]"
		again  = "delete the Job and apply the manifests: kubectl -n shop delete job api-migrations-1; kubectl apply -f dist"
		job    = "Job shop/api-migrations-1"
	)
	affected := []string{"Deployment shop/api (2 of 2 pods, waiting for migrations)"}
	failed := []Finding{{
		Object: job, Affected: affected, Cause: "failed: container migrate exits with code 3 (Error)",
		Advice: "read its log: kubectl -n shop logs api-migrations-1-b -c migrate; then deploy a corrected image, or " + again,
	}}
	for _, test := range []struct {
		name, pod string
		job       []string // The statuses of the Job's pods, the newest last.
		want      []Finding
	}{
		{"no Job", waits, nil, []Finding{{
			Object: job, Affected: affected, Cause: "has no pod: it does not exist, or exceeded its deadline",
			Advice: "see whether it exists, and why it ended: kubectl -n shop describe job api-migrations-1; to run it again, " + again,
		}}},
		{"running", waits, []string{"{phase: Failed}", "{phase: Running, initContainerStatuses: [{name: migrate, state: {running: {}}}]}"}, []Finding{{
			Object: job, Affected: affected, Cause: "is running", Advice: "wait with --wait",
		}}},
		{"image not found", waits, []string{"", "{phase: Pending, initContainerStatuses: [{name: migrate, state: {waiting: {reason: ErrImageNeverPull, message: absent}}}]}"}, []Finding{{
			Object: job, Affected: affected, Cause: `container migrate: image "": ErrImageNeverPull: absent`, Advice: "load the image onto the node, or set another imagePullPolicy",
		}}},
		{"no node", waits, []string{"", "{phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable, message: no room}]}"}, []Finding{{
			Object: job, Affected: affected, Cause: "cannot be scheduled: no room", Advice: "see its events: kubectl -n shop describe pod api-migrations-1-b",
		}}},
		{"failed", waits, []string{"{phase: Running}", "{phase: Failed, initContainerStatuses: [{name: check, state: {terminated: {exitCode: 0}}}, {name: migrate, state: {terminated: {exitCode: 3, reason: Error}}}]}"}, failed},
		{"failed, and the pods have waited for long", gaveUp, []string{"", "{phase: Failed, initContainerStatuses: [{name: migrate, state: {terminated: {exitCode: 3, reason: Error}}}]}"}, failed},
		{"evicted", waits, []string{"", "{phase: Failed, reason: Evicted, message: The node was low on resource}"}, []Finding{{
			Object: job, Affected: affected, Cause: "failed: Evicted: The node was low on resource", Advice: failed[0].Advice,
		}}},
		{"restored", waits, []string{"", "{phase: Succeeded}"}, []Finding{{
			Object: job, Affected: affected,
			Cause:  "completed, but the pods that wait do not find its record in the database: it does not answer, or was restored or replaced since",
			Advice: "read what they found: kubectl -n shop logs api-1-1 -c migrations; if the database answers, " + again,
		}}},
		// Whatever else is wrong with the container comes first.
		{"client image", "initContainerStatuses: [{name: migrations, state: {waiting: {reason: ErrImageNeverPull, message: absent}}}]", nil, []Finding{{
			Object: api, Cause: `2 of 2 pods: container migrations: image "postgres:15": ErrImageNeverPull: absent`, Advice: "load the image onto the node, or set another imagePullPolicy",
		}}},
		{"killed", "initContainerStatuses: [{name: migrations, state: {waiting: {reason: CrashLoopBackOff}}, lastState: {terminated: {exitCode: 137, reason: OOMKilled}}}]", nil, []Finding{{
			Object: api, Cause: "2 of 2 pods: container migrations: killed because its pod or node ran out of memory (OOMKilled): it has no memory limit of its own",
			Advice: "raise the memory limit, or find what uses it: kubectl -n shop logs api-1-1 -c migrations --previous",
		}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := shop(t)
			s.status(t, test.pod)
			for i := range s.Pods {
				s.Pods[i].Spec.InitContainers = []corev1.Container{{
					Name: "migrations", Image: "postgres:15", Env: []corev1.EnvVar{{Name: "MIGRATIONS_JOB", Value: "api-migrations-1"}},
				}}
			}
			for i, status := range test.job {
				pod := corev1.Pod{ObjectMeta: owned("api-migrations-1-"+string(rune('a'+i)), "", "job")}
				pod.Labels = map[string]string{"batch.kubernetes.io/job-name": "api-migrations-1"}
				pod.CreationTimestamp.Time = pod.CreationTimestamp.AddDate(0, 0, i)
				require.NoError(t, yaml.UnmarshalStrict([]byte(status), &pod.Status))
				if condition(&pod, corev1.PodScheduled).Status != corev1.ConditionFalse {
					pod.Spec.NodeName = "node-1"
				}
				s.Pods = append(s.Pods, pod)
			}
			require.Equal(t, test.want, Pods(s).Findings)
		})
	}
}

// A former pod is one of the same workload that is ready, whichever its ReplicaSet is.
func TestFormerPodsContinue(t *testing.T) {
	waiting := corev1.Pod{ObjectMeta: owned("api-2-1", "waiting", "new-replicaset")}
	for name, test := range map[string]struct {
		change func(s *State)
		want   bool
	}{
		"of the former ReplicaSet": {func(*State) {}, true},
		"of another workload": {func(s *State) {
			s.ReplicaSets[0] = appsv1.ReplicaSet{ObjectMeta: owned("other-1", "replicaset", "other")}
		}, false},
		"not ready": {func(s *State) { s.status(t, "phase: Pending") }, false},
		"none":      {func(s *State) { s.Pods = nil }, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := shop(t)
			s.ReplicaSets = append(s.ReplicaSets, appsv1.ReplicaSet{ObjectMeta: owned("api-2", "new-replicaset", "deployment")})
			test.change(s)
			s.Pods = append(s.Pods, waiting)
			require.Equal(t, test.want, s.continues(&waiting))
		})
	}
}
