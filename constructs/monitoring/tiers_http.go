package monitoring

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/ai-platform/manifests/internal/manifest"
)

// What an HTTP tier exports: see constructs.Metrics.
const (
	requestSeconds = "http_server_request_duration_seconds"
	activeRequests = "http_server_active_requests"

	serverError = `http_response_status_code=~"5.."`
)

// httpTier is an HTTP server that is scraped.
type httpTier struct {
	component
	manifest.HTTPTarget
}

func (h httpTier) alerts() []Alert {
	all := []Alert{
		h.budgetBurns("ErrorBudgetBurnFast", SeverityCritical, 14.4, "1h", "5m", 2*time.Minute,
			"{{ $value | humanizePercentage }} of requests to {{ $labels.job }} failed with a server error in the last hour: at this rate the 30-day error budget is exhausted in 2 days"),
		h.budgetBurns("ErrorBudgetBurnSlow", SeverityWarning, 6, "6h", "30m", 15*time.Minute,
			"{{ $value | humanizePercentage }} of requests to {{ $labels.job }} failed with a server error in the last 6 hours: at this rate the 30-day error budget is exhausted in 5 days"),
		newAlert("SlowResponses", SeverityWarning, 10*time.Minute,
			fmt.Sprintf("%s > %s", h.responseTime("0.95", "5m"), promNumber(h.P95Latency.Seconds())),
			"p95 latency of {{ $labels.job }} is {{ $value | humanizeDuration }}, above its objective of "+promDuration(h.P95Latency)),
	}
	return append(all, h.saturationAlerts(h.CPULimit, h.MemoryLimit)...)
}

// budgetBurns finds that errors are so many that the error budget of 30 days would be gone in a factor's fraction of
// them. The long window keeps a short burst from calling somebody, and the short one ends the alert soon after the errors.
// https://sre.google/workbook/alerting-on-slos/
func (h httpTier) budgetBurns(name string, severity Severity, factor float64, long, short string, wait time.Duration, summary string) Alert {
	budget := fmt.Sprintf("%s * (1 - %s / 100)", promNumber(factor), promNumber(h.Availability))
	expr := fmt.Sprintf("%s > %s\nand\n%s > %s", h.errorRatio(long), budget, h.errorRatio(short), budget)
	return newAlert(name, severity, wait, expr, summary)
}

// errorRatio is the part of the requests that a tier answers with a server error.
func (h httpTier) errorRatio(window string) string {
	return fmt.Sprintf("sum by (namespace, job) (rate(%s[%s])) / sum by (namespace, job) (rate(%s[%s]))",
		h.samplesOf(requestSeconds+"_count", serverError), window, h.samplesOf(requestSeconds+"_count"), window)
}

// responseTime is the time within which a part of the requests is answered.
func (h httpTier) responseTime(quantile, window string) string {
	return fmt.Sprintf("histogram_quantile(%s, sum by (namespace, job, le) (rate(%s[%s])))",
		quantile, h.samplesOf(requestSeconds+"_bucket"), window)
}

func (h httpTier) requestRate() string {
	return fmt.Sprintf("sum by (namespace, job) (rate(%s[%s]))", h.samplesOf(requestSeconds+"_count"), rateInterval)
}

// cpuPanel compares with the limit, or else with the request.
func (h httpTier) cpuPanel() Panel {
	if h.CPULimit == "" {
		return Panel{
			Title:       "CPU (% of request)",
			Description: "CPU usage of the busiest pod, relative to its request. It has no limit: above 100%, it depends on what its node has to spare.",
			Kind:        PanelStat, Unit: "percentunit",
			Queries: []Query{{Expr: fmt.Sprintf("max(%s)", h.cpuUse(rateInterval, h.CPURequest))}},
		}
	}
	return Panel{
		Title:       "CPU (% of limit)",
		Description: "CPU usage of the busiest pod, relative to its limit. Above 90% (red), throttling and higher latency are likely.",
		Kind:        PanelStat, Unit: "percentunit", Thresholds: saturation,
		Queries: []Query{{Expr: fmt.Sprintf("max(%s)", h.cpuUse(rateInterval, h.CPULimit))}},
	}
}

