package chart

import (
	"github.com/ai-platform/manifests/internal/chart"
)

// affinityValue is passed through to pods of a tier.
func affinityValue(tier string, workloads []workload) setting {
	return setting{
		Value: chart.Value{
			Path: tier + ".affinity", Default: map[string]any{}, Doc: "Affinity of the pods, in the format of a pod spec.", Tree: true, Schema: affinitySchema(),
		},
		patches: podPatches(workloads, "affinity"),
		probe:   func(int) any { return affinityProbes[tier] },
		choice:  setting.ifGiven,
	}
}

// affinityProbes are told apart by the fields that they have: what these contain has lists, which constructs and Helm indent differently.
var affinityProbes = map[string]any{
	"frontend":   map[string]any{"nodeAffinity": map[string]any{}, "podAffinity": map[string]any{}},
	"backend":    map[string]any{"nodeAffinity": map[string]any{}, "podAntiAffinity": map[string]any{}},
	"database":   map[string]any{"nodeAffinity": map[string]any{}},
	"redis":      map[string]any{"podAffinity": map[string]any{}},
	"monitoring": map[string]any{"podAntiAffinity": map[string]any{}},
}

// affinitySchema is Kubernetes's own structure, without its descriptions.
// https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.34/#affinity-v1-core
func affinitySchema() map[string]any {
	const required, preferred = "requiredDuringSchedulingIgnoredDuringExecution", "preferredDuringSchedulingIgnoredDuringExecution"
	texts := listOf(map[string]any{"type": "string"})
	weight := map[string]any{"type": "integer", "minimum": 1, "maximum": 100}
	expressions := func(operators ...string) map[string]any {
		return listOf(fields([]string{"key", "operator"}, "key", map[string]any{"type": "string"}, "operator", enum(operators...), "values", texts))
	}
	onNodes := expressions("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt")
	nodes := fields(nil, "matchExpressions", onNodes, "matchFields", onNodes)
	selector := fields(nil, "matchExpressions", expressions("In", "NotIn", "Exists", "DoesNotExist"),
		"matchLabels", map[string]any{"type": "object", "additionalProperties": map[string]any{"type": "string"}})
	pods := fields([]string{"topologyKey"}, "labelSelector", selector, "matchLabelKeys", texts, "mismatchLabelKeys", texts,
		"namespaceSelector", selector, "namespaces", texts, "topologyKey", map[string]any{"type": "string", "minLength": 1})
	ofPods := fields(nil, required, listOf(pods),
		preferred, listOf(fields([]string{"podAffinityTerm", "weight"}, "podAffinityTerm", pods, "weight", weight)))
	return fields(nil,
		"nodeAffinity", fields(nil,
			required, fields([]string{"nodeSelectorTerms"}, "nodeSelectorTerms", listOf(nodes)),
			preferred, listOf(fields([]string{"preference", "weight"}, "preference", nodes, "weight", weight))),
		"podAffinity", ofPods, "podAntiAffinity", ofPods)
}

func listOf(items map[string]any) map[string]any {
	return map[string]any{"type": "array", "items": items}
}

// fields is the schema of an object that must have some of its properties, which are given as names and schemas.
func fields(required []string, properties ...any) map[string]any {
	schema := object(properties...)
	schema["required"] = required
	if required == nil {
		delete(schema, "required")
	}
	return schema
}
