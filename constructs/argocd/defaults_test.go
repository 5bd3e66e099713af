package argocd

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/ai-platform/manifests/internal/check/checktest"
	"github.com/ai-platform/manifests/internal/doctest"
	"github.com/ai-platform/manifests/internal/manifest"
)

// defaultOf is what a prop becomes that is not set, and what it should become.
type defaultOf struct{ got, want any }

// defaultWords are the words of documented defaults that are no literals.
var defaultWords = map[string]string{
	"ApplicationProps.CascadeDeletion":    "false",
	"ApplicationProps.ProjectName":        "the name of Project",
	"ApplicationSetProps.CascadeDeletion": "false",
	"ApplicationSetProps.ProjectName":     "the name of Project",
	"ApplicationProps.Sync":               "a manual sync",
	"ApplicationSetProps.Sync":            "a manual sync",
	"ClusterKind.Group":                   "the core group",
	"ClusterKind.Name":                    "all objects of the kind",
	"Destination.Cluster":                 "https://kubernetes.default.svc",
	"Environment.Revision":                "the Revision of the ApplicationSet",
	"GroupKind.Group":                     "the core group",
	"Retry.Backoff":                       "5 s",
	"Retry.MaxBackoff":                    "3 min",
}

// TestDefaults holds every default that is documented.
func TestDefaults(t *testing.T) {
	defaults := map[string]defaultOf{}
	for _, group := range []map[string]defaultOf{projectDefaults(), applicationDefaults(), applicationSetDefaults(), syncDefaults()} {
		maps.Copy(defaults, group)
	}
	wanted := map[string]any{}
	for name, value := range defaults {
		wanted[name] = value.want
		require.EqualValues(t, value.want, value.got, name)
	}
	doctest.RequireLiterals(t, wanted, defaultWords)
	require.Equal(t, doctest.Defaults(t), slices.Sorted(maps.Keys(defaults)), "the fields whose documentation names a default")
}

func specOf(o *manifest.Object) map[string]any { return o.Fields["spec"].(map[string]any) }

func projectDefaults() map[string]defaultOf {
	project := testProject(ProjectProps{})
	object := project.appProject()
	core := schema.GroupKind{Kind: "Namespace"}
	return map[string]defaultOf{
		"ProjectProps.Contents":        {project.admits, admitted{}},
		"ProjectProps.NamespacedKinds": {specOf(object)["namespaceResourceWhitelist"], nil},
		"ProjectProps.ClusterKinds":    {specOf(object)["clusterResourceWhitelist"], nil},
		"ProjectProps.Description":     {specOf(object)["description"], nil},
		"ProjectProps.Name":            {object.Name, "shop-production"},
		"ProjectProps.Namespace":       {object.Namespace, "argocd"},
		"GroupKind.Group":              {GroupKind{Kind: "Pod"}.entry(), map[string]any{"group": "", "kind": "Pod"}},
		"ClusterKind.Group":            {ClusterKind{Kind: "Namespace"}.admits(core, "a"), true},
		"ClusterKind.Name":             {ClusterKind{Kind: "Namespace"}.entry(), map[string]any{"group": "", "kind": "Namespace"}},
		"Destination.Cluster":          {Destination{}.withDefaults().fields(), map[string]any{"namespace": "", "server": "https://kubernetes.default.svc"}},
	}
}

func applicationDefaults() map[string]defaultOf {
	props := ApplicationProps{Project: testProject(ProjectProps{Name: "the-shop"})}.withDefaults(testComponent)
	object := props.object()
	return map[string]defaultOf{
		"ApplicationProps.ProjectName":     {specOf(object)["project"], "the-shop"},
		"ApplicationProps.Contents":        {validApplication().Validate(checktest.Prop).ToAggregate(), nil},
		"ApplicationProps.Sync":            {props.Sync, Sync{}.withDefaults()},
		"ApplicationProps.CascadeDeletion": {object.Finalizers, []string(nil)},
		"ApplicationProps.Name":            {object.Name, "shop-production"},
		"ApplicationProps.Namespace":       {object.Namespace, "argocd"},
	}
}

func applicationSetDefaults() map[string]defaultOf {
	props := validSet(production).withDefaults(testComponent)
	object := props.object(testComponent)
	template := specOf(object)["template"].(map[string]any)
	return map[string]defaultOf{
		"ApplicationSetProps.ProjectName":     {template["spec"].(map[string]any)["project"], "shop-production"},
		"ApplicationSetProps.Sync":            {props.Sync, Sync{}.withDefaults()},
		"ApplicationSetProps.CascadeDeletion": {specOf(object)["syncPolicy"], map[string]any{"preserveResourcesOnDeletion": true}},
		"ApplicationSetProps.Name":            {object.Name, "shop-production"},
		"ApplicationSetProps.Namespace":       {object.Namespace, "argocd"},
		"Environment.Automated":               {specOf(object)["templatePatch"], nil},
		"Environment.Revision":                {props.Environments[0].Revision, "main"},
		"Environment.Contents":                {props.Validate(checktest.Prop).ToAggregate(), nil},
	}
}

func syncDefaults() map[string]defaultOf {
	policy := Sync{}.withDefaults().policy()
	automated := Sync{Automated: &AutomatedSync{}}.withDefaults().policy()["automated"].(map[string]any)
	return map[string]defaultOf{
		"Sync.Automated":         {policy["automated"], nil},
		"Sync.Retry":             {policy["retry"].(map[string]any)["limit"], 5},
		"AutomatedSync.Prune":    {automated["prune"], false},
		"AutomatedSync.SelfHeal": {automated["selfHeal"], false},
		"Retry.Limit":            {*Sync{}.withDefaults().Retry.Limit, 5},
		"Retry.Backoff":          {policy["retry"].(map[string]any)["backoff"].(map[string]any)["duration"], "5s"},
		"Retry.MaxBackoff":       {policy["retry"].(map[string]any)["backoff"].(map[string]any)["maxDuration"], "3m"},
	}
}
