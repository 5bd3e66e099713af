package argocd

import (
	"cmp"
	"fmt"
	"slices"
	"unicode/utf8"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// ProjectProps are the properties of a Project. Except for ClusterKind.Name, no property accepts patterns.
type ProjectProps struct {
	// Repositories are the URLs of the repositories that Applications may apply directories of. Required.
	Repositories []string

	// Destinations are the namespaces that Applications may write to. Required.
	Destinations []Destination

	// Contents are the files that the Applications apply, as constructs.Render returns them. The project admits the
	// kinds of their objects, and the kinds that Kubernetes creates from them, such as the pods of a Deployment. Of
	// cluster-scoped kinds it admits only the names in the files. Defaults to none.
	//
	// Argo CD deletes only what the project admits. List a kind that is no longer in Contents in NamespacedKinds or
	// ClusterKinds until its last object has been pruned.
	Contents []map[string][]byte

	// NamespacedKinds are admitted in addition to those of Contents. Defaults to none.
	NamespacedKinds []GroupKind

	// ClusterKinds are admitted in addition to those of Contents. Defaults to none.
	ClusterKinds []ClusterKind

	// Description is shown in Argo CD. It may have 255 characters. Defaults to none.
	Description string

	// Name is the name of the AppProject. Defaults to <app>-<component>.
	Name string

	// Namespace is the namespace of Argo CD. Defaults to "argocd".
	Namespace string
}

// Project limits what Applications may apply, from which repositories and to which namespaces.
// https://argo-cd.readthedocs.io/en/stable/user-guide/projects/
type Project struct {
	construct
	props   ProjectProps
	admits  admitted
	valid   bool
	project cdk8s.ApiObject
}

// NewProject adds a Project: an AppProject.
func NewProject(scope awsconstructs.Construct, id string, props ProjectProps) *Project {
	node := manifest.NewNode(scope, id, "project")
	p := &Project{construct: construct{node}, props: props.withDefaults(node.Component)}
	admits, errs := p.props.validate(node.Path, node.Component)
	p.admits = admits
	if p.valid = node.Accept(errs); p.valid {
		p.project = node.Add(p.appProject())
	}
	return p
}

func (p ProjectProps) withDefaults(at manifest.Component) ProjectProps {
	p.Destinations = slices.Clone(p.Destinations)
	for i := range p.Destinations {
		p.Destinations[i] = p.Destinations[i].withDefaults()
	}
	p.Name = cmp.Or(p.Name, at.Name())
	p.Namespace = cmp.Or(p.Namespace, DefaultNamespace)
	return p
}

// Validate checks the props, except for what depends on the chart.
func (p ProjectProps) Validate(path *field.Path) field.ErrorList {
	_, errs := p.withDefaults(manifest.Anywhere).validate(path, manifest.Anywhere)
	return errs
}

// validate also returns what the project admits, which it has to find out: contents are read once.
func (p ProjectProps) validate(path *field.Path, at manifest.Component) (admitted, field.ErrorList) {
	errs := checkEach(path.Child("repositories"), p.Repositories, checkRepository)
	errs = append(errs, checkEach(path.Child("destinations"), p.Destinations, func(at *field.Path, d Destination) field.ErrorList {
		return d.validate(at)
	})...)
	admits, wrong := p.validateKinds(path)
	errs = append(errs, wrong...)
	errs = append(errs, check.Text(path.Child("description"), p.Description)...)
	if utf8.RuneCountInString(p.Description) > maxDescription {
		errs = append(errs, field.Invalid(path.Child("description"), field.OmitValueType{}, fmt.Sprintf("must be at most %d characters", maxDescription)))
	}
	return admits, append(errs, checkNames(path, at, p.Name, p.Namespace)...)
}

// maxDescription is the limit of the AppProject's schema, in characters.
const maxDescription = 255

// checkEach checks the elements of a list that must not be empty, and have nothing twice.
func checkEach[T comparable](path *field.Path, list []T, checkOne func(*field.Path, T) field.ErrorList) field.ErrorList {
	if len(list) == 0 {
		return field.ErrorList{field.Required(path, "")}
	}
	var errs field.ErrorList
	for i, element := range list {
		at := path.Index(i)
		errs = append(errs, checkOne(at, element)...)
		if first := slices.Index(list[:i], element); first >= 0 {
			errs = append(errs, check.Duplicate(at, element, "the same as "+path.Index(first).String()))
		}
	}
	return errs
}

func (p ProjectProps) validateKinds(path *field.Path) (admitted, field.ErrorList) {
	var errs field.ErrorList
	for i, kind := range p.NamespacedKinds {
		errs = append(errs, kind.validate(path.Child("namespacedKinds").Index(i))...)
	}
	for i, kind := range p.ClusterKinds {
		errs = append(errs, kind.validate(path.Child("clusterKinds").Index(i))...)
	}
	admits, unreadable := p.admitted(path)
	errs = append(errs, unreadable...)
	if len(errs) == 0 && len(admits.namespaced)+len(admits.cluster) == 0 {
		errs = append(errs, field.Required(path.Child("contents"), "set contents, namespacedKinds or clusterKinds: without any, the project admits nothing"))
	}
	return admits, errs
}

// checkNames checks those of an object of Argo CD. The name that it has by default is checked with the component.
func checkNames(path *field.Path, at manifest.Component, name, namespace string) field.ErrorList {
	var errs field.ErrorList
	if name != at.Name() {
		errs = check.ObjectName(path.Child("name"), name)
	}
	return append(errs, check.Invalid(path.Child("namespace"), namespace, validation.IsDNS1123Label(namespace))...)
}

// admitted are the kinds that a project admits.
type admitted struct {
	namespaced []GroupKind
	cluster    []ClusterKind
}

func (p ProjectProps) admitted(path *field.Path) (admitted, field.ErrorList) {
	kinds := admitted{slices.Clone(p.NamespacedKinds), slices.Clone(p.ClusterKinds)}
	var errs field.ErrorList
	for i, files := range p.Contents {
		objects, unreadable := read(path.Child("contents").Index(i), files)
		errs = append(errs, unreadable...)
		for _, o := range objects {
			clusterScoped, namespaced := o.mayBe()
			if clusterScoped {
				kinds.cluster = append(kinds.cluster, ClusterKind{o.Group, o.Kind, exactly(o.Name)})
			}
			if namespaced {
				kinds.namespaced = append(kinds.namespaced, GroupKind{o.Group, o.Kind})
				kinds.namespaced = append(kinds.namespaced, dependents[o.GroupKind]...)
			}
		}
	}
	return admitted{sorted(kinds.namespaced, GroupKind.compare), sorted(kinds.cluster, ClusterKind.compare)}, errs
}

func (a admitted) admits(object content) bool {
	clusterScoped, namespaced := object.mayBe()
	return clusterScoped && slices.ContainsFunc(a.cluster, func(k ClusterKind) bool { return k.admits(object.GroupKind, object.Name) }) ||
		namespaced && slices.Contains(a.namespaced, GroupKind{object.Group, object.Kind})
}

// appProject denies all namespaced kinds if there are none: to Argo CD an empty list is the same as none, which admits all.
func (p *Project) appProject() *manifest.Object {
	spec := map[string]any{"sourceRepos": p.props.Repositories}
	for _, d := range p.props.Destinations {
		spec["destinations"] = appendTo(spec["destinations"], d.fields())
	}
	if p.props.Description != "" {
		spec["description"] = p.props.Description
	}
	for _, kind := range p.admits.cluster {
		spec["clusterResourceWhitelist"] = appendTo(spec["clusterResourceWhitelist"], kind.entry())
	}
	for _, kind := range p.admits.namespaced {
		spec["namespaceResourceWhitelist"] = appendTo(spec["namespaceResourceWhitelist"], kind.entry())
	}
	if len(p.admits.namespaced) == 0 {
		spec["namespaceResourceBlacklist"] = appendTo(nil, GroupKind{"*", "*"}.entry())
	}
	return &manifest.Object{
		ID: "project", APIVersion: apiVersion, Kind: "AppProject", Name: p.props.Name, Namespace: p.props.Namespace,
		Fields: map[string]any{"spec": spec},
	}
}

func appendTo(list any, entry map[string]any) []any {
	entries, _ := list.([]any)
	return append(entries, entry)
}

// AppProject returns the AppProject.
func (p *Project) AppProject() cdk8s.ApiObject { return p.node.Handle(p.project) }

// membership is the project that an Application belongs to.
type membership struct {
	project *Project
	name    string
}

// projectName is the name in the Application.
func (m membership) projectName() string {
	if m.project != nil {
		return m.project.props.Name
	}
	return m.name
}

func (m membership) validate(path *field.Path, at manifest.Component, namespace string) field.ErrorList {
	prop := path.Child("project")
	if m.project == nil {
		if m.name == "" {
			return field.ErrorList{field.Required(prop, "set project, or projectName for an existing project")}
		}
		return check.ObjectName(path.Child("projectName"), m.name)
	}
	var errs field.ErrorList
	if m.name != "" {
		errs = append(errs, field.Forbidden(path.Child("projectName"), "must not be set together with project, which names it"))
	}
	if m.project.props.Namespace != namespace {
		errs = append(errs, field.Invalid(path.Child("namespace"), namespace, "must be the namespace of the project, "+m.project.props.Namespace))
	}
	return append(errs, m.project.node.Component.CheckTree(prop, at)...)
}

// checkRepository checks that the project admits a repository. Here as below, a project that is not valid itself, or of which
// only the name is known, has nothing to say.
func (m membership) checkRepository(at *field.Path, repository string) field.ErrorList {
	if m.admitsAll() || slices.Contains(m.project.props.Repositories, repository) {
		return nil
	}
	return field.ErrorList{m.notAdmitted(at, repository, "the repository")}
}

func (m membership) checkDestination(at *field.Path, destination Destination) field.ErrorList {
	if m.admitsAll() || m.project.admitsDestination(destination) {
		return nil
	}
	return field.ErrorList{m.notAdmitted(at, destination.Namespace, "the namespace in the cluster "+destination.Cluster)}
}

// checkContents reports each problem once in a file, whatever the number of objects that have it.
func (m membership) checkContents(at *field.Path, contents map[string][]byte, destination Destination) field.ErrorList {
	objects, errs := read(at, contents)
	if m.admitsAll() {
		return errs
	}
	refuse := func(o content, what string) {
		err := m.notAdmitted(o.at, o.String(), what)
		if !slices.ContainsFunc(errs, func(e *field.Error) bool { return e.Field == err.Field && e.Detail == err.Detail }) {
			errs = append(errs, err)
		}
	}
	for _, o := range objects {
		if !m.project.admits.admits(o) {
			refuse(o, "the kind "+o.GroupKind.String())
		}
		if _, namespaced := o.mayBe(); !namespaced || o.Namespace == "" {
			continue
		}
		if !m.project.admitsDestination(Destination{o.Namespace, destination.Cluster}) {
			refuse(o, "the namespace "+o.Namespace)
		}
	}
	return errs
}

func (m membership) admitsAll() bool { return m.project == nil || !m.project.valid }

func (m membership) notAdmitted(at *field.Path, value, what string) *field.Error {
	return field.Invalid(at, value, fmt.Sprintf("the project %s does not admit %s", m.project.props.Name, what))
}

func (p *Project) admitsDestination(d Destination) bool {
	return slices.ContainsFunc(p.props.Destinations, d.same)
}
