package constructs

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// Affinity controls which nodes pods run on, in addition to NodeSelector and Spread. The scheduler considers only nodes that satisfy every
// rule that is Required, and prefers those that satisfy other rules, by their weights. It applies the rules when it schedules a pod: running
// pods are not moved.
// https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#affinity-and-anti-affinity
type Affinity struct {
	// Nodes are rules about the labels of nodes. Defaults to none.
	Nodes []NodeAffinityRule

	// Near places the pods where other pods run. Defaults to none.
	Near []PodAffinityRule

	// Apart places the pods where other pods do not run. A rule that is Required also keeps these others away from the pods.
	// Defaults to none.
	Apart []PodAffinityRule
}

// NodeAffinityRule is a rule about one label of the nodes.
type NodeAffinityRule struct {
	// Key is the key of the label. Required.
	Key string

	// Operator compares the label with Values. Defaults to NodeLabelIn.
	Operator NodeLabelOperator

	// Values are at least one value for NodeLabelIn and NodeLabelNotIn, one integer for NodeLabelGt and NodeLabelLt, and
	// none for the other operators.
	Values []string

	// Required keeps a pod pending if no node satisfies the rule. Defaults to false: the rule is a preference.
	Required bool

	// Weight is the weight of a preference among others, from 1 to 100. Forbidden if Required. Defaults to 100.
	Weight int
}

// NodeLabelOperator compares a label of a node with values.
type NodeLabelOperator string

// The operators of node affinity.
const (
	NodeLabelIn           NodeLabelOperator = "In"
	NodeLabelNotIn        NodeLabelOperator = "NotIn" // Also for nodes without the label.
	NodeLabelExists       NodeLabelOperator = "Exists"
	NodeLabelDoesNotExist NodeLabelOperator = "DoesNotExist"
	NodeLabelGt           NodeLabelOperator = "Gt"
	NodeLabelLt           NodeLabelOperator = "Lt"
)

// PodAffinityRule is a rule about other pods.
type PodAffinityRule struct {
	// Tier selects the pods of a tier. Defaults to the tier that has the rule, unless Labels is set.
	Tier Tier

	// Labels select pods by their labels instead of a tier. Defaults to those of Tier.
	Labels map[string]string

	// Namespace is the namespace of the pods that Labels select. Defaults to the tier's namespace.
	Namespace string

	// TopologyKey is the label of nodes that groups them, such as by zone: nodes with the same value count as one place.
	// Defaults to "kubernetes.io/hostname": the same node.
	TopologyKey string

	// Required keeps a pod pending if no node satisfies the rule. With Apart and no other tier, pods need as many nodes as there are
	// replicas, and another one during a rollout, unless its MaxSurge is 0. Defaults to false: the rule is a preference.
	Required bool

	// Weight is the weight of a preference among others, from 1 to 100. Forbidden if Required. Defaults to 100.
	Weight int
}

const (
	defaultAffinityTopologyKey = "kubernetes.io/hostname"
	defaultAffinityWeight      = 100
)

// Tier is a construct with pods.
type Tier interface {
	// Component is for use within this module, which implements all tiers.
	Component() manifest.Component
}

func (a Affinity) withDefaults() Affinity {
	a.Nodes = slices.Clone(a.Nodes)
	for i := range a.Nodes {
		rule := &a.Nodes[i]
		rule.Operator = cmp.Or(rule.Operator, NodeLabelIn)
		rule.Weight = weightWithDefault(rule.Required, rule.Weight)
	}
	a.Near, a.Apart = podRulesWithDefaults(a.Near), podRulesWithDefaults(a.Apart)
	return a
}

func podRulesWithDefaults(rules []PodAffinityRule) []PodAffinityRule {
	rules = slices.Clone(rules)
	for i := range rules {
		rules[i].TopologyKey = cmp.Or(rules[i].TopologyKey, defaultAffinityTopologyKey)
		rules[i].Weight = weightWithDefault(rules[i].Required, rules[i].Weight)
	}
	return rules
}

func weightWithDefault(required bool, weight int) int {
	if required {
		return weight
	}
	return cmp.Or(weight, defaultAffinityWeight)
}

