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

	"github.com/ai-platform/manifests/test/tool"
)

var kubeScore = tool.BuildOnce("kube-score", "kube-score")

func TestKubeScoreComplainsOfExceptionsOnly(t *testing.T) {
	files, err := renderedFiles(os.DirFS(repository))
	require.NoError(t, err)

	var complaints []complaint
	for source, files := range bySource(files) {
		complaints = append(complaints, score(t, repository, source, files)...)
	}
	assert.Empty(t, lines(unexpected(complaints, exceptions)), "mend the manifests, or give a reason in exceptions_test.go")
	assert.Empty(t, lines(unneeded(complaints, exceptions)), "no manifest needs these exceptions: remove them")
}

func TestKubeScoreComplains(t *testing.T) {
	require.Empty(t, score(t, ".", "shop", []string{acceptedFile}))

	cases := []struct {
		name string
		edit edit
		want string
	}{
		{"critical", edit{"web:1.4.2", "web:latest"}, "shop Deployment/shop-web container-image-tag: web: Image with latest tag"},
		{"warning", edit{"    - Ingress\n", ""}, "shop Deployment/shop-web pod-networkpolicy: The pod does not have a matching ingress NetworkPolicy"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, lines(scoreEdited(t, c.edit)))
		})
	}
}

func TestKubeScoreIsNotSilencedByAnnotations(t *testing.T) {
	silenced := edit{
		"shop\nspec:\n  ports:",
		"shop\n  annotations: {kube-score/ignore: service-type}\nspec:\n  type: NodePort\n  ports:",
	}
	require.Equal(t, "shop Service/shop-web service-type: The service is of type NodePort", lines(scoreEdited(t, silenced)))
}

func scoreEdited(t *testing.T, e edit) []complaint {
	t.Helper()
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "edited.yaml"), e.apply(t), 0o600))
	return score(t, folder, "shop", []string{"edited.yaml"})
}

func TestBySource(t *testing.T) {
	require.Equal(t, map[string][]string{
		"dist":                             {"dist/00-namespace.k8s.yaml", "dist/10-web.k8s.yaml"},
		"deploy/staging":                   {"deploy/staging/10-web.k8s.yaml"},
		"constructs/testdata/web.yaml":     {"constructs/testdata/web.yaml"},
		"constructs/testdata/backend.yaml": {"constructs/testdata/backend.yaml"},
	}, bySource([]string{
		"dist/00-namespace.k8s.yaml",
		"dist/10-web.k8s.yaml",
		"deploy/staging/10-web.k8s.yaml",
		"constructs/testdata/web.yaml",
		"constructs/testdata/backend.yaml",
	}))
}

// bySource groups files by what is applied together: an application is a folder, a golden file stands for itself.
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
	source string // the folder of an application, or a golden file
	object string // kind and name, as in "Deployment/shop-web"
	check  string // kube-score's id of the check
	detail string
}

func (c complaint) String() string {
	return fmt.Sprintf("%s %s %s: %s", c.source, c.object, c.check, c.detail)
}

// lines returns one line for each item, sorted: kube-score has no order.
func lines[Item fmt.Stringer](items []Item) string {
	var lines []string
	for _, item := range items {
		lines = append(lines, item.String())
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// score returns what kube-score finds critical or worth a warning in files of a folder, which make up one source.
func score(t *testing.T, folder, source string, files []string) []complaint {
	t.Helper()
	executable, err := kubeScore()
	require.NoError(t, err)
	judge := exec.CommandContext(t.Context(), executable, append([]string{
		"score",
		"--output-format", "json",
		"--kubernetes-version", "v" + oldestKubernetes.String(),
		"--disable-ignore-checks-annotations", // exceptions stand in one list, beside this test
	}, files...)...)
	judge.Dir = folder
	var objects []scoredObject
	readVerdict(t, judge, &objects)

	var complaints []complaint
	for _, object := range objects {
		complaints = append(complaints, object.complaints(source)...)
	}
	return complaints
}

// scoredObject is what kube-score prints for one object.
type scoredObject struct {
	TypeMeta   metav1.TypeMeta   `json:"type_meta"`
	ObjectMeta metav1.ObjectMeta `json:"object_meta"`
	Checks     []struct {
		Check    struct{ ID string }
		Grade    int
		Skipped  bool
		Comments []struct{ Path, Summary, Description string }
	}
}

func (o scoredObject) complaints(source string) []complaint {
	const warning = 5 // the grades: 1 critical, 5 warning, 7 almost in order, 10 in order
	var complaints []complaint
	for _, check := range o.Checks {
		if check.Skipped || check.Grade > warning {
			continue
		}
		var details []string
		for _, comment := range check.Comments {
			details = append(details, strings.TrimPrefix(comment.Path+": "+comment.Summary, ": "))
		}
		complaints = append(complaints, complaint{
			source: source,
			object: o.TypeMeta.Kind + "/" + o.ObjectMeta.Name,
			check:  check.Check.ID,
			detail: strings.Join(details, "; "),
		})
	}
	return complaints
}
