package argocd

import (
	"cmp"
	"slices"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// ApplicationSetProps are the properties of an ApplicationSet.
type ApplicationSetProps struct {
	// Project is the Project of the Applications. Required, unless ProjectName is set.
	Project *Project

	// ProjectName is the name of an existing project, whose rules are not checked here. Defaults to the name of
	// Project.
	ProjectName string

	// Repository is the URL of the repository of all environments, as in a Source. Required.
	Repository string

	// Revision is the revision of environments that set none, as in a Source. Required, unless all of them set one.
	Revision string

	// Environments are the deployments of the application, with an Application each. Required.
	Environments []Environment

	// Sync decides when Argo CD applies changes. Defaults to a manual sync.
	Sync Sync

	// CascadeDeletion deletes everything that was deployed, including data, when an Application is deleted: on its own,
	// with the ApplicationSet, or because its environment is no longer listed. Defaults to false: everything is left,
	// unless the deletion asks for a cascade, as the argocd command does without --cascade=false.
	// https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Application-Deletion/
	CascadeDeletion bool

	// Name is the name of the ApplicationSet. Defaults to <app>-<component>.
	Name string

	// Namespace is the namespace of Argo CD. Defaults to "argocd".
	Namespace string
}

// Environment is a deployment of the application.
type Environment struct {
	// Name is the name of the environment, such as production. Its Application is called <app>-<name>. Required.
	Name string

	// Path is the directory to apply, as in a Source. Required.
	Path string

	// Destination is the cluster to apply the directory to, and the namespace of objects that name none. Required.
	Destination Destination

	// Revision is the revision to apply, as in a Source. Defaults to the Revision of the ApplicationSet.
	Revision string

	// Automated has Argo CD apply this environment's changes automatically. Defaults to Sync.Automated of the
	// ApplicationSet.
	Automated *AutomatedSync

	// Contents are the files of the directory, as constructs.Render returns them. Project must admit all of their
	// objects. Defaults to none, for a directory whose contents are unknown here.
	Contents map[string][]byte
}

// ApplicationSet has Argo CD create an Application for each environment.
// https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/
type ApplicationSet struct {
	construct
	set cdk8s.ApiObject
}

// NewApplicationSet adds an ApplicationSet.
func NewApplicationSet(scope awsconstructs.Construct, id string, props ApplicationSetProps) *ApplicationSet {
	node := manifest.NewNode(scope, id, "applicationSet")
	s := &ApplicationSet{construct: construct{node}}
	props = props.withDefaults(node.Component)
	if !node.Accept(props.validate(node.Path, node.Component)) {
		return s
	}
	for _, e := range props.Environments {
		node.Declare(node.Path, manifest.Key{
			GroupKind: schema.GroupKind{Group: group, Kind: "Application"}, Namespace: props.Namespace, Name: e.applicationName(node.Component),
		}, "")
	}
	s.set = node.Add(props.object(node.Component))
	return s
}

func (p ApplicationSetProps) withDefaults(at manifest.Component) ApplicationSetProps {
	p.Environments = slices.Clone(p.Environments)
	for i, e := range p.Environments {
		e.Destination = e.Destination.withDefaults()
		e.Revision = cmp.Or(e.Revision, p.Revision)
		p.Environments[i] = e
	}
	p.Sync = p.Sync.withDefaults()
	p.Name = cmp.Or(p.Name, at.Name())
	p.Namespace = cmp.Or(p.Namespace, DefaultNamespace)
	return p
}

// Validate checks the props, except for what depends on the chart.
func (p ApplicationSetProps) Validate(path *field.Path) field.ErrorList {
	return p.withDefaults(manifest.Anywhere).validate(path, manifest.Anywhere)
}

func (p ApplicationSetProps) validate(path *field.Path, at manifest.Component) field.ErrorList {
	errs := p.membership().validate(path, at, p.Namespace)
	errs = append(errs, checkRepository(path.Child("repository"), p.Repository)...)
	errs = append(errs, p.validateEnvironments(path.Child("environments"), at)...)
	errs = append(errs, p.Sync.validate(path.Child("sync"))...)
	errs = append(errs, checkNames(path, at, p.Name, p.Namespace)...)
	if len(errs) > 0 {
		return errs
	}
	errs = p.membership().checkRepository(path.Child("repository"), p.Repository)
	for i, e := range p.Environments {
		in := path.Child("environments").Index(i)
		errs = append(errs, p.membership().checkDestination(in.Child("destination"), e.Destination)...)
		errs = append(errs, p.membership().checkContents(in.Child("contents"), e.Contents, e.Destination)...)
	}
	return errs
}

func (p ApplicationSetProps) validateEnvironments(path *field.Path, at manifest.Component) field.ErrorList {
	if len(p.Environments) == 0 {
		return field.ErrorList{field.Required(path, "")}
	}
	var errs field.ErrorList
	named := map[string]*field.Path{}
	for i, e := range p.Environments {
		in := path.Index(i)
		errs = append(errs, e.validate(in, at)...)
		if first, taken := named[e.Name]; e.Name != "" && taken {
			errs = append(errs, check.Duplicate(in.Child("name"), e.Name, "already the name of "+first.String()))
			continue
		}
		named[e.Name] = in
	}
	return errs
}

func (e Environment) validate(path *field.Path, at manifest.Component) field.ErrorList {
	errs := check.ObjectName(path.Child("name"), e.Name)
	if len(errs) == 0 {
		name := e.applicationName(at)
		errs = check.Invalid(path.Child("name"), name, validation.IsDNS1123Subdomain(name))
	}
	errs = append(errs, checkRevision(path.Child("revision"), e.Revision)...)
	errs = append(errs, checkPath(path.Child("path"), e.Path)...)
	return append(errs, e.Destination.validate(path.Child("destination"))...)
}

func (e Environment) applicationName(at manifest.Component) string { return at.App + "-" + e.Name }

func (p ApplicationSetProps) membership() membership { return membership{p.Project, p.ProjectName} }

// object has all values that differ in the list: Argo CD does not look for templates there. It gives the Applications their
// finalizer itself, unless resources are to be preserved.
func (p ApplicationSetProps) object(at manifest.Component) *manifest.Object {
	spec := map[string]any{
		"goTemplate":        true,
		"goTemplateOptions": []string{"missingkey=error"},
		"generators":        []any{map[string]any{"list": map[string]any{"elements": p.elements()}}},
		"syncPolicy":        map[string]any{"preserveResourcesOnDeletion": !p.CascadeDeletion},
		"template": map[string]any{
			"metadata": map[string]any{
				"name": Environment{Name: "{{ .name }}"}.applicationName(at), "labels": at.Labels(), "annotations": annotations,
			},
			"spec": map[string]any{
				"project":     p.membership().projectName(),
				"source":      Source{p.Repository, "{{ .revision }}", "{{ .path }}"}.fields(),
				"destination": p.destination(),
				"syncPolicy":  p.Sync.policy(),
			},
		},
	}
	if p.automatesSome() {
		spec["templatePatch"] = syncPolicyPatch
	}
	return &manifest.Object{
		ID: "application-set", APIVersion: apiVersion, Kind: "ApplicationSet", Name: p.Name, Namespace: p.Namespace,
		Fields: map[string]any{"spec": spec},
	}
}

// syncPolicyPatch gives an Application the sync policy of its environment: the template itself can only hold texts that differ.
// https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Template/#template-patch
const syncPolicyPatch = `{"spec": {"syncPolicy": {{ toJson .syncPolicy }}}}`

// automatesSome reports whether environments are automated one by one.
func (p ApplicationSetProps) automatesSome() bool {
	return slices.ContainsFunc(p.Environments, func(e Environment) bool { return e.Automated != nil })
}

// naming reports whether environments identify their clusters by URL, by name, or both.
func (p ApplicationSetProps) naming() (byURL, byName bool) {
	for _, e := range p.Environments {
		byURL = byURL || e.Destination.isURL()
		byName = byName || !e.Destination.isURL()
	}
	return byURL, byName
}

// destination has a server and a name only if environments differ in that: then one of the two is empty, as if it were not
// there.
func (p ApplicationSetProps) destination() map[string]any {
	fields := map[string]any{"namespace": "{{ .namespace }}"}
	byURL, byName := p.naming()
	if byURL {
		fields["server"] = "{{ .server }}"
	}
	if byName {
		fields["name"] = "{{ .cluster }}"
	}
	return fields
}

func (p ApplicationSetProps) elements() []any {
	byURL, byName := p.naming()
	var elements []any
	for _, e := range p.Environments {
		element := map[string]any{"name": e.Name, "revision": e.Revision, "path": e.Path, "namespace": e.Destination.Namespace}
		if byURL {
			element["server"] = ""
		}
		if byName {
			element["cluster"] = ""
		}
		if e.Destination.isURL() {
			element["server"] = e.Destination.Cluster
		} else {
			element["cluster"] = e.Destination.Cluster
		}
		if p.automatesSome() {
			policy := map[string]any{}
			if e.Automated != nil {
				policy["automated"] = e.Automated.fields()
			}
			element["syncPolicy"] = policy
		}
		elements = append(elements, element)
	}
	return elements
}

// ApplicationSet returns the ApplicationSet.
func (s *ApplicationSet) ApplicationSet() cdk8s.ApiObject { return s.node.Handle(s.set) }
