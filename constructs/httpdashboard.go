package constructs

import (
	"fmt"
	"math"
)

// overview is what tells whether the tier is well: the four golden signals.
// https://sre.google/sre-book/monitoring-distributed-systems/
func (s httpServer) overview() []Panel {
	// Binary fractions would put their tails into a file that people read.
	budget := math.Round((100-s.metrics.Availability)*1e6) / 1e8
	target := s.metrics.ResponseTime.Seconds()
	return []Panel{
		{Title: "Requests", Kind: Stat, Unit: "reqps", Queries: []Query{{Expr: s.requestRate()}}},
		{
			Title: "Server errors", Kind: Stat, Unit: "percentunit", Queries: []Query{{Expr: s.errorRatioOrNone()}},
			Thresholds: []Threshold{{Value: budget, Color: Yellow}, {Value: math.Round(6*budget*1e8) / 1e8, Color: Red}},
		},
		{
			Title: "19 of 20 within", Kind: Stat, Unit: "s", Queries: []Query{{Expr: s.responseTime("0.95") + " >= 0 or vector(0)"}},
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

// errorRatioOrNone is 0 where there are no requests, or no errors yet and so no series of them.
func (s httpServer) errorRatioOrNone() string {
	rate := func(matchers ...string) string {
		return fmt.Sprintf("sum(rate(%s[5m]))", s.samplesOf(requestSeconds+"_count", matchers...))
	}
	return fmt.Sprintf("(%s or vector(0)) / (%s > 0) or vector(0)", rate(serverError), rate())
}

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
