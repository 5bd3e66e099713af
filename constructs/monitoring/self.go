package monitoring

import (
	"fmt"
	"time"
)

// heartbeatAlert fires all the time, and is for a service that raises the alarm when it hears nothing any more. It is called as elsewhere.
const heartbeatAlert = "Watchdog"

// selfAlerts are on Prometheus itself. That it does not run, none can say but the heartbeat.
//
// A configuration that cannot be read has no alert: it comes with new pods, which do not start with it.
func (s scraping) selfAlerts() []Alert {
	if s.operated {
		return nil // It has an owner.
	}
	increase := func(metric, window string) string {
		return fmt.Sprintf("increase(%s[%s])", s.samplesOf(metric), window)
	}
	alerts := []Alert{
		newAlert("RuleEvaluationFailing", SeverityCritical, 10*time.Minute,
			fmt.Sprintf("sum by (namespace, job, rule_group) (%s) > 0", increase("prometheus_rule_evaluation_failures_total", "10m")),
			"{{ $labels.job }} cannot evaluate rule group {{ $labels.rule_group }}: its alerts may not fire"),
		newAlert("PrometheusStorageFailing", SeverityWarning, 15*time.Minute,
			fmt.Sprintf("sum by (namespace, job) (%s) > 0", increase("prometheus_tsdb_compactions_failed_total", "3h")),
			"{{ $labels.job }} cannot compact its time series database"),
	}
	if s.alertmanager != "" {
		// What is not taken is dropped at once, and sent again a minute later: an Alertmanager that restarts is to be back before this fires.
		alerts = append(alerts, newAlert("AlertsDropped", SeverityCritical, 5*time.Minute,
			fmt.Sprintf("sum by (namespace, job) (%s) > 0", increase("prometheus_notifications_dropped_total", "3m")),
			"{{ $labels.job }} cannot send alerts to Alertmanager and drops them"))
	}
	if s.heartbeat {
		heartbeat := newAlert(heartbeatAlert, noSeverity, 0, "vector(1)", "Prometheus and Alertmanager are working: this alert always fires")
		heartbeat.Labels = map[string]string{"namespace": s.Namespace}
		alerts = append(alerts, heartbeat)
	}
	return alerts
}
