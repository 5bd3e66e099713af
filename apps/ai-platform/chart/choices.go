package chart

import (
	"fmt"
	"maps"
	"slices"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/internal/chart"
)

// choices are what the values decide on beside themselves. What follows from each is found by rendering it.
func choices(all []setting) []chart.Choice {
	found := []chart.Choice{
		replicasChoice("frontend"),
		filesChoice(replicasChoice("backend")),
		{If: ".Values.database.backup.enabled", Alone: true, No: with("database.backup.enabled", false)},
		{If: ".Values.monitoring.enabled", Alone: true, No: with("monitoring.enabled", false)},
		ingressChoice(),
		{If: `include "CHART.clusterIssuer" $`, No: with("ingress.tls.clusterIssuer", "")},
		{If: ".Values.namespace.create", No: with("namespace.create", false)},
		dnsChoice(),
		{If: `eq .Values.frontend.healthPath "/"`, Yes: with("frontend.healthPath", "/")}, // Which the blackbox exporter probes anyway.
	}
	for _, s := range all {
		if s.choice != nil {
			found = append(found, s.choice(s))
		}
	}
	return found
}

// ingressChoice is about the host: whether it is routed, probed, served with TLS, and one host. Without TLS there is no certificate to look at.
func ingressChoice() chart.Choice {
	tls := func(yes, no chart.Outcome) chart.Outcome {
		return chart.Outcome{Then: &chart.Choice{If: ".Values.ingress.tls.enabled", Yes: yes, No: no}}
	}
	unprobed, plain := with("monitoring.publicProbe.enabled", false), with("ingress.tls.enabled", false)
	anyHost := &chart.Choice{If: ".Values.ingress.host", Yes: both(unprobed, plain), No: both(unprobed, plain, with("ingress.host", ""))}
	return chart.Choice{
		If: ".Values.ingress.enabled", Alone: true, No: with("ingress.enabled", false),
		Yes: chart.Outcome{Then: &chart.Choice{
			If: ".Values.monitoring.publicProbe.enabled", Yes: tls(chart.Outcome{}, plain), No: tls(unprobed, chart.Outcome{Then: anyHost}),
		}},
	}
}

// dnsChoice is where DNS is. Cilium decides on the pods or the address of kube-dns's cache.
func dnsChoice() chart.Choice {
	return chart.Choice{
		If: fmt.Sprintf("eq .Values.cluster.dns %q", openShiftDNS), Yes: with("cluster.dns", openShiftDNS),
		No: chart.Outcome{Then: &chart.Choice{
			If: fmt.Sprintf("eq .Values.cluster.networkPlugin %q", constructs.NetworkPluginCilium), Yes: with("cluster.networkPlugin", string(constructs.NetworkPluginCilium)),
		}},
	}
}

func with(path string, value any) chart.Outcome {
	return chart.Outcome{Settings: chart.Settings{path: value}}
}

// both is an outcome with the settings of all.
func both(all ...chart.Outcome) chart.Outcome {
	settings := chart.Settings{}
	for _, o := range all {
		maps.Copy(settings, o.Settings)
	}
	return chart.Outcome{Settings: settings}
}

// replicasChoice is who decides on the number of pods, and whether there may be only one: then none may be missing during a
// rollout.
func replicasChoice(tier string) chart.Choice {
	one := func(path string, several chart.Outcome) chart.Outcome {
		return chart.Outcome{Then: &chart.Choice{If: fmt.Sprintf("eq (int .Values.%s) 1", path), Yes: both(several, with(path, 1)), No: several}}
	}
	return chart.Choice{
		If:  ".Values." + tier + ".autoscaling.enabled",
		Yes: one(tier+".autoscaling.minReplicas", with(tier+".autoscaling.enabled", true)),
		No:  one(tier+".replicaCount", chart.Outcome{}),
	}
}

// filesChoice is whether several pods may share the backend's files. If not, there is one pod, which stops before a new one
// starts.
func filesChoice(shared chart.Choice) chart.Choice {
	mode := func(mode constructs.AccessMode) string {
		return fmt.Sprintf("eq .Values.backend.storage.accessMode %q", mode)
	}
	only := func(mode constructs.AccessMode) chart.Outcome {
		return chart.Outcome{Settings: chart.Settings{"backend.storage.accessMode": string(mode), "backend.replicaCount": 1}}
	}
	return chart.Choice{
		If:  mode(constructs.ReadWriteMany),
		Yes: chart.Outcome{Then: &shared},
		No: chart.Outcome{Then: &chart.Choice{
			If:  mode(constructs.ReadWriteOnce),
			Yes: only(constructs.ReadWriteOnce),
			No:  only(constructs.ReadWriteOncePod),
		}},
	}
}

func sortedNames[V any](values map[string]V) []string { return slices.Sorted(maps.Keys(values)) }
