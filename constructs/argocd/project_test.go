package argocd

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/ai-platform/manifests/internal/check/checktest"
	"github.com/ai-platform/manifests/internal/manifest"
)

func validProject() ProjectProps {
	return ProjectProps{
		Repositories: []string{repository}, Destinations: []Destination{inShop}, NamespacedKinds: []GroupKind{{"apps", "Deployment"}},
	}
}

func TestProjectProps(t *testing.T) {
	valid := validProject()
	contentsOnly := ProjectProps{Repositories: valid.Repositories, Destinations: valid.Destinations, Contents: []map[string][]byte{files(deployment)}}
	clusterKind := func(kind ClusterKind) ProjectProps {
		props := validProject()
		props.ClusterKinds = []ClusterKind{kind}
		return props
	}
	runChecks(t, map[string]expectation{
		"good":          {valid.Validate(checktest.Prop), nil},
		"contents only": {contentsOnly.Validate(checktest.Prop), nil},
		"nothing": {ProjectProps{}.Validate(checktest.Prop), []string{
			"prop.repositories: Required value",
			"prop.destinations: Required value",
			"prop.contents: Required value: set contents, namespacedKinds or clusterKinds: without any, the project admits nothing",
		}},
		"all wrong": {
			ProjectProps{
				Repositories:    []string{"http://example.com/a", repository, repository},
				Destinations:    []Destination{inShop, {Namespace: "shop", Cluster: DefaultCluster}, {Cluster: "*"}},
				Contents:        []map[string][]byte{nil, files("a: [")},
				NamespacedKinds: []GroupKind{{"apps", ""}, {"*", "*"}},
				ClusterKinds:    []ClusterKind{{"", "Namespace", "["}, {"", "namespace", ""}},
				Description:     strings.Repeat("ü", 256),
				Name:            "A",
				Namespace:       "A",
			}.Validate(checktest.Prop),
			[]string{
				`prop.repositories[0]: Invalid value: "http://example.com/a": must be a URL that begins with https://, ssh:// or oci://, or git@host:path`,
				`prop.repositories[2]: Duplicate value: "` + repository + `": the same as prop.repositories[1]`,
				`prop.destinations[1]: Duplicate value: {"Namespace":"shop","Cluster":"https://kubernetes.default.svc"}: the same as prop.destinations[0]`,
				`prop.destinations[2].cluster: Invalid value: "*": must be a URL such as https://kubernetes.default.svc, or the name of a cluster`,
				`prop.destinations[2].namespace: Required value`,
				`prop.namespacedKinds[0].kind: Required value`,
				`prop.namespacedKinds[1].group: Invalid value: "*": ` + checktest.SubdomainRule,
				`prop.namespacedKinds[1].kind: Invalid value: "*": must be a kind such as Deployment`,
				`prop.clusterKinds[0].name: Invalid value: "[": must be a name, or a pattern such as team-*`,
				`prop.clusterKinds[1].kind: Invalid value: "namespace": must be a kind such as Deployment`,
				`prop.contents[1][shop.yaml]: Invalid value: document 1: error converting YAML to JSON: yaml: line 1: did not find expected node content`,
				`prop.description: Invalid value: must be at most 255 characters`,
				`prop.name: Invalid value: "A": ` + checktest.SubdomainRule,
				`prop.namespace: Invalid value: "A": ` + checktest.LabelRule,
			},
		},
		"a name":    {clusterKind(ClusterKind{"", "Namespace", "shop"}).Validate(checktest.Prop), nil},
		"a pattern": {clusterKind(ClusterKind{"", "Namespace", "shop-[a-c]*"}).Validate(checktest.Prop), nil},
	})
}

// TestAdmittedKinds are those of the contents, and what Kubernetes makes of them.
func TestAdmittedKinds(t *testing.T) {
	props := ProjectProps{
		Contents: []map[string][]byte{
			{"a.yaml": []byte(deployment + "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"), "ignored.txt": []byte("a: [")},
			{"b.yml": []byte("---\n# Nothing\n---\n" + deployment), "c.json": []byte(`{"apiVersion":"v1","kind":"SecretList","items":[
				{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"}}]}`)},
			files("apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: 'system:a*[b]'}\n"),
			files("apiVersion: example.com/v1\nkind: Shop\nmetadata: {name: a}\n"),
			files("apiVersion: example.com/v1\nkind: Till\nmetadata: {name: a, namespace: shop}\n"),
		},
		NamespacedKinds: []GroupKind{{"", "ConfigMap"}, {"batch", "Job"}},
		ClusterKinds:    []ClusterKind{{"", "Namespace", "shop-*"}},
	}
	kinds, errs := props.admitted(checktest.Prop)
	require.Empty(t, errs)
	require.Equal(t, admitted{
		namespaced: []GroupKind{
			{"", "ConfigMap"}, {"", "Pod"}, {"", "Secret"}, {"apps", "Deployment"}, {"apps", "ReplicaSet"}, {"batch", "Job"}, {"example.com", "Shop"}, {"example.com", "Till"},
		},
		cluster: []ClusterKind{
			{"", "Namespace", "shop"}, {"", "Namespace", "shop-*"}, {"example.com", "Shop", "a"}, {"rbac.authorization.k8s.io", "ClusterRole", `system:a\*\[b]`},
		},
	}, kinds)
	for _, files := range props.Contents {
		objects, _ := read(checktest.Prop, files)
		for _, o := range objects {
			require.True(t, kinds.admits(o), o)
		}
	}
	for name, admits := range map[string]bool{"shop": true, "shop-a": true, "other": false} {
		namespace := content{Key: manifest.Key{GroupKind: schema.GroupKind{Kind: "Namespace"}, Name: name}}
		require.Equal(t, admits, kinds.admits(namespace), name)
	}
}

func TestUnreadableContents(t *testing.T) {
	unreadable := func(text, want string) expectation {
		_, errs := read(checktest.Prop, files(text))
		return expectation{errs, []string{"prop[shop.yaml]: Invalid value: " + want}}
	}
	const noObject = "must be an object, with apiVersion, kind and metadata.name"
	runChecks(t, map[string]expectation{
		"no YAML":         unreadable("a\n  b: c", "document 1: error converting YAML to JSON: yaml: line 2: mapping values are not allowed in this context"),
		"no map":          unreadable("[a]", "document 1: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}"),
		"no kind":         unreadable(deployment+"---\napiVersion: v1\nmetadata: {name: a}\n", "document 2: "+noObject),
		"no name":         unreadable("apiVersion: v1\nkind: ConfigMap\n", "document 1: "+noObject),
		"no version":      unreadable("kind: ConfigMap\nmetadata: {name: a}\n", "document 1: "+noObject),
		"a list of words": unreadable("apiVersion: v1\nkind: List\nitems: [a]\n", "document 1: "+noObject),
	})
}
