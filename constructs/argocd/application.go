package argocd

import (
	"cmp"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/manifest"
)

// ApplicationProps are the properties of an Application.
type ApplicationProps struct {
	// Project is the Project of the Application. Required, unless ProjectName is set.
	Project *Project

	// ProjectName is the name of an existing project, whose rules are not checked here. Defaults to the name of
	// Project.
	ProjectName string

	// Source is the directory to apply. Required.
	Source Source

	// Destination is the cluster to apply the directory to, and the namespace of objects that name none. Required.
	Destination Destination

	// Contents are the files of the directory, as constructs.Render returns them. Project must admit all of their
	// objects. Defaults to none, for a directory whose contents are unknown here.
	Contents map[string][]byte

	// Sync decides when Argo CD applies changes. Defaults to a manual sync.
	Sync Sync

	// CascadeDeletion deletes everything that was deployed, including data, when the Application is deleted. Defaults
	// to false: everything is left, unless the deletion asks for a cascade, as the argocd command does without
	// --cascade=false.
	// https://argo-cd.readthedocs.io/en/stable/user-guide/app_deletion/
	CascadeDeletion bool

	// Name is the name of the Application. Defaults to <app>-<component>.
	Name string

	// Namespace is the namespace of Argo CD. Defaults to "argocd".
	Namespace string
}

// Application has Argo CD apply one directory of a repository to one cluster.
// https://argo-cd.readthedocs.io/en/stable/user-guide/application-specification/
type Application struct {
	construct
	application cdk8s.ApiObject
}

// NewApplication adds an Application.
func NewApplication(scope awsconstructs.Construct, id string, props ApplicationProps) *Application {
	node := manifest.NewNode(scope, id, "application")
	a := &Application{construct: construct{node}}
	props = props.withDefaults(node.Component)
	if node.Accept(props.validate(node.Path, node.Component)) {
		a.application = node.Add(props.object())
	}
	return a
}

func (p ApplicationProps) withDefaults(at manifest.Component) ApplicationProps {
	p.Destination = p.Destination.withDefaults()
	p.Sync = p.Sync.withDefaults()
	p.Name = cmp.Or(p.Name, at.Name())
	p.Namespace = cmp.Or(p.Namespace, DefaultNamespace)
	return p
}

// Validate checks the props, except for what depends on the chart.
func (p ApplicationProps) Validate(path *field.Path) field.ErrorList {
	return p.withDefaults(manifest.Anywhere).validate(path, manifest.Anywhere)
}

func (p ApplicationProps) validate(path *field.Path, at manifest.Component) field.ErrorList {
	errs := p.membership().validate(path, at, p.Namespace)
	errs = append(errs, p.Source.validate(path.Child("source"))...)
	errs = append(errs, p.Destination.validate(path.Child("destination"))...)
	errs = append(errs, p.Sync.validate(path.Child("sync"))...)
	errs = append(errs, checkNames(path, at, p.Name, p.Namespace)...)
	if len(errs) > 0 {
		return errs
	}
	errs = p.membership().checkRepository(path.Child("source", "repository"), p.Source.Repository)
	errs = append(errs, p.membership().checkDestination(path.Child("destination"), p.Destination)...)
	return append(errs, p.membership().checkContents(path.Child("contents"), p.Contents, p.Destination)...)
}

func (p ApplicationProps) membership() membership { return membership{p.Project, p.ProjectName} }

// finalizer has Argo CD delete what an Application has deployed before the Application is gone. The same name without a
// path has the same meaning, but the API server warns of it.
// https://argo-cd.readthedocs.io/en/stable/user-guide/app_deletion/
const finalizer = "resources-finalizer.argocd.argoproj.io/foreground"

func (p ApplicationProps) object() *manifest.Object {
	var finalizers []string
	if p.CascadeDeletion {
		finalizers = []string{finalizer}
	}
	return &manifest.Object{
		ID: "application", APIVersion: apiVersion, Kind: "Application", Name: p.Name, Namespace: p.Namespace,
		Annotations: annotations, Finalizers: finalizers,
		Fields: map[string]any{"spec": map[string]any{
			"project":     p.membership().projectName(),
			"source":      p.Source.fields(),
			"destination": p.Destination.fields(),
			"syncPolicy":  p.Sync.policy(),
		}},
	}
}

// Application returns the Application.
func (a *Application) Application() cdk8s.ApiObject { return a.node.Handle(a.application) }
