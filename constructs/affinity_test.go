package constructs

import (
	"testing"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check/checktest"
	"github.com/ai-platform/manifests/internal/manifest"
)

func validateAffinity(affinity Affinity, selector map[string]string) field.ErrorList {
	pod := PodProps{Affinity: affinity, NodeSelector: selector}.WithDefaults(manifest.Anywhere, goodPod)
	return pod.Validate(checktest.Prop)
}

func TestAffinityValidate(t *testing.T) {
	other := &Worker{workerTier{programTier: programTier{construct: construct{&manifest.Node{Component: manifest.Component{App: "shop", ID: "other", Namespace: "shop"}}}}}}
	runChecks(t, map[string]expectation{
		"all good": {errs: validateAffinity(Affinity{
			Nodes: []NodeAffinityRule{
				{Key: "disk", Values: []string{"ssd", ""}},
				{Key: "disk", Operator: NodeLabelNotIn, Values: []string{"hdd"}, Required: true},
				{Key: "cpus", Operator: NodeLabelGt, Values: []string{"0"}, Weight: 1},
				{Key: "example.com/spot", Operator: NodeLabelDoesNotExist, Weight: 100},
			},
			Near:  []PodAffinityRule{{Tier: other, Required: true}, {Labels: map[string]string{"app": "cache"}, Namespace: "shared"}},
			Apart: []PodAffinityRule{{Required: true}, {Tier: other, TopologyKey: "rack", Required: true}, {Tier: other}},
		}, nil)},
		"wrong rules about nodes": {
			validateAffinity(Affinity{Nodes: []NodeAffinityRule{
				{},
				{Key: "a b", Values: []string{"c d"}, Required: true, Weight: 1},
				{Key: "a", Operator: "Like", Values: []string{"b"}, Weight: 101},
				{Key: "a", Operator: NodeLabelExists, Values: []string{"b"}, Weight: -1},
				{Key: "a", Operator: NodeLabelGt},
				{Key: "a", Operator: NodeLabelLt, Values: []string{"1", "2"}},
				{Key: "a", Operator: NodeLabelLt, Values: []string{"1.5"}},
				{Key: "a", Operator: NodeLabelGt, Values: []string{"-1"}},
			}}, nil),
			[]string{
				"prop.affinity.nodes[0].key: Required value",
				"prop.affinity.nodes[0].values: Required value: at least one for the operator In",
				`prop.affinity.nodes[1].key: Invalid value: "a b": ` + checktest.QualifiedNameRule,
				`prop.affinity.nodes[1].values[0]: Invalid value: "c d": ` + checktest.LabelValueRule,
				"prop.affinity.nodes[1].weight: Forbidden: a rule that is required has no weight: remove one of them",
				`prop.affinity.nodes[2].operator: Unsupported value: "Like": supported values: "In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"`,
				"prop.affinity.nodes[2].weight: Invalid value: 101: must be between 1 and 100, inclusive",
				"prop.affinity.nodes[3].values: Forbidden: the operator Exists looks at no value: remove them",
				"prop.affinity.nodes[3].weight: Invalid value: -1: must be between 1 and 100, inclusive",
				`prop.affinity.nodes[4].values: Invalid value: null: must be one integer for the operator Gt`,
				`prop.affinity.nodes[5].values: Invalid value: ["1","2"]: must be one integer for the operator Lt`,
				`prop.affinity.nodes[6].values[0]: Invalid value: "1.5": must be an integer from 0 for the operator Lt`,
				`prop.affinity.nodes[7].values[0]: Invalid value: "-1": must be an integer from 0 for the operator Gt`,
			},
		},
		"wrong rules about pods": {
			validateAffinity(Affinity{
				Near: []PodAffinityRule{
					{Tier: (*Backend)(nil), Weight: 1000},
					{Tier: other, Labels: map[string]string{"a b": "c d"}, TopologyKey: "e f", Required: true},
					{Namespace: "A"},
				},
				Apart: []PodAffinityRule{{Tier: other, TopologyKey: "e f", Required: true}},
			}, nil),
			[]string{
				"prop.affinity.near[0].weight: Invalid value: 1000: must be between 1 and 100, inclusive",
				"prop.affinity.near[0].tier: Invalid value: null: must not be a nil *constructs.Backend: omit it, or create the construct first",
				`prop.affinity.near[1].labels[a b]: Invalid value: "a b": ` + checktest.QualifiedNameRule,
				`prop.affinity.near[1].labels[a b]: Invalid value: "c d": ` + checktest.LabelValueRule,
				`prop.affinity.near[1].topologyKey: Invalid value: "e f": ` + checktest.QualifiedNameRule,
				"prop.affinity.near[1].labels: Forbidden: tier says which pods are meant: remove one of them",
				`prop.affinity.near[2].namespace: Invalid value: "A": ` + checktest.LabelRule,
				"prop.affinity.near[2].labels: Required value: namespace is set: set the labels of the pods there, or remove it",
				`prop.affinity.apart[0].topologyKey: Invalid value: "e f": ` + checktest.QualifiedNameRule,
			},
		},
		"near and apart": {
			validateAffinity(Affinity{
				Near:  []PodAffinityRule{{Required: true}, {Labels: other.Component().Selector(), TopologyKey: "rack", Required: true}},
				Apart: []PodAffinityRule{{}, {Required: true}, {Required: true, TopologyKey: "rack"}},
			}, nil),
			[]string{"prop.affinity.apart[1]: Forbidden: prop.affinity.near[0] requires the opposite: remove one of them"},
		},
	})
}

