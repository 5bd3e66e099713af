package rollout

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
)

// testDocuments runs what the documents tell people to type.
func testDocuments(t *testing.T, m mode) {
	t.Run("secrets.md", func(t *testing.T) { testSecretsDocument(t, m) })
	t.Run("backup.md", testBackupDocument)
}

func testSecretsDocument(t *testing.T, m mode) {
	kubectl(t, "delete", "secret", "ai-platform-secrets", "--namespace="+staging.namespace)
	before := revisions(t)
	for _, script := range scripts(t, "secrets.md", "") {
		runScript(t, root, script)
	}
	settle(t)
	restarted := revisions(t)
	for _, name := range []string{production.namespace + "/ai-platform-redis", production.namespace + "/ai-platform-backend"} {
		require.NotEqual(t, before[name], restarted[name], name)
	}

	m.apply(t, production.path())
	require.Equal(t, restarted, revisions(t), "the next apply restarts them again")
}

// testBackupDocument wants the pods of all Jobs to be admitted, scheduled and started.
func testBackupDocument(t *testing.T) {
	for _, script := range scripts(t, "backup.md", "") {
		runScript(t, root, script)
	}
	settle(t)
	eventually(t, func() error {
		for _, job := range jobs(t) {
			if job.Status.Succeeded == 0 {
				return fmt.Errorf("Job %s has not ended", nameOf(&job))
			}
		}
		return nil
	})
	require.NotEmpty(t, jobs(t))
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

// scripts are the indented blocks of a document, or of what is below one of its headings.
func scripts(t *testing.T, document, heading string) []string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, "docs", document))
	require.NoError(t, err)
	var found []string
	inside, before := heading == "", ""
	for line := range strings.Lines(string(content)) {
		if title, isHeading := strings.CutPrefix(line, "## "); isHeading && heading != "" {
			inside = strings.TrimSpace(title) == heading
		}
		code, isCode := strings.CutPrefix(line, "    ")
		_, wasCode := strings.CutPrefix(before, "    ")
		switch {
		case !inside || !isCode || isPrompt(code):
		case wasCode:
			found[len(found)-1] += code
		default:
			found = append(found, code)
		}
		before = line
	}
	require.NotEmpty(t, found, "%s has no commands below %q", document, heading)
	return found
}

// isPrompt says whether a line is typed into psql.
func isPrompt(line string) bool { return strings.HasPrefix(line, "=> ") }