// amount expects a quantity that is valid.
func amount(quantity string) float64 {
	// By way of its digits: by way of a thousandth, 36m would be 0.036000000000000004.
	amount, err := strconv.ParseFloat(new(resource.MustParse(quantity)).AsDec().String(), 64)
	if err != nil {
		panic(fmt.Errorf("read the digits of %s: %w", quantity, err))
	}
	return amount
}

// promNumber writes a number as PromQL reads it.
func promNumber(value float64) string { return strconv.FormatFloat(value, 'f', -1, 64) }

// overview is what tells whether the tier is well: the four golden signals.
// https://sre.google/sre-book/monitoring-distributed-systems/
func (h httpTier) overview() []Panel {
	// Binary fractions would put their tails into a file that people read.
	budget := math.Round((100-h.Availability)*1e6) / 1e8
	target := h.P95Latency.Seconds()
	return []Panel{
		{
			Title:       "Request rate",
			Description: "Requests per second. A sudden drop may mean that clients cannot reach the tier.",
			Kind:        PanelStat, Unit: "reqps", Queries: []Query{{Expr: h.requestRate()}},
		},
		{
			Title: "Error rate",
			Description: fmt.Sprintf("Percentage of requests that fail with a server error (5xx). Above %s%% (yellow), the 30-day error budget is exhausted early. At six times that (red), it is exhausted in 5 days.",
				promNumber(math.Round((100-h.Availability)*1e6)/1e6)),
			Kind: PanelStat, Unit: "percentunit", Queries: []Query{{Expr: h.errorRatioOrNone()}},
			Thresholds: []Threshold{{Value: budget, Color: ColorYellow}, {Value: math.Round(6*budget*1e8) / 1e8, Color: ColorRed}},
		},
		{
			Title:       "p95 latency",
			Description: fmt.Sprintf("95%% of requests are faster than this. The objective is %s (red). Yellow starts at 80%% of it.", promDuration(h.P95Latency)),
			Kind:        PanelStat, Unit: "s", Queries: []Query{{Expr: h.responseTime("0.95", rateInterval) + " >= 0 or vector(0)"}},
			Thresholds: []Threshold{{Value: 0.8 * target, Color: ColorYellow}, {Value: target, Color: ColorRed}},
		},
		h.cpuPanel(),
		{
			Title:       "Memory (% of limit)",
			Description: "Highest memory usage of any pod, relative to its limit. Above 90% (red), the pod is likely to be OOMKilled.",
			Kind:        PanelStat, Unit: "percentunit", Thresholds: saturation,
			Queries: []Query{{Expr: fmt.Sprintf("max(%s)", h.memoryUse(h.MemoryLimit))}},
		},
	}
}

// errorRatioOrNone is 0 where there are no requests, or no errors yet and so no series of them.
func (h httpTier) errorRatioOrNone() string {
	rate := func(matchers ...string) string {
		return fmt.Sprintf("sum(rate(%s[%s]))", h.samplesOf(requestSeconds+"_count", matchers...), rateInterval)
	}
	return fmt.Sprintf("(%s or vector(0)) / (%s > 0) or vector(0)", rate(serverError), rate())
}

func (h httpTier) dashboard() *Dashboard {
	choices := h.up()
	h.component = h.following(chosenInstance)
	return &Dashboard{
		choices: choices,
		Name:    h.ID,
		Title:   h.dashboardTitle(),
		Rows: []DashboardRow{
			{Panels: append([]Panel{h.upPanel()}, h.overview()...)},
			{Title: "Requests", Panels: []Panel{
				h.requestsBy("Request rate by route", "http_route",
					"Requests per second for each route. A sudden drop or spike on one route often explains changes in the other panels."),
				h.requestsBy("Request rate by status", "http_response_status_code",
					"Requests per second for each status code. 5xx are server errors. Many 4xx point to a faulty or unauthenticated client."),
				{
					Title:       "In-flight requests",
					Description: "Requests that each pod is currently processing. Steady growth means that requests arrive faster than they are completed.",
					Queries: []Query{{
						Expr: fmt.Sprintf("sum by (instance) (%s)", h.samplesOf(activeRequests)), Legend: "{{instance}}",
					}},
				},
			}},
			{Title: "Latency and errors", Panels: []Panel{h.percentiles(), h.responseTimeByRoute(), h.errorsByRoute()}},
			{Title: "Resource usage by pod", Panels: []Panel{
				h.cpuUsagePanel(),
				h.resourcePanel("Memory usage", "bytes", "Memory used by each pod, with its request and limit. Steady growth suggests a leak. At the limit, the pod is OOMKilled.",
					h.samplesOf(processMemory), h.MemoryRequest, h.MemoryLimit),
				h.restartsPanel(),
			}},
		},
	}
}

