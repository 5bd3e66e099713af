package monitoring

import "fmt"

// What the dashboards of several tiers have in common.

// rateInterval is the range of every rate of a dashboard. Grafana makes it longer as one zooms out, so that no sample lies
// between two points, and never shorter than four scrapes. Alerts have fixed ranges.
// https://grafana.com/docs/grafana/latest/datasources/prometheus/template-variables/#use-__rate_interval
const rateInterval = "$__rate_interval"

// dashboardTitle tells the tier from those of other namespaces.
func (c component) dashboardTitle() string { return c.Namespace + ": " + c.ID }

// saturation colors what is used, as a part of what there is.
var saturation = []Threshold{{Value: 0.75, Color: ColorYellow}, {Value: 0.9, Color: ColorRed}}

// upPanel shows how many of a tier's pods can be scraped.
func (c component) upPanel() Panel {
	return Panel{
		Title:       "Pods up",
		Description: "Percentage of pods that Prometheus can scrape. Below 100%, a pod is down or unreachable. At 0%, all pods are.",
		Kind:        PanelStat, Unit: "percentunit", Color: ColorRed,
		Thresholds: []Threshold{{Value: 0.5, Color: ColorYellow}, {Value: 1, Color: ColorGreen}},
		// Without a pod there is nothing to count.
		Queries: []Query{{Expr: fmt.Sprintf("avg(%s) or vector(0)", c.up())}},
	}
}

const restartsDescription = "Restarts of each container in the last hour. Repeated restarts mean crashes or a failing liveness probe: see kubectl logs --previous."

// restartsPanel has values where a KubeStateMetrics is scraped.
func (c component) restartsPanel() Panel {
	// The names of a Deployment's pods end with two hashes; with less, those of another tier might begin alike.
	pods := `pod=~"` + c.Name() + `-[a-z0-9]+-[a-z0-9]+"`
	return Panel{
		Title:       "Restarts in the last hour",
		Description: restartsDescription + " Always shows all pods of the tier: these metrics have no instance address to filter by.",
		Queries: []Query{{
			Expr:   fmt.Sprintf("max by (pod, container) (increase(%s[1h]))", c.samplesIn(restarts, pods)),
			Legend: "{{pod}} {{container}}",
		}},
	}
}

// serverUpPanel shows whether the server answers its exporter, which may well be up alone.
func serverUpPanel(up string) Panel {
	return Panel{
		Title:       "Server up",
		Description: "1 if the exporter can query the server. 0 means that the server is down or rejects the exporter's login.",
		Kind:        PanelStat, Color: ColorRed, Thresholds: []Threshold{{Value: 1, Color: ColorGreen}},
		Queries: []Query{{Expr: fmt.Sprintf("min(%s) or vector(0)", up)}},
	}
}

const cacheHitsDescription = "Percentage of lookups that the cache serves. Below 90%, it may be too small for the working set."

// cacheHitsPanel is green for a cache that nobody asks.
func cacheHitsPanel(ratio string) Panel {
	return Panel{
		Title:       "Cache hit ratio",
		Description: cacheHitsDescription,
		Kind:        PanelStat, Unit: "percentunit", Color: ColorYellow, Thresholds: []Threshold{{Value: 0.9, Color: ColorGreen}},
		Queries: []Query{{Expr: ratio + " or vector(1)"}},
	}
}

func (c component) rateOf(metric string) string {
	return fmt.Sprintf("sum(rate(%s[%s]))", c.samplesOf(metric), rateInterval)
}

// hitRatio is the part of what was looked for that was found. There is none while nobody looks.
func (c component) hitRatio(hits, misses string) string {
	return fmt.Sprintf("%s / (%s + %s > 0)", c.rateOf(hits), c.rateOf(hits), c.rateOf(misses))
}
