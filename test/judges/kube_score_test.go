package judges

import (
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ai-platform/manifests/test/repository"
	"github.com/ai-platform/manifests/test/tool"
)

var kubeScore = tool.BuildOnce("kube-score", "kube-score")

func TestKubeScoreComplainsOfExceptionsOnly(t *testing.T) {
	var complaints []complaint
	for source, files := range bySource(renderedFiles(t)) {
		complaints = append(complaints, score(t, repository.Path(), source, files)...)
	}
	unexpected := slices.DeleteFunc(slices.Clone(complaints), func(c complaint) bool {
		return slices.ContainsFunc(exceptions, func(e exception) bool { return e.covers(c) })
	})
	assert.Empty(t, lines(unexpected), "fix the manifests, or add an exception with a reason")
	for _, e := range exceptions {
		assert.NotEmpty(t, e.reason, "%+v", e)
		assert.True(t, slices.ContainsFunc(complaints, e.covers), "no manifest needs this exception, remove it: %+v", e)
	}
}

func TestKubeScoreComplains(t *testing.T) {
	require.Empty(t, score(t, ".", "shop", []string{acceptedFile}))
	for _, c := range []struct {
		name string
		edit edit
		want string
	}{
		{"critical", edit{"web:1.4.2", "web:latest"}, "shop Deployment/shop-web container-image-tag: web: Image with latest tag"},
		{"warning", edit{"    - Ingress\n", ""}, "shop Deployment/shop-web pod-networkpolicy: The pod does not have a matching ingress NetworkPolicy"},
		{
			"in spite of an annotation",
			edit{"shop\nspec:\n  ports:", "shop\n  annotations: {kube-score/ignore: service-type}\nspec:\n  type: NodePort\n  ports:"},
			"shop Service/shop-web service-type: The service is of type NodePort",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			directory := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(directory, "edited.yaml"), c.edit.apply(t), 0o600))
			require.Equal(t, c.want, lines(score(t, directory, "shop", []string{"edited.yaml"})))
		})
	}
}

// bySource groups files by what is applied together: an application is a directory, and a golden file is by itself.
func bySource(files []string) map[string][]string {
	sources := map[string][]string{}
	for _, file := range files {
		source := path.Dir(file)
		if strings.HasPrefix(file, library+"/") {
			source = file
		}
		sources[source] = append(sources[source], file)
	}
	return sources
}

// complaint is one check of kube-score that one object does not pass.
type complaint struct {
	source string // The directory of an application, or a golden file.
	object string // Kind and name, as in "Deployment/shop-web".
	check  string // kube-score's id of the check.
	detail string
}

func (c complaint) String() string {
	return fmt.Sprintf("%s %s %s: %s", c.source, c.object, c.check, c.detail)
}

// lines returns one line for each complaint, sorted: kube-score has no order.
func lines(complaints []complaint) string {
	var lines []string
	for _, c := range complaints {
		lines = append(lines, c.String())
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// score returns what kube-score finds critical or worth a warning in files of a directory, which are one source.
func score(t *testing.T, directory, source string, files []string) []complaint {
	t.Helper()
	executable, err := kubeScore()
	require.NoError(t, err)
	judge := exec.CommandContext(t.Context(), executable, append([]string{
		"score",
		"--output-format", "json",
		"--kubernetes-version", "v" + oldestKubernetes.String(),
		"--disable-ignore-checks-annotations", // Exceptions are in one list, beside this test.
	}, files...)...)
	judge.Dir = directory
	var objects []struct {
		TypeMeta   metav1.TypeMeta   `json:"type_meta"`
		ObjectMeta metav1.ObjectMeta `json:"object_meta"`
		Checks     []scoredCheck
	}
	readVerdict(t, judge, &objects)

	var complaints []complaint
	for _, object := range objects {
		for _, check := range object.Checks {
			if check.complains() {
				name := object.TypeMeta.Kind + "/" + object.ObjectMeta.Name
				complaints = append(complaints, complaint{source: source, object: name, check: check.Check.ID, detail: check.detail()})
			}
		}
	}
	return complaints
}

// scoredCheck is what kube-score prints for a check of an object.
type scoredCheck struct {
	Check    struct{ ID string }
	Grade    int // 1 critical, 5 warning, 7 almost in order, 10 in order
	Skipped  bool
	Comments []struct{ Path, Summary string }
}

func (c scoredCheck) complains() bool { return !c.Skipped && c.Grade <= 5 }

func (c scoredCheck) detail() string {
	var details []string
	for _, comment := range c.Comments {
		details = append(details, strings.TrimPrefix(comment.Path+": "+comment.Summary, ": "))
	}
	return strings.Join(details, "; ")
}