// validate expects the defaults to be filled in.
func (a Affinity) validate(path *field.Path, at manifest.Component) field.ErrorList {
	var errs field.ErrorList
	for i, rule := range a.Nodes {
		errs = append(errs, rule.validate(path.Child("nodes").Index(i))...)
	}
	for i, rule := range a.Near {
		errs = append(errs, rule.validate(path.Child("near").Index(i), at)...)
	}
	for i, rule := range a.Apart {
		prop := path.Child("apart").Index(i)
		errs = append(errs, rule.validate(prop, at)...)
		excludes := func(near PodAffinityRule) bool { return near.Required && rule.Required && near.sameAs(rule, at) }
		if j := slices.IndexFunc(a.Near, excludes); j >= 0 {
			errs = append(errs, field.Forbidden(prop, fmt.Sprintf("%s requires the opposite: remove one of them", path.Child("near").Index(j))))
		}
	}
	return errs
}

func validateWeight(path *field.Path, required bool, weight int) field.ErrorList {
	if required && weight != 0 {
		return field.ErrorList{field.Forbidden(path, "a rule that is required has no weight: remove one of them")}
	}
	if !required && (weight < 1 || weight > 100) {
		return field.ErrorList{field.Invalid(path, weight, validation.InclusiveRangeError(1, 100))}
	}
	return nil
}

func (r NodeAffinityRule) validate(path *field.Path) field.ErrorList {
	return slices.Concat(
		check.RequiredLabel(path.Child("key"), r.Key, validation.IsQualifiedName),
		r.validateValues(path),
		validateWeight(path.Child("weight"), r.Required, r.Weight),
	)
}

func (r NodeAffinityRule) validateValues(path *field.Path) field.ErrorList {
	prop := path.Child("values")
	var errs field.ErrorList
	switch r.Operator {
	case NodeLabelIn, NodeLabelNotIn:
		if len(r.Values) == 0 {
			errs = append(errs, field.Required(prop, "at least one for the operator "+string(r.Operator)))
		}
		for i, value := range r.Values {
			errs = append(errs, check.Invalid(prop.Index(i), value, validation.IsValidLabelValue(value))...)
		}
	case NodeLabelExists, NodeLabelDoesNotExist:
		if len(r.Values) > 0 {
			errs = append(errs, field.Forbidden(prop, "the operator "+string(r.Operator)+" looks at no value: remove them"))
		}
	case NodeLabelGt, NodeLabelLt:
		// The API server accepts any text; the scheduler finds no node for one that is no integer.
		// https://github.com/kubernetes/kubernetes/blob/v1.35.4/staging/src/k8s.io/component-helpers/scheduling/corev1/nodeaffinity/nodeaffinity.go
		if len(r.Values) != 1 {
			return field.ErrorList{field.Invalid(prop, r.Values, "must be one integer for the operator "+string(r.Operator))}
		}
		if _, err := strconv.ParseInt(r.Values[0], 10, 64); err != nil || len(validation.IsValidLabelValue(r.Values[0])) > 0 {
			errs = append(errs, field.Invalid(prop.Index(0), r.Values[0], "must be an integer from 0 for the operator "+string(r.Operator)))
		}
	default:
		errs = check.OneOf(path.Child("operator"), r.Operator, NodeLabelIn, NodeLabelNotIn, NodeLabelExists, NodeLabelDoesNotExist, NodeLabelGt, NodeLabelLt)
	}
	return errs
}

func (r PodAffinityRule) validate(path *field.Path, at manifest.Component) field.ErrorList {
	errs := slices.Concat(
		check.Labels(path.Child("labels"), r.Labels),
		check.RequiredLabel(path.Child("topologyKey"), r.TopologyKey, validation.IsQualifiedName),
		validateWeight(path.Child("weight"), r.Required, r.Weight),
	)
	if r.Namespace != "" {
		errs = append(errs, check.Invalid(path.Child("namespace"), r.Namespace, validation.IsDNS1123Label(r.Namespace))...)
		if len(r.Labels) == 0 {
			errs = append(errs, field.Required(path.Child("labels"), "namespace is set: set the labels of the pods there, or remove it"))
		}
	}
	if r.Tier == nil {
		return errs
	}
	tier := path.Child("tier")
	if manifest.IsNil(r.Tier) {
		return append(errs, manifest.NilServer(tier, r.Tier))
	}
	if len(r.Labels) > 0 {
		errs = append(errs, field.Forbidden(path.Child("labels"), "tier says which pods are meant: remove one of them"))
	}
	return append(errs, r.Tier.Component().CheckReach(tier, at)...)
}

