package constructs

import "fmt"

// overview is what tells whether the tier is well: the four golden signals.
// https://sre.google/sre-book/monitoring-distributed-systems/
func (s httpServer) overview() []Panel {
	budget := 1 - s.metrics.Availability/100
	target := s.metrics.ResponseTime.Seconds()
	return []Panel{
		{Title: "Requests", Kind: Stat, Unit: "reqps", Queries: []Query{{Expr: s.requestRate()}}},
		{
			Title: "Server errors", Kind: Stat, Unit: "percentunit", Queries: []Query{{Expr: s.errorRatio("5m")}},
			Thresholds: []Threshold{{Value: budget, Color: Yellow}, {Value: 6 * budget, Color: Red}},
		},
		{
			Title: "19 of 20 within", Kind: Stat, Unit: "s", Queries: []Query{{Expr: s.responseTime("0.95")}},
			Thresholds: []Threshold{{Value: 0.8 * target, Color: Yellow}, {Value: target, Color: Red}},
		},
		{
			Title: "CPU of limit", Kind: Stat, Unit: "percentunit", Thresholds: saturation,
			Queries: []Query{{Expr: fmt.Sprintf("max(%s)", s.cpuUse())}},
		},
		{
			Title: "Memory of limit", Kind: Stat, Unit: "percentunit", Thresholds: saturation,
			Queries: []Query{{Expr: fmt.Sprintf("max(%s)", s.memoryUse())}},
		},
	}
}

// saturation colors what is used, as a part of what there is.
var saturation = []Threshold{{Value: 0.75, Color: Yellow}, {Value: 0.9, Color: Red}}

func (s httpServer) dashboard() *Dashboard {
	return &Dashboard{
		Name:  s.component,
		Title: s.dashboardTitle(),
		Rows: []DashboardRow{
			{Panels: append([]Panel{s.upPanel()}, s.overview()...)},
			{Title: "Requests", Panels: []Panel{
				s.requestsBy("Requests by route", "http_route"),
				s.requestsBy("Requests by status", "http_response_status_code"),
				{
					Title: "Requests at the same time", Queries: []Query{{
						Expr: fmt.Sprintf("sum by (instance) (%s)", s.samplesOf(activeRequests)), Legend: "{{instance}}",
					}},
				},
			}},
			{Title: "Response time and errors", Panels: []Panel{s.percentiles(), s.responseTimeByRoute(), s.errorsByRoute()}},
			{Title: "Resources of each pod", Panels: []Panel{
				s.resourcePanel("CPU", "short", fmt.Sprintf("rate(%s[5m])", s.samplesOf(processCPU)), s.resources.Requests.CPU, s.resources.Limits.CPU),
				s.resourcePanel("Memory", "bytes", s.samplesOf(processMemory), s.resources.Requests.Memory, s.resources.Limits.Memory),
				s.restartsPanel(),
			}},
		},
	}
}

// dashboardTitle tells the tier from those of other namespaces.
func (p place) dashboardTitle() string { return p.namespace + ": " + p.component }

func (s httpServer) requestsBy(title, label string) Panel {
	return Panel{Title: title, Unit: "reqps", Queries: []Query{{
		Expr:   fmt.Sprintf("sum by (%s) (rate(%s[5m]))", label, s.samplesOf(requestSeconds+"_count")),
		Legend: "{{" + label + "}}",
	}}}
}

func (s httpServer) percentiles() Panel {
	panel := Panel{Title: "Response time", Unit: "s", Thresholds: []Threshold{{Value: s.metrics.ResponseTime.Seconds(), Color: Red}}}
	for _, p := range []struct{ quantile, legend string }{{"0.5", "50 %"}, {"0.95", "95 %"}, {"0.99", "99 %"}} {
		panel.Queries = append(panel.Queries, Query{Expr: s.responseTime(p.quantile), Legend: p.legend})
	}
	return panel
}

func (s httpServer) responseTimeByRoute() Panel {
	return Panel{Title: "95 % of the requests of a route are answered within", Unit: "s", Queries: []Query{{
		Expr:   fmt.Sprintf("histogram_quantile(0.95, sum by (http_route, le) (rate(%s[5m])))", s.samplesOf(requestSeconds+"_bucket")),
		Legend: "{{http_route}}",
	}}}
}

func (s httpServer) errorsByRoute() Panel {
	return Panel{Title: "Server errors by route", Unit: "reqps", Queries: []Query{{
		Expr:   fmt.Sprintf("sum by (http_route) (rate(%s[5m]))", s.samplesOf(requestSeconds+"_count", serverError)),
		Legend: "{{http_route}}",
	}}}
}

// resourcePanel shows what each pod uses, between what it asked for and what it is held to.
func (s httpServer) resourcePanel(title, unit, use, request, limit string) Panel {
	return Panel{Title: title, Unit: unit, Queries: []Query{
		{Expr: use, Legend: "{{instance}}"},
		{Expr: fmt.Sprintf("vector(%s)", promNumber(amount(request))), Legend: "request"},
		{Expr: fmt.Sprintf("vector(%s)", promNumber(amount(limit))), Legend: "limit"},
	}}
}

// upPanel shows how many of a tier's pods can be scraped.
func (p place) upPanel() Panel {
	return Panel{
		Title: "Pods up", Kind: Stat, Unit: "percentunit", Color: Red,
		Thresholds: []Threshold{{Value: 0.5, Color: Yellow}, {Value: 1, Color: Green}},
		// Without a pod there is nothing to count.
		Queries: []Query{{Expr: fmt.Sprintf("avg(%s) or vector(0)", p.samplesOf("up"))}},
	}
}

// restartsPanel has values where a KubeStateMetrics is scraped.
func (p place) restartsPanel() Panel {
	return Panel{Title: "Restarts within an hour", Queries: []Query{{
		Expr:   fmt.Sprintf("sum by (pod, container) (increase(%s[1h]))", p.samplesIn(restarts, `pod=~"`+p.name()+`-.*"`)),
		Legend: "{{pod}} {{container}}",
	}}}
}
