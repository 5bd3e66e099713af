package monitoring

import (
	"fmt"
	"time"
)

// What Prometheus's client libraries export of a process.
// https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics
const (
	processCPU    = "process_cpu_seconds_total"
	processMemory = "process_resident_memory_bytes"
)

// saturationAlerts compare what each pod of a component uses with its limits. The CPU limit is empty for none. Where a program does not
// export what it uses, there is nothing to compare.
func (c component) saturationAlerts(cpuLimit, memoryLimit string) []Alert {
	var alerts []Alert
	if cpuLimit != "" {
		alerts = append(alerts, newAlert("CPUSaturated", SeverityWarning, 15*time.Minute,
			fmt.Sprintf("max by (namespace, job) (%s) > 0.9", c.cpuUse("5m", cpuLimit)),
			"A pod of {{ $labels.job }} is using {{ $value | humanizePercentage }} of its CPU limit"))
	}
	return append(alerts, newAlert("MemorySaturated", SeverityWarning, 15*time.Minute,
		fmt.Sprintf("max by (namespace, job) (%s) > 0.9", c.memoryUse(memoryLimit)),
		"A pod of {{ $labels.job }} is using {{ $value | humanizePercentage }} of its memory limit"))
}

// cpuUse is what each pod uses, as a part of a quantity.
func (c component) cpuUse(window, of string) string {
	return fmt.Sprintf("rate(%s[%s]) / %s", c.samplesOf(processCPU), window, promNumber(amount(of)))
}

// memoryUse is what each pod uses, as a part of its limit.
func (c component) memoryUse(limit string) string {
	return fmt.Sprintf("%s / %s", c.samplesOf(processMemory), promNumber(amount(limit)))
}