func TestAffinityOfNodesThatDoNotExist(t *testing.T) {
	required := func(key string, operator NodeLabelOperator, values ...string) NodeAffinityRule {
		return NodeAffinityRule{Key: key, Operator: operator, Values: values, Required: true}
	}
	amd64 := map[string]string{"arch": "amd64"}
	const (
		selector = "prop.affinity.nodes[0]: Forbidden: no node meets it and prop.nodeSelector[arch]: remove one of them"
		pair     = "prop.affinity.nodes[1]: Forbidden: no node meets it and prop.affinity.nodes[0]: remove one of them"
	)
	checks := map[string]expectation{}
	for name, c := range map[string]struct {
		rules    []NodeAffinityRule
		selector map[string]string
		want     []string
	}{
		"selector among the values":    {[]NodeAffinityRule{required("arch", NodeLabelIn, "arm64", "amd64")}, amd64, nil},
		"selector not among them":      {[]NodeAffinityRule{required("arch", NodeLabelIn, "arm64")}, amd64, []string{selector}},
		"selector excluded":            {[]NodeAffinityRule{required("arch", NodeLabelNotIn, "amd64")}, amd64, []string{selector}},
		"selector must not exist":      {[]NodeAffinityRule{required("arch", NodeLabelDoesNotExist)}, amd64, []string{selector}},
		"selector is no number":        {[]NodeAffinityRule{required("arch", NodeLabelGt, "1")}, amd64, []string{selector}},
		"only preferred":               {[]NodeAffinityRule{{Key: "arch", Values: []string{"arm64"}}}, amd64, nil},
		"other key":                    {[]NodeAffinityRule{required("disk", NodeLabelIn, "ssd")}, amd64, nil},
		"disjoint values":              {[]NodeAffinityRule{required("a", NodeLabelIn, "b"), required("a", NodeLabelIn, "c")}, nil, []string{pair}},
		"exists and does not":          {[]NodeAffinityRule{required("a", NodeLabelExists), required("a", NodeLabelDoesNotExist)}, nil, []string{pair}},
		"absent and not that value":    {[]NodeAffinityRule{required("a", NodeLabelDoesNotExist), required("a", NodeLabelNotIn, "b")}, nil, nil},
		"any but that value":           {[]NodeAffinityRule{required("a", NodeLabelExists), required("a", NodeLabelNotIn, "x", "xx")}, nil, nil},
		"numbers between":              {[]NodeAffinityRule{required("a", NodeLabelGt, "3"), required("a", NodeLabelLt, "5")}, nil, nil},
		"no number between":            {[]NodeAffinityRule{required("a", NodeLabelGt, "3"), required("a", NodeLabelLt, "4")}, nil, []string{pair}},
		"a number that is not there":   {[]NodeAffinityRule{required("a", NodeLabelLt, "0")}, nil, []string{"prop.affinity.nodes[0]: Forbidden: no value of the label meets it"}},
		"greater than every number":    {[]NodeAffinityRule{required("a", NodeLabelGt, "9223372036854775807")}, nil, []string{"prop.affinity.nodes[0]: Forbidden: no value of the label meets it"}},
		"numbers of which some remain": {[]NodeAffinityRule{required("a", NodeLabelGt, "1"), required("a", NodeLabelNotIn, "2", "3")}, nil, nil},
		"three together": {
			[]NodeAffinityRule{required("a", NodeLabelIn, "b", "c"), required("a", NodeLabelNotIn, "b"), required("a", NodeLabelNotIn, "c")},
			nil,
			[]string{"prop.affinity.nodes[2]: Forbidden: no node meets it and prop.affinity.nodes[0], prop.affinity.nodes[1]: remove one of them"},
		},
	} {
		checks[name] = expectation{validateAffinity(Affinity{Nodes: c.rules}, c.selector), c.want}
	}
	runChecks(t, checks)
}
