package constructs

import (
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
)

// placedRule is a rule that nodes must meet, and the prop that says so.
type placedRule struct {
	prop *field.Path
	NodeAffinityRule
}

// checkNodes refuses required rules about nodes that no node can meet, together with those before them and with the node selector.
func (p PodProps) checkNodes(path *field.Path) field.ErrorList {
	met := map[string][]placedRule{} // By the label's key.
	for key, value := range p.NodeSelector {
		met[key] = []placedRule{{check.At(path.Child("nodeSelector"), key), NodeAffinityRule{Operator: NodeLabelIn, Values: []string{value}}}}
	}
	var errs field.ErrorList
	for i, rule := range p.Affinity.Nodes {
		prop := path.Child("affinity", "nodes").Index(i)
		if !rule.Required || len(rule.validate(prop)) > 0 {
			continue
		}
		others := met[rule.Key]
		together := append(slices.Clone(others), placedRule{prop, rule})
		if canBeMet(together) {
			met[rule.Key] = together
			continue
		}
		problem := "no value of the label meets it"
		if len(others) > 0 {
			var props []string
			for _, other := range others {
				props = append(props, other.prop.String())
			}
			problem = "no node meets it and " + strings.Join(props, ", ") + ": remove one of them"
		}
		errs = append(errs, field.Forbidden(prop, problem))
	}
	return errs
}

// canBeMet tries all values that could make a difference, and a node without the label.
func canBeMet(rules []placedRule) bool {
	meetsAll := func(value string, has bool) bool {
		return !slices.ContainsFunc(rules, func(r placedRule) bool { return !r.isMet(value, has) })
	}
	if meetsAll("", false) {
		return true
	}
	named := []string{}
	for _, rule := range rules {
		named = append(named, rule.Values...)
	}
	other := "x"
	for slices.Contains(named, other) {
		other += "x"
	}
	candidates := append(slices.Clone(named), other)
	for _, value := range named {
		if bound, err := strconv.ParseInt(value, 10, 64); err == nil {
			for i := range int64(len(named)) + 1 { // As many as other rules can exclude, and one more.
				candidates = append(candidates, strconv.FormatInt(bound+1+i, 10), strconv.FormatInt(bound-1-i, 10))
			}
		}
	}
	return slices.ContainsFunc(candidates, func(value string) bool {
		return len(validation.IsValidLabelValue(value)) == 0 && meetsAll(value, true)
	})
}

// isMet reports whether a node meets the rule that has the label with the value, or does not have it.
func (r NodeAffinityRule) isMet(value string, has bool) bool {
	switch r.Operator {
	case NodeLabelIn:
		return has && slices.Contains(r.Values, value)
	case NodeLabelNotIn:
		return !has || !slices.Contains(r.Values, value)
	case NodeLabelExists:
		return has
	case NodeLabelDoesNotExist:
		return !has
	case NodeLabelGt, NodeLabelLt:
		return has && r.compares(value)
	}
	return false
}

// compares expects the operator Gt or Lt.
func (r NodeAffinityRule) compares(value string) bool {
	number, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return false
	}
	bound, _ := strconv.ParseInt(r.Values[0], 10, 64)
	if r.Operator == NodeLabelGt {
		return number > bound
	}
	return number < bound
}
