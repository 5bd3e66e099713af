package argocd

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check/checktest"
)

func validSet(environments ...Environment) ApplicationSetProps {
	return ApplicationSetProps{Project: testProject(validProject()), Repository: repository, Revision: "main", Environments: environments}
}

var production = Environment{Name: "production", Path: "dist", Destination: inShop}

func TestApplicationSetProps(t *testing.T) {
	pinned := production
	pinned.Revision = "v1"
	withoutRevision := validSet(pinned, production)
	withoutRevision.Revision = ""
	named := func(name string) field.ErrorList {
		e := production
		e.Name = name
		return validSet(e).Validate(checktest.Prop)
	}
	wrong := validSet(production, production, Environment{})
	wrong.Repository, wrong.Sync.Retry.Limit, wrong.Name, wrong.Namespace, wrong.Project = "", new(-2), "a/b", "A", nil
	other := validSet(Environment{Name: "blog", Path: "blog", Destination: Destination{Namespace: "blog"}, Contents: files(deployment + "---\napiVersion: v1\nkind: Secret\nmetadata: {name: a}\n")})
	other.Repository += "2"
	runChecks(t, map[string]expectation{
		"good":           {validSet(production).Validate(checktest.Prop), nil},
		"admitted":       {validSet(Environment{"a.b", "a", inShop, "", nil, files(deployment)}).Validate(checktest.Prop), nil},
		"no environment": {validSet().Validate(checktest.Prop), []string{"prop.environments: Required value"}},
		"no revision of one": {withoutRevision.Validate(checktest.Prop), []string{
			"prop.environments[1].revision: Required value",
			`prop.environments[1].name: Duplicate value: "production": already the name of prop.environments[0]`,
		}},
		"longest name": {named(strings.Repeat("a.", 124) + "a"), nil},
		"too long name": {named(strings.Repeat("a.", 125) + "a"), []string{
			`prop.environments[0].name: Invalid value: "app-` + strings.Repeat("a.", 125) + `a": must be no more than 253 characters`,
		}},
		"no name for the API": {named("Production"), []string{`prop.environments[0].name: Invalid value: "Production": ` + checktest.SubdomainRule}},
		"a template":          {named("{{ .path }}"), []string{`prop.environments[0].name: Invalid value: "{{ .path }}": ` + checktest.SubdomainRule}},
		"all wrong": {wrong.Validate(checktest.Prop), []string{
			"prop.project: Required value: set project, or projectName for an existing project",
			"prop.repository: Required value",
			`prop.environments[1].name: Duplicate value: "production": already the name of prop.environments[0]`,
			"prop.environments[2].name: Required value",
			"prop.environments[2].path: Required value: set . for the root of the repository",
			"prop.environments[2].destination.namespace: Required value",
			"prop.sync.retry.limit: Invalid value: -2: must be between -1 and 2147483647, inclusive",
			`prop.name: Invalid value: "a/b": ` + checktest.SubdomainRule,
			`prop.namespace: Invalid value: "A": ` + checktest.LabelRule,
		}},
		"not admitted": {other.Validate(checktest.Prop), []string{
			`prop.repository: Invalid value: "` + repository + `2": the project shop-production does not admit the repository`,
			`prop.environments[0].destination: Invalid value: "blog": the project shop-production does not admit the namespace in the cluster https://kubernetes.default.svc`,
			`prop.environments[0].contents[shop.yaml]: Invalid value: "Secret a": the project shop-production does not admit the kind Secret`,
		}},
	})
}

// An Application's destination is a URL or a name; where environments differ, the one that is empty counts as not there.
func TestClustersByURLAndByName(t *testing.T) {
	staging := Environment{Name: "staging", Path: "staging", Destination: Destination{Namespace: "shop", Cluster: "staging"}}
	set := func(environments ...Environment) ApplicationSetProps {
		return validSet(environments...).withDefaults(testComponent)
	}
	require.Equal(t, map[string]any{"namespace": "{{ .namespace }}", "server": "{{ .server }}"}, set(production).destination())
	require.Equal(t, map[string]any{"namespace": "{{ .namespace }}", "name": "{{ .cluster }}"}, set(staging).destination())
	both := set(production, staging)
	require.Equal(t, map[string]any{"namespace": "{{ .namespace }}", "name": "{{ .cluster }}", "server": "{{ .server }}"}, both.destination())
	require.Equal(t, []any{
		map[string]any{"name": "production", "path": "dist", "revision": "main", "namespace": "shop", "server": DefaultCluster, "cluster": ""},
		map[string]any{"name": "staging", "path": "staging", "revision": "main", "namespace": "shop", "server": "", "cluster": "staging"},
	}, both.elements())
}
