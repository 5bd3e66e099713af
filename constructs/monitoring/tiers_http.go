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
	processCPU     = "process_cpu_seconds_total"
	processMemory  = "process_resident_memory_bytes"

	serverError = `http_response_status_code=~"5.."`
)

// httpTier is an HTTP server that is scraped.
type httpTier struct {
	component
	manifest.HTTPTarget
}

func (h httpTier) alerts() []Alert {
	return []Alert{
		h.budgetBurns("ErrorBudgetBurnFast", SeverityCritical, 14.4, "1h", "5m", 2*time.Minute,
			"{{ $labels.job }} answers {{ $value | humanizePercentage }} of the requests with a server error: in two days its error budget of 30 days is gone"),
		h.budgetBurns("ErrorBudgetBurnSlow", SeverityWarning, 6, "6h", "30m", 15*time.Minute,
			"{{ $labels.job }} answers {{ $value | humanizePercentage }} of the requests with a server error: in five days its error budget of 30 days is gone"),
		newAlert("SlowResponses", SeverityWarning, 10*time.Minute,
			fmt.Sprintf("%s > %s", h.responseTime("0.95", "5m"), promNumber(h.P95Latency.Seconds())),
			"One of twenty requests to {{ $labels.job }} takes longer than {{ $value | humanizeDuration }}"),
		newAlert("CPUSaturated", SeverityWarning, 15*time.Minute,
			fmt.Sprintf("max by (namespace, job) (%s) > 0.9", h.cpuUse("5m")),
			"A pod of {{ $labels.job }} uses {{ $value | humanizePercentage }} of the CPU that it may"),
		newAlert("MemorySaturated", SeverityWarning, 15*time.Minute,
			fmt.Sprintf("max by (namespace, job) (%s) > 0.9", h.memoryUse()),
			"A pod of {{ $labels.job }} uses {{ $value | humanizePercentage }} of the memory that it may"),
	}
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

// cpuUse and memoryUse are what each pod uses, as a part of its limit.
func (h httpTier) cpuUse(window string) string {
	return fmt.Sprintf("rate(%s[%s]) / %s", h.samplesOf(processCPU), window, promNumber(amount(h.CPULimit)))
}

func (h httpTier) memoryUse() string {
	return fmt.Sprintf("%s / %s", h.samplesOf(processMemory), promNumber(amount(h.MemoryLimit)))
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
			Title:       "Requests",
			Description: "Requests answered per second. Worry about a sudden drop: clients may not reach the tier.",
			Kind:        PanelStat, Unit: "reqps", Queries: []Query{{Expr: h.requestRate()}},
		},
		{
			Title: "Server errors",
			Description: fmt.Sprintf("Share of requests answered with a server error (5xx). Above %s%% (yellow) it uses up the error budget of 30 days too soon; at six times that (red) in five days.",
				promNumber(math.Round((100-h.Availability)*1e6)/1e6)),
			Kind: PanelStat, Unit: "percentunit", Queries: []Query{{Expr: h.errorRatioOrNone()}},
			Thresholds: []Threshold{{Value: budget, Color: ColorYellow}, {Value: math.Round(6*budget*1e8) / 1e8, Color: ColorRed}},
		},
		{
			Title:       "19 of 20 within",
			Description: fmt.Sprintf("The time within which 95%% of the requests are answered. It should stay below %s (red); yellow begins at 80%% of that.", promDuration(h.P95Latency)),
			Kind:        PanelStat, Unit: "s", Queries: []Query{{Expr: h.responseTime("0.95", rateInterval) + " >= 0 or vector(0)"}},
			Thresholds: []Threshold{{Value: 0.8 * target, Color: ColorYellow}, {Value: target, Color: ColorRed}},
		},
		{
			Title:       "CPU of limit",
			Description: "CPU that the busiest pod uses, as a share of its limit. Above 90% (red) the pod is soon throttled and answers more slowly.",
			Kind:        PanelStat, Unit: "percentunit", Thresholds: saturation,
			Queries: []Query{{Expr: fmt.Sprintf("max(%s)", h.cpuUse(rateInterval))}},
		},
		{
			Title:       "Memory of limit",
			Description: "Memory that the largest pod uses, as a share of its limit. Above 90% (red) the pod is soon killed (OOMKilled).",
			Kind:        PanelStat, Unit: "percentunit", Thresholds: saturation,
			Queries: []Query{{Expr: fmt.Sprintf("max(%s)", h.memoryUse())}},
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
				h.requestsBy("Requests by route", "http_route",
					"Requests per second to each route. A route that drops to none, or far outgrows the others, explains what the other panels show."),
				h.requestsBy("Requests by status", "http_response_status_code",
					"Requests per second by status code. Worry about 5xx; many 4xx come from a client that is wrong or not logged in."),
				{
					Title:       "Requests at the same time",
					Description: "Requests that each pod is answering at the moment. A number that only grows means that requests come in faster than they are answered.",
					Queries: []Query{{
						Expr: fmt.Sprintf("sum by (instance) (%s)", h.samplesOf(activeRequests)), Legend: "{{instance}}",
					}},
				},
			}},
			{Title: "Response time and errors", Panels: []Panel{h.percentiles(), h.responseTimeByRoute(), h.errorsByRoute()}},
			{Title: "Resources of each pod", Panels: []Panel{
				h.resourcePanel("CPU", "short", "CPU cores that each pod uses, beside its request and limit. Near the limit a pod is throttled; always above the request, the request is too low.",
					fmt.Sprintf("rate(%s[%s])", h.samplesOf(processCPU), rateInterval), h.CPURequest, h.CPULimit),
				h.resourcePanel("Memory", "bytes", "Memory that each pod uses, beside its request and limit. Memory that only grows is a leak; at the limit the pod is killed.",
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
		Title:       "Response time",
		Description: fmt.Sprintf("The time within which 50%%, 95%% and 99%% of the requests are answered. Worry when the 95%% line stays above %s (red).", promDuration(h.P95Latency)),
		Unit:        "s", Thresholds: []Threshold{{Value: h.P95Latency.Seconds(), Color: ColorRed}},
	}
	for _, p := range []struct{ quantile, legend string }{{"0.5", "50 %"}, {"0.95", "95 %"}, {"0.99", "99 %"}} {
		panel.Queries = append(panel.Queries, Query{Expr: h.responseTime(p.quantile, rateInterval), Legend: p.legend})
	}
	return panel
}

func (h httpTier) responseTimeByRoute() Panel {
	return Panel{
		Title:       "95 % of the requests of a route are answered within",
		Description: "The time within which 95% of the requests to each route are answered. One slow route points at its code or its queries, all of them at a server behind the tier.",
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
		Description: "Requests per second to each route that are answered with a server error (5xx). One route points at its code, all of them at a server behind the tier.",
		Unit:        "reqps",
		Queries: []Query{{
			Expr:   fmt.Sprintf("sum by (http_route) (rate(%s[%s]))", h.samplesOf(requestSeconds+"_count", serverError), rateInterval),
			Legend: "{{http_route}}",
		}},
	}
}

// resourcePanel shows what each pod uses, between what it asked for and what it is held to.
func (h httpTier) resourcePanel(title, unit, description, use, request, limit string) Panel {
	return Panel{Title: title, Description: description, Unit: unit, Queries: []Query{
		{Expr: use, Legend: "{{instance}}"},
		{Expr: fmt.Sprintf("vector(%s)", promNumber(amount(request))), Legend: "request"},
		{Expr: fmt.Sprintf("vector(%s)", promNumber(amount(limit))), Legend: "limit"},
	}}
}
