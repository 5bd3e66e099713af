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
		Description: "Share of the pods that Prometheus can scrape. Below 100%, a pod is down or does not answer; at 0%, all are.",
		Kind:        PanelStat, Unit: "percentunit", Color: ColorRed,
		Thresholds: []Threshold{{Value: 0.5, Color: ColorYellow}, {Value: 1, Color: ColorGreen}},
		// Without a pod there is nothing to count.
		Queries: []Query{{Expr: fmt.Sprintf("avg(%s) or vector(0)", c.up())}},
	}
}

const restartsDescription = "Restarts of each container within the hour before. One that restarts again and again crashes or fails its probe: kubectl logs --previous shows how it ended."

// restartsPanel has values where a KubeStateMetrics is scraped.
func (c component) restartsPanel() Panel {
	// The names of a Deployment's pods end with two hashes; with less, those of another tier might begin alike.
	pods := `pod=~"` + c.Name() + `-[a-z0-9]+-[a-z0-9]+"`
	return Panel{
		Title:       "Restarts within an hour",
		Description: restartsDescription + " All pods of the tier are shown: these samples have no address.",
		Queries: []Query{{
			Expr:   fmt.Sprintf("max by (pod, container) (increase(%s[1h]))", c.samplesIn(restarts, pods)),
			Legend: "{{pod}} {{container}}",
		}},
	}
}

// serverUpPanel shows whether the server answers its exporter, which may well be up alone.
func serverUpPanel(up string) Panel {
	return Panel{
		Title:       "Server answers",
		Description: "1 while the server answers its exporter. At 0 it is down, or refuses the exporter's password.",
		Kind:        PanelStat, Color: ColorRed, Thresholds: []Threshold{{Value: 1, Color: ColorGreen}},
		Queries: []Query{{Expr: fmt.Sprintf("min(%s) or vector(0)", up)}},
	}
}

const cacheHitsDescription = "Share of lookups that the cache answers. Below 90%, it may be too small for what is read often."

// cacheHitsPanel is green for a cache that nobody asks.
func cacheHitsPanel(ratio string) Panel {
	return Panel{
		Title:       "Cache hits",
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
