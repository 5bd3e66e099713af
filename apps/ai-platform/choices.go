package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/internal/helm"
)

// choices are what the values decide on beside themselves. What follows from each is found by rendering it.
func choices(all []setting) []helm.Choice {
	found := []helm.Choice{
		replicasChoice("frontend"),
		filesChoice(replicasChoice("backend")),
		stoppedChoice("database"),
		stoppedChoice("redis"),
		{If: ".Values.monitoring.enabled", No: with("monitoring.enabled", false)},
		{If: ".Values.namespace.create", No: with("namespace.create", false)},
		{If: ".Values.ingress.tls.clusterIssuer", No: with("ingress.tls.clusterIssuer", "")},
	}
	for i, s := range all {
		switch {
		case strings.HasSuffix(s.Path, "storageClassName"):
			found = append(found, helm.Choice{If: ".Values." + s.Path, Yes: with(s.Path, s.Probe)})
		case strings.HasSuffix(s.Path, ".env"):
			found = append(found, s.eachVariable(i+1))
		case s.isImage():
			found = append(found, s.pullPolicy(i+1))
		}
	}
	return found
}

func (s setting) isImage() bool {
	return strings.HasSuffix(s.Path, ".image") || strings.Contains(s.Path, ".images.")
}

func with(path string, value any) helm.Outcome {
	return helm.Outcome{Settings: helm.Settings{path: value}}
}

// replicasChoice is who decides on the number of pods, and whether there may be only one: then none may be missing during a
// rollout.
func replicasChoice(tier string) helm.Choice {
	return helm.Choice{
		If: ".Values." + tier + ".autoscaling.enabled",
		Yes: helm.Outcome{
			Settings: helm.Settings{tier + ".autoscaling.enabled": true},
			Then:     oneChoice(tier + ".autoscaling.minReplicas"),
		},
		No: helm.Outcome{Then: oneChoice(tier + ".replicaCount")},
	}
}

func stoppedChoice(store string) helm.Choice {
	path := store + ".replicaCount"
	return helm.Choice{If: fmt.Sprintf("eq (int .Values.%s) 0", path), Yes: with(path, 0)}
}

func oneChoice(path string) *helm.Choice {
	return &helm.Choice{If: fmt.Sprintf("eq (int .Values.%s) 1", path), Yes: with(path, 1)}
}

// filesChoice is whether several pods may share the backend's files. If not, there is one pod, which stops before a new one
// starts.
func filesChoice(shared helm.Choice) helm.Choice {
	mode := func(mode constructs.AccessMode) string {
		return fmt.Sprintf("eq .Values.backend.storage.accessMode %q", mode)
	}
	only := func(mode constructs.AccessMode) helm.Outcome {
		return helm.Outcome{Settings: helm.Settings{"backend.storage.accessMode": string(mode), "backend.replicaCount": 1}}
	}
	return helm.Choice{
		If:  mode(constructs.ReadWriteMany),
		Yes: helm.Outcome{Then: &shared},
		No: helm.Outcome{Then: &helm.Choice{
			If:  mode(constructs.ReadWriteOnce),
			Yes: only(constructs.ReadWriteOnce),
			No:  only(constructs.ReadWriteOncePod),
		}},
	}
}

// checks are the constructs' own that no schema can express.
func checks(all []setting) []string {
	var expressions []string
	add := func(helper string, arguments ...string) {
		expressions = append(expressions, fmt.Sprintf(`include "CHART.%s" (list %s)`, helper, strings.Join(arguments, " ")))
	}
	value := func(path string) []string { return []string{fmt.Sprintf("%q", path), ".Values." + path} }
	for _, s := range all {
		switch {
		case s.isImage():
			add("checkImage", value(s.Path)...)
		case strings.HasSuffix(s.Path, "requests.cpu"):
			add("checkCPU", value(s.Path)...)
			add("checkRequest", append(append(value(s.Path), value(limitOf(s.Path))...), `"millicores"`)...)
		case strings.HasSuffix(s.Path, "requests.memory"):
			add("checkBytes", append(value(s.Path), `"4Mi"`)...)
			add("checkRequest", append(append(value(s.Path), value(limitOf(s.Path))...), `"millibytes"`)...)
		case strings.HasSuffix(s.Path, "limits.cpu"):
			add("checkCPU", value(s.Path)...)
		case strings.HasSuffix(s.Path, "limits.memory"):
			add("checkBytes", append(value(s.Path), `"4Mi"`)...)
		case strings.HasSuffix(s.Path, "storage.size"):
			add("checkBytes", append(value(s.Path), `"1Mi"`)...)
		case strings.HasSuffix(s.Path, ".autoscaling.maxReplicas"):
			add("checkReplicas", fmt.Sprintf("%q", s.Path), ".Values."+strings.TrimSuffix(s.Path, ".maxReplicas"))
		}
	}
	add("checkFiles", ".Values.backend")
	add("checkHost", `"ingress.host"`, ".Values.ingress.host")
	return expressions
}

func limitOf(path string) string { return strings.Replace(path, "requests", "limits", 1) }

func sortedNames[V any](values map[string]V) []string { return slices.Sorted(maps.Keys(values)) }
