package rollout

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/operate"
)

// jobsNamespace is that of an application with programs that end, and with migrations.
const jobsNamespace = "jobs"

// TestJobs applies an application in one pass, as kubectl does: its pods wait for migrations, jobs and workers run to their end or stay. Then
// migrations fail, are corrected, and are rolled back.
func TestJobs(t *testing.T) {
	kubectlAtEnd(t, "delete", "namespace", jobsNamespace, "--ignore-not-found", "--wait=false")
	first := newRelease(t, "1", constructs.Migrations{})
	kubectl(t, "create", "namespace", jobsNamespace)
	kubectl(t, "--namespace="+jobsNamespace, "create", "secret", "generic", "jobs",
		"--from-literal=database-name=a", "--from-literal=database-user=a", "--from-literal=database-password=a", "--from-literal=database-url=a")
	first.apply(t)
	first.requireOrder(t)
	eventually(t, func() error { return errors.Join(notRolledOut(t, "api", "worker", "scheduler", "database")) })
	require.Empty(t, first.verify(t))

	inJobs(t, "wait", "--for=condition=complete", "--timeout=1m", "job", "--selector=component=import")
	inJobs(t, "create", "job", "report-1", "--from=cronjob/jobs-report")
	inJobs(t, "wait", "--for=condition=complete", "--timeout=1m", "job/report-1")
	first.apply(t) // What has completed is accepted as it is, and does not run again.

	// The image of the record cannot be had, so that the pod of the Job stays, and then fails by hand.
	failed := newRelease(t, "2", constructs.Migrations{BackoffLimit: new(0), ClientImage: "failing.example/crash:1"})
	failed.apply(t)
	pod := failed.migrating(t)
	inJobs(t, "patch", "pod", pod, "--subresource=status", "--type=merge",
		`--patch={"status":{"phase":"Failed","initContainerStatuses":[{"name":"migrate","image":"a","imageID":"","ready":false,"restartCount":0,"state":{"terminated":{"exitCode":3,"reason":"Error"}}}]}}`)
	inJobs(t, "wait", "--for=condition=failed", "--timeout=1m", "job/"+failed.job)
	require.NoError(t, errors.Join(former(t)), "the former pods serve")
	require.Contains(t, failed.verify(t), "Job jobs/"+failed.job+"\n        cause:   failed, and the former pods continue to serve: container migrate exits with code 3 (Error)")
	require.Contains(t, failed.verify(t), "kubectl -n jobs logs "+pod+" -c migrate")

	corrected := newRelease(t, "3", constructs.Migrations{})
	corrected.apply(t)
	corrected.requireOrder(t)

	// The Job of the first image is there still, and has completed.
	first.apply(t)
	first.requireOrder(t)
}

// release is what is applied of an image.
type release struct {
	folder string
	job    string // Of the migrations.
	image  string
}

func newRelease(t *testing.T, tag string, migrations constructs.Migrations) release {
	t.Helper()
	r := release{folder: filepath.Join(t.TempDir(), "dist"), image: "api:" + tag}
	migrations.Command = []string{"migrate"}
	require.NoError(t, constructs.Synth(r.folder, func(app cdk8s.App) {
		chart := cdk8s.NewChart(app, jsii.String("jobs"), &cdk8s.ChartProps{Namespace: jsii.String(jobsNamespace)})
		database := constructs.NewPostgres(chart, "database", constructs.PostgresProps{Credentials: constructs.PostgresCredentials{Secret: "jobs"}})
		api := constructs.NewBackend(chart, "api", constructs.BackendProps{Image: r.image, Database: database, Migrations: &migrations})
		r.job = *api.MigrationsJob().Name()
		constructs.NewWorker(chart, "worker", constructs.WorkerProps{Image: r.image, Database: database, MigrationsOf: api, Connections: []constructs.Server{api}})
		constructs.NewScheduler(chart, "scheduler", constructs.SchedulerProps{Image: "api:1", Storage: &constructs.Storage{MountPath: "/data", Size: "1Gi"}})
		constructs.NewJob(chart, "import", constructs.JobProps{Image: "api:1", Database: database, Completions: 3, Parallelism: 2})
		constructs.NewCronJob(chart, "report", constructs.CronJobProps{Image: "api:1", Database: database, Schedule: "@yearly", TimeZone: "Europe/Berlin"})
	}))
	return r
}

