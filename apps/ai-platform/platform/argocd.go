package platform

import (
	"cmp"
	"fmt"
	"path/filepath"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/constructs/argocd"
)

// The repository that Argo CD deploys from. A fork has its own URL.
const (
	RepositoryURL      = "https://github.com/ai-platform/manifests"
	RepositoryRevision = "main"
)

// The directories of the two ways to have Argo CD deploy the environments. Both contain the same project and
// Applications: apply one of them to a cluster.
var (
	ApplicationSetDirectory = filepath.Join("deploy", "argocd", "applicationset")
	ApplicationsDirectory   = filepath.Join("deploy", "argocd", "applications")
)

// ArgoCD has Argo CD deploy environments from a repository that contains their manifests.
type ArgoCD struct {
	Repository string
	Revision   string
	Sync       argocd.Sync // The policy of environments without Automated.

	environments []renderedEnvironment
}

type renderedEnvironment struct {
	Environment
	files map[string][]byte
}

// NewArgoCD renders the environments. Argo CD's project admits exactly the kinds that they contain.
func NewArgoCD(environments ...Environment) (ArgoCD, error) {
	return NewArgoCDOf(func(e Environment) (map[string][]byte, error) { return constructs.Render(e.Compose) }, environments...)
}

// NewArgoCDOf is NewArgoCD with a function that returns the manifests of an environment, for example from its
// directory.
func NewArgoCDOf(files func(Environment) (map[string][]byte, error), environments ...Environment) (ArgoCD, error) {
	a := ArgoCD{Repository: RepositoryURL, Revision: RepositoryRevision}
	for _, e := range environments {
		contents, err := files(e)
		if err != nil {
			return ArgoCD{}, fmt.Errorf("%s: %w", e.Name, err)
		}
		a.environments = append(a.environments, renderedEnvironment{e, contents})
	}
	return a, nil
}

// ComposeApplicationSet adds the project, and an ApplicationSet that creates an Application for each environment.
func (a ArgoCD) ComposeApplicationSet(app cdk8s.App) {
	props := argocd.ApplicationSetProps{
		Project: a.composeProject(app), Repository: a.Repository, Revision: a.Revision, Sync: a.Sync, Name: AppName,
	}
	for _, e := range a.environments {
		props.Environments = append(props.Environments, argocd.Environment{
			Name: e.Name, Path: e.path(), Destination: e.destination(), Contents: e.files, Automated: e.Automated,
		})
	}
	argocd.NewApplicationSet(argoCDChart(app, "10-environments"), "environments", props)
}

// ComposeApplications adds the project, and the Applications that the ApplicationSet would create.
func (a ArgoCD) ComposeApplications(app cdk8s.App) {
	project := a.composeProject(app)
	for _, e := range a.environments {
		sync := a.Sync
		sync.Automated = cmp.Or(e.Automated, a.Sync.Automated)
		argocd.NewApplication(argoCDChart(app, "10-"+e.Name), e.Name, argocd.ApplicationProps{
			Project:     project,
			Source:      argocd.Source{Repository: a.Repository, Revision: a.Revision, Path: e.path()},
			Destination: e.destination(),
			Contents:    e.files,
			Sync:        sync,
		})
	}
}

func (a ArgoCD) composeProject(app cdk8s.App) *argocd.Project {
	props := argocd.ProjectProps{
		Repositories: []string{a.Repository}, Name: AppName, Description: "The environments of " + AppName,
	}
	for _, e := range a.environments {
		props.Destinations = append(props.Destinations, e.destination())
		props.Contents = append(props.Contents, e.files)
	}
	return argocd.NewProject(argoCDChart(app, "00-project"), "project", props)
}

func argoCDChart(app cdk8s.App, id string) cdk8s.Chart {
	return cdk8s.NewChart(app, jsii.String(id), &cdk8s.ChartProps{
		Namespace: jsii.String(argocd.DefaultNamespace), Labels: &map[string]*string{"app": jsii.String(AppName)},
	})
}

func (e renderedEnvironment) destination() argocd.Destination {
	return argocd.Destination{Namespace: e.Namespace.Name}
}

// path is the environment's directory, as a repository names it whatever the system.
func (e renderedEnvironment) path() string { return filepath.ToSlash(e.Directory()) }
