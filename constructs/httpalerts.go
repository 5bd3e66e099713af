package constructs

import (
	"fmt"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
)

// What an HTTP tier exports: see Metrics.
const (
	requestSeconds = "http_server_request_duration_seconds"
	activeRequests = "http_server_active_requests"
	processCPU     = "process_cpu_seconds_total"
	processMemory  = "process_resident_memory_bytes"

	serverError = `http_response_status_code=~"5.."`
)

func (s httpServer) target() target {
	return target{
		place:     s.place,
		path:      s.metrics.Path,
		port:      s.metrics.Port,
		alerts:    s.alerts(),
		overview:  s.overview(),
		dashboard: s.dashboard(),
	}
}

func (s httpServer) alerts() []Alert {
	return []Alert{
		s.budgetBurns("ErrorBudgetBurnFast", Critical, 14.4, "1h", "5m", 2*time.Minute,
			"{{ $labels.job }} answers {{ $value | humanizePercentage }} of the requests with a server error: in two days its error budget of 30 days is gone"),
		s.budgetBurns("ErrorBudgetBurnSlow", Warning, 6, "6h", "30m", 15*time.Minute,
			"{{ $labels.job }} answers {{ $value | humanizePercentage }} of the requests with a server error: in five days its error budget of 30 days is gone"),
		newAlert("SlowResponses", Warning, 10*time.Minute,
			fmt.Sprintf("%s > %s", s.responseTime("0.95"), promNumber(s.metrics.ResponseTime.Seconds())),
			"One of twenty requests to {{ $labels.job }} takes longer than {{ $value | humanizeDuration }}"),
		newAlert("CPUSaturated", Warning, 15*time.Minute,
			fmt.Sprintf("max by (namespace, job) (%s) > 0.9", s.cpuUse()),
			"A pod of {{ $labels.job }} uses {{ $value | humanizePercentage }} of the CPU that it may"),
		newAlert("MemorySaturated", Warning, 15*time.Minute,
			fmt.Sprintf("max by (namespace, job) (%s) > 0.9", s.memoryUse()),
			"A pod of {{ $labels.job }} uses {{ $value | humanizePercentage }} of the memory that it may"),
	}
}

// budgetBurns finds that errors are so many that the error budget of 30 days would be gone in a factor's fraction of
// them. The long window keeps a short burst from calling somebody, and the short one ends the alert soon after the errors.
// https://sre.google/workbook/alerting-on-slos/
func (s httpServer) budgetBurns(name string, severity Severity, factor float64, long, short string, wait time.Duration, summary string) Alert {
	budget := fmt.Sprintf("%s * (1 - %s / 100)", promNumber(factor), promNumber(s.metrics.Availability))
	expr := fmt.Sprintf("%s > %s\nand\n%s > %s", s.errorRatio(long), budget, s.errorRatio(short), budget)
	return newAlert(name, severity, wait, expr, summary)
}

// errorRatio is the part of the requests that a tier answers with a server error.
func (s httpServer) errorRatio(window string) string {
	return fmt.Sprintf("sum by (namespace, job) (rate(%s[%s])) / sum by (namespace, job) (rate(%s[%s]))",
		s.samplesOf(requestSeconds+"_count", serverError), window, s.samplesOf(requestSeconds+"_count"), window)
}

// responseTime is the time within which a part of the requests is answered.
func (s httpServer) responseTime(quantile string) string {
	return fmt.Sprintf("histogram_quantile(%s, sum by (namespace, job, le) (rate(%s[5m])))", quantile, s.samplesOf(requestSeconds+"_bucket"))
}

func (s httpServer) requestRate() string {
	return fmt.Sprintf("sum by (namespace, job) (rate(%s[5m]))", s.samplesOf(requestSeconds+"_count"))
}

// cpuUse and memoryUse are what each pod uses, as a part of its limit.
func (s httpServer) cpuUse() string {
	return fmt.Sprintf("rate(%s[5m]) / %s", s.samplesOf(processCPU), promNumber(amount(s.resources.Limits.CPU)))
}

func (s httpServer) memoryUse() string {
	return fmt.Sprintf("%s / %s", s.samplesOf(processMemory), promNumber(amount(s.resources.Limits.Memory)))
}

// amount expects a quantity that is valid.
func amount(quantity string) float64 {
	// By way of its digits: by way of a thousandth, 36m would be 0.036000000000000004.
	amount, err := strconv.ParseFloat(ptr(resource.MustParse(quantity)).AsDec().String(), 64)
	if err != nil {
		panic(fmt.Errorf("read the digits of %s: %w", quantity, err))
	}
	return amount
}

// promNumber writes a number as PromQL reads it.
func promNumber(value float64) string { return strconv.FormatFloat(value, 'f', -1, 64) }
