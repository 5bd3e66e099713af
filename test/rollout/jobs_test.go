package rollout

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/ai-platform/manifests/operate"
	"github.com/ai-platform/manifests/test/migrated"
)

// jobsNamespace is that of an application with programs that end, and with migrations.
const jobsNamespace = "jobs"

// TestJobs applies an application in one pass, as kubectl does: its pods wait for migrations, jobs and workers run to their end or stay. Then
// migrations fail, are corrected, and are rolled back.
func TestJobs(t *testing.T) {
	kubectlAtEnd(t, "delete", "namespace", jobsNamespace, "--ignore-not-found", "--wait=false")
	first, failing, corrected := migrated.Create(t, jobsNamespace)
	clientSide.apply(t, first.Folder)
	requireRolledOut(t, first)
	eventually(t, func() error { return notRolledOut(t, jobsNamespace, "scheduler", "database") })
	output, code := verifyPods(t, first.Folder)
	require.Zero(t, code, output)

	inJobs(t, "wait", "--for=condition=complete", "--timeout=1m", "job", "--selector=component=import")
	inJobs(t, "create", "job", "report-1", "--from=cronjob/jobs-report")
	inJobs(t, "wait", "--for=condition=complete", "--timeout=1m", "job/report-1")
	clientSide.apply(t, first.Folder) // What has completed is accepted as it is, and does not run again.

	clientSide.apply(t, failing.Folder)
	requireWaiting(t, failing)
	pod := failing.Fail(t)
	first.RequireServing(t, 2)
	requireReport(t, "failed migrations", "the former pods continue to serve", func() (string, int) {
		output, code := verifyPods(t, failing.Folder)
		return strings.NewReplacer(pod, failing.Job+"-xxxxx", failing.Folder, "dist").Replace(normalize(output)), code
	})

	clientSide.apply(t, corrected.Folder)
	requireRolledOut(t, corrected)

	// The Job of the first image is there still, and has completed.
	clientSide.apply(t, first.Folder)
	requireRolledOut(t, first)
}

// requireRolledOut waits until the rollout of a release has ended, and wants its pods to have waited for the migrations.
func requireRolledOut(t *testing.T, r migrated.Release) {
	t.Helper()
	eventually(t, func() error { return notRolledOut(t, jobsNamespace, "api", "worker") })
	r.RequireOrder(t)
}

// requireWaiting waits until a new pod of the backend waits for the migrations.
func requireWaiting(t *testing.T, r migrated.Release) {
	t.Helper()
	eventually(t, func() error {
		for _, pod := range podsOf(t, jobsNamespace, "api") {
			if statuses := pod.Status.InitContainerStatuses; pod.Spec.Containers[0].Image == r.Image && len(statuses) == 1 && statuses[0].State.Running != nil {
				return nil
			}
		}
		return fmt.Errorf("no pod of %s waits", r.Image)
	})
}

// verifyPods is what the command verify says of the pods that do not run.
func verifyPods(t *testing.T, folder string) (output string, code int) {
	t.Helper()
	app := operate.Application{Environments: []operate.Environment{{Name: "production", Directory: folder}}}
	stdout, _, err := runInProcess(t.Context(), t, app, "verify", "--steps=pods")
	if err != nil {
		return stdout, 1
	}
	return stdout, 0
}

// notRolledOut are the Deployments that are not as declared, of an application with the name of its namespace.
func notRolledOut(t *testing.T, namespace string, components ...string) error {
	t.Helper()
	var errs []error
	for _, component := range components {
		d := read[appsv1.Deployment](t, "/apis/apps/v1/namespaces/"+namespace+"/deployments/"+namespace+"-"+component)
		errs = append(errs, rolling(d))
	}
	return errors.Join(errs...)
}

func podsOf(t *testing.T, namespace, component string) []corev1.Pod {
	t.Helper()
	return read[corev1.PodList](t, "/api/v1/namespaces/"+namespace+"/pods?labelSelector=component%3D"+component).Items
}

// inJobs runs kubectl in the namespace.
func inJobs(t *testing.T, args ...string) {
	t.Helper()
	kubectl(t, append([]string{"--namespace=" + jobsNamespace}, args...)...)
}