// sameAs reports whether two rules mean the same pods and nodes.
func (r PodAffinityRule) sameAs(other PodAffinityRule, at manifest.Component) bool {
	pods, namespace := r.pods(at)
	otherPods, otherNamespace := other.pods(at)
	return r.TopologyKey == other.TopologyKey && maps.Equal(pods, otherPods) && namespace == otherNamespace
}

// pods are the labels and the namespace of the pods that a tier's rule means.
func (r PodAffinityRule) pods(at manifest.Component) (labels map[string]string, namespace string) {
	switch {
	case len(r.Labels) > 0:
		return r.Labels, cmp.Or(r.Namespace, at.Namespace)
	case manifest.IsNil(r.Tier):
		return at.Selector(), at.Namespace
	}
	return r.Tier.Component().Selector(), r.Tier.Component().Namespace
}

// spec is nil without rules.
func (a Affinity) spec(at manifest.Component) *k8s.Affinity {
	var affinity k8s.Affinity
	affinity.NodeAffinity = nodeAffinity(a.Nodes)
	if required, preferred := podTerms(a.Near, at); required != nil || preferred != nil {
		affinity.PodAffinity = &k8s.PodAffinity{
			RequiredDuringSchedulingIgnoredDuringExecution: required, PreferredDuringSchedulingIgnoredDuringExecution: preferred,
		}
	}
	if required, preferred := podTerms(a.Apart, at); required != nil || preferred != nil {
		affinity.PodAntiAffinity = &k8s.PodAntiAffinity{
			RequiredDuringSchedulingIgnoredDuringExecution: required, PreferredDuringSchedulingIgnoredDuringExecution: preferred,
		}
	}
	if affinity == (k8s.Affinity{}) {
		return nil
	}
	return &affinity
}

// nodeAffinity makes one term of all required rules, because a node has to meet only one of several terms.
func nodeAffinity(rules []NodeAffinityRule) *k8s.NodeAffinity {
	if len(rules) == 0 {
		return nil
	}
	affinity := &k8s.NodeAffinity{}
	required, preferred := []*k8s.NodeSelectorRequirement{}, []*k8s.PreferredSchedulingTerm{}
	for _, rule := range rules {
		requirement := &k8s.NodeSelectorRequirement{Key: jsii.String(rule.Key), Operator: jsii.String(string(rule.Operator))}
		if len(rule.Values) > 0 {
			requirement.Values = jsii.Strings(rule.Values...)
		}
		if rule.Required {
			required = append(required, requirement)
			continue
		}
		preferred = append(preferred, &k8s.PreferredSchedulingTerm{
			Preference: &k8s.NodeSelectorTerm{MatchExpressions: &[]*k8s.NodeSelectorRequirement{requirement}}, Weight: jsii.Number(rule.Weight),
		})
	}
	if len(required) > 0 {
		affinity.RequiredDuringSchedulingIgnoredDuringExecution = &k8s.NodeSelector{
			NodeSelectorTerms: &[]*k8s.NodeSelectorTerm{{MatchExpressions: &required}},
		}
	}
	if len(preferred) > 0 {
		affinity.PreferredDuringSchedulingIgnoredDuringExecution = &preferred
	}
	return affinity
}

// podTerms are nil without any.
func podTerms(rules []PodAffinityRule, at manifest.Component) (required *[]*k8s.PodAffinityTerm, preferred *[]*k8s.WeightedPodAffinityTerm) {
	for _, rule := range rules {
		labels, namespace := rule.pods(at)
		term := &k8s.PodAffinityTerm{LabelSelector: manifest.Selecting(labels), TopologyKey: jsii.String(rule.TopologyKey)}
		if namespace != at.Namespace {
			term.Namespaces = jsii.Strings(namespace)
		}
		if rule.Required {
			if required == nil {
				required = &[]*k8s.PodAffinityTerm{}
			}
			*required = append(*required, term)
			continue
		}
		if preferred == nil {
			preferred = &[]*k8s.WeightedPodAffinityTerm{}
		}
		*preferred = append(*preferred, &k8s.WeightedPodAffinityTerm{PodAffinityTerm: term, Weight: jsii.Number(rule.Weight)})
	}
	return required, preferred
}
