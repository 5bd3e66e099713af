// Package migrated is an application whose backend and worker wait for migrations, in several releases, for tests that deploy it with
// kubectl, Helm or Argo CD.
package migrated

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/ai-platform/manifests/test/clustertest"
	"github.com/ai-platform/manifests/test/repository"
	"github.com/ai-platform/manifests/test/yamldoc"
)

// Release is what is deployed of an image.
type Release struct {
	Namespace string
	Folder    string // With its manifests.
	Image     string
	Job       string // Of the migrations.
}

// Create creates a namespace with the application's Secret, and renders the releases. The migrations of the second one stay until Fail.
func Create(t *testing.T, namespace string) (first, failing, corrected Release) {
	t.Helper()
	clustertest.Kubectl(t, "create", "namespace", namespace)
	clustertest.Kubectl(t, "--namespace="+namespace, "create", "secret", "generic", "jobs",
		"--from-literal=database-name=a", "--from-literal=database-user=a", "--from-literal=database-password=a", "--from-literal=database-url=a")
	folder := t.TempDir()
	command := exec.CommandContext(t.Context(), "go", "run", "./cmd/migrated", namespace, folder)
	command.Dir = repository.Path("test")
	output, err := command.CombinedOutput()
	require.NoError(t, err, string(output))
	of := func(tag string) Release {
		r := Release{Namespace: namespace, Folder: filepath.Join(folder, tag), Image: "api:" + tag}
		for _, object := range r.Objects(t) {
			if object.GetKind() == "Job" && object.GetLabels()["component"] == "api-migrations" {
				r.Job = object.GetName()
			}
		}
		require.NotEmpty(t, r.Job)
		return r
	}
	return of("1"), of("2"), of("3")
}

// Objects are those of the manifests.
func (r Release) Objects(t *testing.T) []*unstructured.Unstructured {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(r.Folder, "*.yaml"))
	require.NoError(t, err)
	var objects []*unstructured.Unstructured
	for _, file := range files {
		documents, err := yamldoc.Read(file)
		require.NoError(t, err)
		for _, document := range documents {
			parsed, err := yamldoc.Objects(document)
			require.NoError(t, err)
			objects = append(objects, parsed...)
		}
	}
	return objects
}

// components are those that wait for the migrations, with two replicas each.
var components = []string{"api", "worker"}

// RequireOrder wants all pods of backend and worker to be those of the image, each ready only after the Job completed.
func (r Release) RequireOrder(t *testing.T) {
	t.Helper()
	completed, err := time.Parse(time.RFC3339, r.get(t, "job", r.Job, "{.status.completionTime}"))
	require.NoError(t, err, "the migrations have not completed")
	for _, component := range components {
		ready := r.Ready(t, component)
		require.Len(t, ready, 2, "pods %s of %s that are ready", component, r.Image)
		for _, since := range ready {
			require.False(t, since.Before(completed), "%s is ready since %s, before the migrations completed at %s", component, since, completed)
		}
	}
}

// RequireServing wants at least so many pods of the image of backend and worker each to be ready.
func (r Release) RequireServing(t *testing.T, least int) {
	t.Helper()
	for _, component := range components {
		require.GreaterOrEqual(t, len(r.Ready(t, component)), least, "pods %s of %s that are ready", component, r.Image)
	}
}

// Ready are the times since which a component's pods of the image are ready.
func (r Release) Ready(t *testing.T, component string) []time.Time {
	t.Helper()
	var pods struct {
		Items []struct {
			Metadata struct{ DeletionTimestamp *time.Time }
			Spec     struct{ Containers []struct{ Image string } }
			Status   struct {
				Conditions []struct {
					Type, Status       string
					LastTransitionTime time.Time
				}
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(r.kubectl(t, "get", "pods", "--selector=component="+component, "--output=json")), &pods))
	var since []time.Time
	for _, pod := range pods.Items {
		for _, c := range pod.Status.Conditions {
			if pod.Metadata.DeletionTimestamp == nil && pod.Spec.Containers[0].Image == r.Image && c.Type == "Ready" && c.Status == "True" {
				since = append(since, c.LastTransitionTime)
			}
		}
	}
	return since
}

// Fail has the migrations fail, as soon as they run, and returns the name of their pod.
func (r Release) Fail(t *testing.T) (pod string) {
	t.Helper()
	require.Eventually(t, func() bool {
		pod = r.kubectl(t, "get", "pods", "--selector=batch.kubernetes.io/job-name="+r.Job, "--output=jsonpath={.items[?(@.status.podIP)].metadata.name}")
		return pod != ""
	}, time.Minute, 100*time.Millisecond, "the Job has no pod that runs")
	const status = `{"status":{"phase":"Failed","initContainerStatuses":[` +
		`{"name":"migrate","image":"a","imageID":"","ready":false,"restartCount":0,"state":{"terminated":{"exitCode":3,"reason":"Error"}}}]}}`
	r.kubectl(t, "patch", "pod", pod, "--subresource=status", "--type=merge", "--patch="+status)
	r.kubectl(t, "wait", "--for=condition=failed", "--timeout=1m", "job/"+r.Job)
	return pod
}

// RequireJobs wants these Jobs of migrations to be there, and no others.
func RequireJobs(t *testing.T, namespace string, releases ...Release) {
	t.Helper()
	var want []string
	for _, r := range releases {
		want = append(want, "job.batch/"+r.Job)
	}
	jobs := clustertest.Kubectl(t, "--namespace="+namespace, "get", "jobs", "--selector=component=api-migrations", "--output=name")
	require.ElementsMatch(t, want, strings.Fields(jobs))
}

func (r Release) get(t *testing.T, kind, name, path string) string {
	t.Helper()
	return r.kubectl(t, "get", kind, name, "--output=jsonpath="+path)
}

func (r Release) kubectl(t *testing.T, args ...string) string {
	t.Helper()
	return clustertest.Kubectl(t, append([]string{"--namespace=" + r.Namespace}, args...)...)
}