func (r release) apply(t *testing.T) {
	t.Helper()
	clientSide.apply(t, r.folder)
}

// requireOrder waits until all pods of the backend and of the worker are those of the image, and wants each to have become ready after the
// Job completed.
func (r release) requireOrder(t *testing.T) {
	t.Helper()
	for _, component := range []string{"api", "worker"} {
		eventually(t, func() error {
			if ready := r.ready(t, component); len(ready) != 2 {
				return fmt.Errorf("%d pods %s of %s are ready", len(ready), component, r.image)
			}
			return notRolledOut(t, component)
		})
		job := read[batchv1.Job](t, "/apis/batch/v1/namespaces/"+jobsNamespace+"/jobs/"+r.job)
		require.NotNil(t, job.Status.CompletionTime)
		for _, ready := range r.ready(t, component) {
			require.False(t, ready.Before(job.Status.CompletionTime.Time), "%s is ready at %s, before the migrations completed at %s", component, ready, job.Status.CompletionTime)
		}
	}
}

// ready are the times since which a component's pods of the image are ready.
func (r release) ready(t *testing.T, component string) []time.Time {
	t.Helper()
	var since []time.Time
	for _, pod := range podsOf(t, component) {
		for _, c := range pod.Status.Conditions {
			if pod.DeletionTimestamp == nil && pod.Spec.Containers[0].Image == r.image && c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue {
				since = append(since, c.LastTransitionTime.Time)
			}
		}
	}
	return since
}

// migrating is the pod of the Job, when a new pod of the backend waits for it.
func (r release) migrating(t *testing.T) (name string) {
	t.Helper()
	eventually(t, func() error {
		for _, pod := range podsOf(t, "api-migrations") {
			if pod.Labels[batchv1.JobNameLabel] == r.job && pod.Status.PodIP != "" {
				name = pod.Name
			}
		}
		for _, pod := range podsOf(t, "api") {
			if statuses := pod.Status.InitContainerStatuses; name != "" && pod.Spec.Containers[0].Image == r.image && len(statuses) == 1 && statuses[0].State.Running != nil {
				return nil
			}
		}
		return fmt.Errorf("no pod of %s waits, or the Job has none", r.image)
	})
	return name
}

// verify is what the command says of the pods that do not run.
func (r release) verify(t *testing.T) string {
	t.Helper()
	app := operate.Application{Environments: []operate.Environment{{Name: "jobs", Directory: r.folder}}}
	stdout, _, err := runInProcess(t.Context(), t, app, "verify", "--steps=pods")
	if err == nil {
		return ""
	}
	return stdout
}

// notRolledOut are the Deployments that are not as declared.
func notRolledOut(t *testing.T, components ...string) error {
	t.Helper()
	var errs []error
	for _, component := range components {
		d := read[appsv1.Deployment](t, "/apis/apps/v1/namespaces/"+jobsNamespace+"/deployments/jobs-"+component)
		errs = append(errs, rolling(d))
	}
	return errors.Join(errs...)
}

// former wants one pod of the first image of backend and worker to be ready: the rollout may take one away.
func former(t *testing.T) error {
	t.Helper()
	for _, component := range []string{"api", "worker"} {
		if len((release{image: "api:1"}).ready(t, component)) == 0 {
			return fmt.Errorf("no pod %s of the former image is ready", component)
		}
	}
	return nil
}

func podsOf(t *testing.T, component string) []corev1.Pod {
	t.Helper()
	return read[corev1.PodList](t, "/api/v1/namespaces/"+jobsNamespace+"/pods?labelSelector=component%3D"+component).Items
}

// inJobs runs kubectl in the namespace.
func inJobs(t *testing.T, args ...string) {
	t.Helper()
	kubectl(t, append([]string{"--namespace=" + jobsNamespace}, args...)...)
}
