package argocd

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check/checktest"
)

func validApplication() ApplicationProps {
	return ApplicationProps{
		Project: testProject(validProject()), Source: Source{Repository: repository, Revision: "main", Path: "dist"}, Destination: inShop,
	}
}

func TestApplicationProps(t *testing.T) {
	with := func(change func(*ApplicationProps)) field.ErrorList {
		props := validApplication()
		change(&props)
		return props.Validate(checktest.Prop)
	}
	runChecks(t, map[string]expectation{
		"good": {validApplication().Validate(checktest.Prop), nil},
		"a project that exists": {with(func(p *ApplicationProps) {
			p.Project, p.ProjectName, p.Source.Repository = nil, "platform", "https://example.com/other"
		}), nil},
		"nothing": {ApplicationProps{}.Validate(checktest.Prop), []string{
			"prop.project: Required value: set project, or projectName for an existing project",
			"prop.source.repository: Required value",
			"prop.source.revision: Required value",
			"prop.source.path: Required value: set . for the root of the repository",
			"prop.destination.namespace: Required value",
		}},
		"all wrong": {with(func(p *ApplicationProps) {
			p.ProjectName, p.Source, p.Destination = "platform", Source{"file:///a", "-a", "/"}, Destination{"A", "*"}
			p.Sync.Retry.Limit, p.Name, p.Namespace = new(-2), "a_b", "other"
		}), []string{
			"prop.projectName: Forbidden: must not be set together with project, which names it",
			`prop.namespace: Invalid value: "other": must be the namespace of the project, argocd`,
			`prop.source.repository: Invalid value: "file:///a": must be a URL that begins with https://, ssh:// or oci://, or git@host:path`,
			`prop.source.revision: Invalid value: "-a": must be a branch, a tag, a range of tags, a commit or HEAD`,
			`prop.source.path: Invalid value: "/": must be a directory of the repository, relative to its root`,
			`prop.destination.cluster: Invalid value: "*": must be a URL such as https://kubernetes.default.svc, or the name of a cluster`,
			`prop.destination.namespace: Invalid value: "A": ` + checktest.LabelRule,
			`prop.sync.retry.limit: Invalid value: -2: must be between -1 and 2147483647, inclusive`,
			`prop.name: Invalid value: "a_b": ` + checktest.SubdomainRule,
		}},
		"a wrong name of a project": {with(func(p *ApplicationProps) { p.Project, p.ProjectName = nil, "A" }), []string{
			`prop.projectName: Invalid value: "A": ` + checktest.SubdomainRule,
		}},
	})
}

// TestNotAdmitted holds that a project refuses at synthesis what Argo CD would refuse to sync.
func TestNotAdmitted(t *testing.T) {
	with := func(change func(*ApplicationProps)) field.ErrorList {
		props := validApplication()
		change(&props)
		return props.Validate(checktest.Prop)
	}
	contents := func(text string) field.ErrorList {
		return with(func(p *ApplicationProps) { p.Contents = files(text) })
	}
	refused := func(object, what string) string {
		return `prop.contents[shop.yaml]: Invalid value: "` + object + `": the project shop-production does not admit ` + what
	}
	withoutNamespace := strings.ReplaceAll(deployment, "  namespace: shop\n", "")
	elsewhere := strings.ReplaceAll(deployment, "namespace: shop", "namespace: blog")
	namespace := "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"
	custom := "apiVersion: example.com/v1\nkind: Shop\nmetadata: {name: a}\n"
	runChecks(t, map[string]expectation{
		"admitted":                       {contents(deployment), nil},
		"in the destination's namespace": {contents(withoutNamespace), nil},
		"a cluster by its other name":    {with(func(p *ApplicationProps) { p.Destination.Cluster = "in-cluster" }), nil},
		"kind":                           {contents("apiVersion: batch/v1\nkind: Job\nmetadata: {name: a, namespace: shop}\n"), []string{refused("Job shop/a", "the kind Job.batch")}},
		"kind of the cluster":            {contents(namespace), []string{refused("Namespace shop", "the kind Namespace")}},
		"custom kind":                    {contents(custom), []string{refused("Shop a", "the kind Shop.example.com")}},
		"namespace, once":                {contents(elsewhere + "---\n" + elsewhere), []string{refused("Deployment blog/api", "the namespace blog")}},
		"unreadable": {contents("a: ["), []string{
			"prop.contents[shop.yaml]: Invalid value: document 1: error converting YAML to JSON: yaml: line 1: did not find expected node content",
		}},
		"repository": {with(func(p *ApplicationProps) { p.Source.Repository += "2" }), []string{
			`prop.source.repository: Invalid value: "` + repository + `2": the project shop-production does not admit the repository`,
		}},
		"destination": {with(func(p *ApplicationProps) { p.Destination.Namespace = "blog" }), []string{
			`prop.destination: Invalid value: "blog": the project shop-production does not admit the namespace in the cluster https://kubernetes.default.svc`,
		}},
		"cluster": {with(func(p *ApplicationProps) { p.Destination.Cluster, p.Contents = "staging", files(deployment) }), []string{
			`prop.destination: Invalid value: "shop": the project shop-production does not admit the namespace in the cluster staging`,
			refused("Deployment shop/api", "the namespace shop"),
		}},
		"a project that is invalid itself": {with(func(p *ApplicationProps) { p.Project.valid, p.Contents = false, files(namespace) }), nil},
	})
}