func (h httpTier) requestsBy(title, label, description string) Panel {
	return Panel{Title: title, Description: description, Unit: "reqps", Queries: []Query{{
		Expr:   fmt.Sprintf("sum by (%s) (rate(%s[%s]))", label, h.samplesOf(requestSeconds+"_count"), rateInterval),
		Legend: "{{" + label + "}}",
	}}}
}

func (h httpTier) percentiles() Panel {
	panel := Panel{
		Title:       "Latency percentiles",
		Description: fmt.Sprintf("p50, p95 and p99 latency of all requests. The objective for p95 is %s (red line).", promDuration(h.P95Latency)),
		Unit:        "s", Thresholds: []Threshold{{Value: h.P95Latency.Seconds(), Color: ColorRed}},
	}
	for _, p := range []struct{ quantile, legend string }{{"0.5", "p50"}, {"0.95", "p95"}, {"0.99", "p99"}} {
		panel.Queries = append(panel.Queries, Query{Expr: h.responseTime(p.quantile, rateInterval), Legend: p.legend})
	}
	return panel
}

func (h httpTier) responseTimeByRoute() Panel {
	return Panel{
		Title:       "p95 latency by route",
		Description: "p95 latency of each route. One slow route points to its code or queries. If all routes are slow, check the servers that the tier depends on.",
		Unit:        "s",
		Queries: []Query{{
			Expr:   fmt.Sprintf("histogram_quantile(0.95, sum by (http_route, le) (rate(%s[%s])))", h.samplesOf(requestSeconds+"_bucket"), rateInterval),
			Legend: "{{http_route}}",
		}},
	}
}

func (h httpTier) errorsByRoute() Panel {
	return Panel{
		Title:       "Server errors by route",
		Description: "Server errors (5xx) per second for each route. Errors on one route point to its code. If all routes fail, check the servers that the tier depends on.",
		Unit:        "reqps",
		Queries: []Query{{
			Expr:   fmt.Sprintf("sum by (http_route) (rate(%s[%s]))", h.samplesOf(requestSeconds+"_count", serverError), rateInterval),
			Legend: "{{http_route}}",
		}},
	}
}

func (h httpTier) cpuUsagePanel() Panel {
	description := "CPU cores used by each pod, with its request and limit. Near the limit, the pod is throttled. If usage stays above the request, raise the request."
	if h.CPULimit == "" {
		description = "CPU cores used by each pod, with its request; it has no limit. If usage stays above the request, raise the request."
	}
	return h.resourcePanel("CPU usage", "short", description, fmt.Sprintf("rate(%s[%s])", h.samplesOf(processCPU), rateInterval), h.CPURequest, h.CPULimit)
}

// resourcePanel shows what each pod uses, between what it asked for and what it is held to, if it is.
func (h httpTier) resourcePanel(title, unit, description, use, request, limit string) Panel {
	panel := Panel{Title: title, Description: description, Unit: unit, Queries: []Query{
		{Expr: use, Legend: "{{instance}}"},
		{Expr: fmt.Sprintf("vector(%s)", promNumber(amount(request))), Legend: "request"},
	}}
	if limit != "" {
		panel.Queries = append(panel.Queries, Query{Expr: fmt.Sprintf("vector(%s)", promNumber(amount(limit))), Legend: "limit"})
	}
	return panel
}
