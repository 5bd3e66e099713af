package platform

import (
	"path/filepath"
	"testing"

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
	template := inspect.At(t, set, "spec", "template", "spec")
	applications := inspect.Objects(t, filepath.Join(repository, ApplicationsDirectory))
	elements := inspect.At(t, set, "spec", "generators", 0, "list", "elements").([]any)
	require.Len(t, elements, len(Environments()))
	for _, element := range elements {
		application := inspect.Find(t, applications, "Application", "ai-platform-"+inspect.At(t, element, "name").(string))
		for path, want := range map[string][]any{
			"namespace": {"spec", "destination", "namespace"},
			"server":    {"spec", "destination", "server"},
			"path":      {"spec", "source", "path"},
			"revision":  {"spec", "source", "targetRevision"},
		} {
			require.Equal(t, inspect.At(t, application, want...), inspect.At(t, element, path))
		}
		require.Equal(t, inspect.At(t, application, "spec", "source", "repoURL"), inspect.At(t, template, "source", "repoURL"))
		for _, same := range []string{"project", "syncPolicy"} {
			require.Equal(t, inspect.At(t, application, "spec", same), inspect.At(t, template, same))
		}
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
