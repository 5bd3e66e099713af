package platform

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"testing"
	"text/template"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/apps/ai-platform/internal/inspect"
	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/constructs/argocd"
)

func newArgoCD(t *testing.T) ArgoCD {
	t.Helper()
	a, err := NewArgoCD(Environments()...)
	require.NoError(t, err)
	return a
}

func TestCommittedArgoCDIsCurrent(t *testing.T) {
	a := newArgoCD(t)
	for directory, compose := range map[string]func(cdk8s.App){
		ApplicationSetDirectory: a.ComposeApplicationSet, ApplicationsDirectory: a.ComposeApplications,
	} {
		t.Run(directory, func(t *testing.T) {
			rendered, err := constructs.Render(compose)
			require.NoError(t, err)
			committed := inspect.Files(t, filepath.Join(repository, directory))
			require.Empty(t, cmp.Diff(committed, inspect.Text(rendered)), "run `make synth` and review the difference")
		})
	}
}

// Who changes from one way to the other keeps the Applications, and what they have deployed.
func TestBothWaysMakeTheSameApplications(t *testing.T) {
	set := inspect.Find(t, inspect.Objects(t, filepath.Join(repository, ApplicationSetDirectory)), "ApplicationSet", AppName)
	applications := inspect.Objects(t, filepath.Join(repository, ApplicationsDirectory))
	elements := inspect.At(t, set, "spec", "generators", 0, "list", "elements").([]any)
	require.Len(t, elements, len(Environments()))
	for _, element := range elements {
		made := instantiate(t, inspect.At(t, set, "spec").(map[string]any), element)
		plain := inspect.Find(t, applications, "Application", inspect.At(t, made, "metadata", "name").(string))
		require.Empty(t, cmp.Diff(plain["spec"], made["spec"]))
		require.Equal(t, inspect.At(t, plain, "metadata", "annotations"), inspect.At(t, made, "metadata", "annotations"))
	}
}

// instantiate makes an Application of an ApplicationSet's template and templatePatch, as Argo CD does with goTemplate and
// missingkey=error.
func instantiate(t *testing.T, spec map[string]any, element any) inspect.Object {
	t.Helper()
	encoded, err := json.Marshal(spec["template"])
	require.NoError(t, err)
	application := inspect.Object{}
	require.NoError(t, json.Unmarshal(fill(t, string(encoded), element), &application))
	patch := map[string]any{}
	require.NoError(t, json.Unmarshal(fill(t, spec["templatePatch"].(string), element), &patch))
	merge(application, patch)
	return application
}

func merge(into, patch map[string]any) {
	for key, value := range patch {
		below, isMap := value.(map[string]any)
		if there, is := into[key].(map[string]any); is && isMap {
			merge(there, below)
			continue
		}
		into[key] = value
	}
}

func fill(t *testing.T, text string, element any) []byte {
	t.Helper()
	toJSON := func(value any) (string, error) { // As sprig's.
		encoded, err := json.Marshal(value)
		return string(encoded), err
	}
	parsed, err := template.New("application").Option("missingkey=error").Funcs(template.FuncMap{"toJson": toJSON}).Parse(text)
	require.NoError(t, err)
	var filled bytes.Buffer
	require.NoError(t, parsed.Execute(&filled, element))
	return filled.Bytes()
}

// Argo CD syncs the environments that say so, and people the others.
func TestAutomatedEnvironments(t *testing.T) {
	for _, e := range Environments() {
		application := inspect.Find(t, inspect.Objects(t, filepath.Join(repository, ApplicationsDirectory)), "Application", AppName+"-"+e.Name)
		_, automated := inspect.At(t, application, "spec", "syncPolicy").(map[string]any)["automated"]
		require.Equal(t, e.Automated != nil, automated, e.Name)
	}
}

// Every folder that Argo CD is told to apply holds an environment's manifests, and nothing else.
func TestArgoCDAppliesEnvironments(t *testing.T) {
	for _, e := range Environments() {
		application := inspect.Find(t, inspect.Objects(t, filepath.Join(repository, ApplicationsDirectory)), "Application", AppName+"-"+e.Name)
		folder := inspect.At(t, application, "spec", "source", "path").(string)
		require.NotEmpty(t, inspect.Find(t, inspect.Objects(t, filepath.Join(repository, folder)), "Namespace", e.Namespace.Name))
	}
}

func TestArgoCDOfAFork(t *testing.T) {
	a := newArgoCD(t)
	a.Repository, a.Revision = "git@git.example.com:acme/manifests", "v1"
	a.Sync.Automated = &argocd.AutomatedSync{SelfHeal: true}
	files, err := constructs.Render(a.ComposeApplications)
	require.NoError(t, err)
	for _, text := range []string{"repoURL: git@git.example.com:acme/manifests", "targetRevision: v1", "selfHeal: true"} {
		require.Contains(t, string(files["10-staging.k8s.yaml"]), text)
	}
}

func TestArgoCDNamesTheEnvironmentThatIsWrong(t *testing.T) {
	wrong := Staging()
	wrong.Host = ""
	_, err := NewArgoCD(Production(), wrong)
	require.ErrorContains(t, err, "staging: Validation failed")
}
