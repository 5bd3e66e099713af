package rollout

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/ai-platform/manifests/test/document"
)

// testDocuments runs what the documents tell people to type.
func testDocuments(t *testing.T, m mode) {
	t.Run("secrets.md", func(t *testing.T) { testSecretsDocument(t, m) })
	t.Run("backup.md", testBackupDocument)
	t.Run("runbooks.md", testRepairDocument)
}

// testRepairDocument wants the pod that repairs Redis's files to be admitted, with the volume and as the user of the server, which has to
// run again at the end. What is executed in the pod is tried on real files elsewhere: see test/servers.
func testRepairDocument(t *testing.T) {
	folder := t.TempDir() // Files are copied to where people are.
	dist, err := filepath.Abs(filepath.Join(root, "dist"))
	require.NoError(t, err)
	require.NoError(t, os.Symlink(dist, filepath.Join(folder, "dist")))
	// The pod would keep the claim, for which the end of the test waits.
	defer kubectl(t, "delete", "pod", "redis-repair", "--namespace="+production.Namespace, "--ignore-not-found")
	all := scripts(t, "runbooks.md", "RedisDown")
	server := read[appsv1.Deployment](t, "/apis/apps/v1/namespaces/"+production.Namespace+"/deployments/ai-platform-redis").Spec.Template.Spec
	for _, script := range all[:len(all)-1] {
		runScript(t, folder, script)
	}
	repair := read[corev1.Pod](t, "/api/v1/namespaces/"+production.Namespace+"/pods/redis-repair").Spec
	require.Equal(t, server.SecurityContext, repair.SecurityContext)
	require.Equal(t, server.Volumes, repair.Volumes)
	require.Equal(t, server.Containers[0].VolumeMounts, repair.Containers[0].VolumeMounts)
	require.Equal(t, server.Containers[0].Image, repair.Containers[0].Image)
	for _, pod := range read[corev1.PodList](t, "/api/v1/namespaces/"+production.Namespace+"/pods").Items {
		require.NotEqual(t, "redis", pod.Labels["component"], "the server runs beside it")
	}
	runScript(t, folder, all[len(all)-1])
	settle(t)
}

func testSecretsDocument(t *testing.T, m mode) {
	kubectl(t, "delete", "secret", "ai-platform-secrets", "--namespace="+development.Namespace)
	run := func(name, heading string) {
		for _, script := range scripts(t, name, heading) {
			runScript(t, root, script)
		}
	}
	run("secrets.md", "By hand")
	run("secrets.md", "Alerts")
	run("upgrades.md", "Having passwords generated that were made by hand")
	restarted, former := revisions(t), secretOf(t, production, "ai-platform-secrets")
	require.Equal(t, former["slack-url"], secretOf(t, production, "ai-platform-alerts")["slack-url"])
	run("secrets.md", "Changing passwords")
	kubectl(t, "delete", "secret", "ai-platform-secrets", "--namespace="+staging.Namespace)
	run("secrets.md", "A Secret that is lost")
	settle(t)
	for _, tier := range []string{"database", "redis", "backend", "grafana"} {
		name := production.Namespace + "/ai-platform-" + tier
		require.NotEqual(t, restarted[name], revisions(t)[name], name)
	}
	changed := secretOf(t, production, "ai-platform-secrets")
	require.Equal(t, former["slack-url"], changed["slack-url"])
	for _, key := range []string{"database-password", "database-url", "redis-password", "grafana-admin-password"} {
		require.NotEqual(t, former[key], changed[key], key)
	}

	restarted = revisions(t)
	m.apply(t, production.Path())
	require.Equal(t, restarted, revisions(t), "the next apply restarts them again")
}

func secretOf(t *testing.T, e environment, name string) map[string][]byte {
	t.Helper()
	return read[corev1.Secret](t, "/api/v1/namespaces/"+e.Namespace+"/secrets/"+name).Data
}

// testBackupDocument wants the pods of all Jobs to be admitted, scheduled and started.
func testBackupDocument(t *testing.T) {
	for _, script := range scripts(t, "backup.md", "") {
		runScript(t, root, script)
	}
	settle(t)
	eventually(t, func() error {
		jobs := read[batchv1.JobList](t, "/apis/batch/v1/jobs"+ours).Items
		if len(jobs) == 0 {
			return errors.New("there is no Job")
		}
		for _, job := range jobs {
			if job.Status.Succeeded == 0 {
				return fmt.Errorf("Job %s has not ended", nameOf(&job))
			}
		}
		return nil
	})
}

// revisions count the changes of the pod template of each Deployment.
func revisions(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, d := range deployments(t) {
		found[nameOf(&d)] = revision(d)
	}
	return found
}

// revisionAnnotation is where the controller counts.
const revisionAnnotation = "deployment.kubernetes.io/revision"

func revision(d appsv1.Deployment) string { return d.Annotations[revisionAnnotation] }

// scripts are the commands of a document, or of what is below one of its headings.
var scripts = document.Scripts
