package monitoring

import (
	"fmt"
	"slices"
	"time"
)

// What the blackbox exporter exports of each probe. https://github.com/prometheus/blackbox_exporter
const (
	probeSuccess    = "probe_success"
	probeSeconds    = "probe_duration_seconds"
	probeStatus     = "probe_http_status_code"
	probePhases     = "probe_http_duration_seconds"
	probeCertExpiry = "probe_ssl_earliest_cert_expiry"
)

// Days that a certificate has left when it should have been renewed, and when somebody must do it.
const (
	certificateWarning  = 14
	certificateCritical = 3

	secondsOfDay = 86400
)

// samplesOfProbes are those of one kind.
func (p probedTier) samplesOfProbes(kind, metric string) string {
	return p.samplesOf(metric, fmt.Sprintf("%s=%q", probeLabel, kind))
}

// alerts are silent while the exporter cannot be scraped, which has alerts of its own: it knows nothing of the tier then.
func (p probedTier) alerts(s scraping) []Alert {
	down := newAlert("TierDown", SeverityCritical, 3*time.Minute, p.nothingAnswers()+"\nor\n"+p.unasked(), "{{ $labels.job }} is down: all probes of its Service are failing")
	// Prometheus has another rule of this name, for the tiers that are scraped.
	down.Labels = map[string]string{probeLabel: serviceProbe}
	alerts := []Alert{
		down,
		newAlert("ProbeFailing", SeverityCritical, 3*time.Minute, p.fails(serviceProbe), "Probe of {{ $labels.instance }} is failing: "+response),
	}
	if p.of(publicProbe) == nil {
		return alerts
	}
	alerts = append(alerts,
		newAlert("PublicHostDown", SeverityCritical, 3*time.Minute, p.fails(publicProbe), "Public URL {{ $labels.instance }} is failing its probe: "+response),
		newAlert("PublicHostSlow", SeverityWarning, 10*time.Minute, p.slow(), "Public URL {{ $labels.instance }} takes {{ $value | humanizeDuration }} to respond, longer than its target of "+promDuration(p.responseTime)),
	)
	if p.hasTLS {
		alerts = append(alerts, p.certificateAlerts(s)...)
	}
	return alerts
}

// response ends the summary of an alert whose value is the HTTP status of a URL: 0 without a response.
const response = `{{ if eq $value 0.0 }}no response{{ else }}HTTP status {{ $value | printf "%.0f" }}{{ end }}`

// nothingAnswers is true of a tier whose Service answers no path.
func (p probedTier) nothingAnswers() string {
	return fmt.Sprintf("max by (namespace, job) (%s) == 0", p.samplesOfProbes(serviceProbe, probeSuccess))
}

// unasked is true of a tier without results, though its exporter is there: it refuses the question, or takes too long.
func (p probedTier) unasked() string {
	return fmt.Sprintf("absent(%s) and on () max(%s) == 1", p.samplesOfProbes(serviceProbe, probeSuccess), p.exporter.up())
}

// fails gives the status of each URL whose probe fails, unless the tier answers nothing at all.
func (p probedTier) fails(kind string) string {
	return fmt.Sprintf("%s\nand on (namespace, job, instance)\n%s == 0\nunless on (namespace, job)\n%s",
		p.samplesOfProbes(kind, probeStatus), p.samplesOfProbes(kind, probeSuccess), p.nothingAnswers())
}

// slow gives the time of each URL that is answered, but late.
func (p probedTier) slow() string {
	return fmt.Sprintf("avg_over_time(%s[5m]) > %s\nand on (namespace, job, instance)\n%s == 1",
		p.samplesOfProbes(publicProbe, probeSeconds), promNumber(p.responseTime.Seconds()), p.samplesOfProbes(publicProbe, probeSuccess))
}

// certificateAlerts look at the certificate that the host has. Of one that cert-manager has not renewed, its own alerts tell first.
func (p probedTier) certificateAlerts(s scraping) []Alert {
	left := p.certificateLeft()
	unlessTold := func(days int) string {
		if s.certManager == nil {
			return ""
		}
		return fmt.Sprintf("\nunless on (namespace)\n%s < %d * %d", s.certificateLeft(), days, secondsOfDay)
	}
	return []Alert{
		newAlert("PublicCertificateExpiring", SeverityWarning, time.Hour,
			fmt.Sprintf("%s < %d * %d >= %d * %[3]d%[5]s", left, certificateWarning, secondsOfDay, certificateCritical, unlessTold(certificateWarning)),
			"The certificate of {{ $labels.instance }} expires in {{ $value | humanizeDuration }}"),
		newAlert("PublicCertificateAboutToExpire", SeverityCritical, 10*time.Minute,
			fmt.Sprintf("%s < %d * %d%s", left, certificateCritical, secondsOfDay, unlessTold(certificateCritical)),
			"The certificate of {{ $labels.instance }} "+expires),
	}
}

// certificateLeft is what is left of the certificate, or of one that has signed it and expires earlier, in seconds.
func (p probedTier) certificateLeft() string {
	return p.samplesOfProbes(publicProbe, probeCertExpiry) + " - time()"
}

// overview is what tells whether the tier is well. Without samples its panels show nought, which is red where it says something.
func (p probedTier) overview() []Panel {
	worst := func(aggregation, kind, metric string) []Query {
		return []Query{{Expr: fmt.Sprintf("%s(%s) or vector(0)", aggregation, p.samplesOfProbes(kind, metric))}}
	}
	panels := []Panel{
		{
			Title: "Probe success rate", Kind: PanelStat, Unit: "percentunit", Color: ColorRed,
			Description: "Percentage of the probed paths of the tier's Service that respond as expected. Below 100%, users get errors on some pages.",
			Thresholds:  []Threshold{{Value: 0.5, Color: ColorYellow}, {Value: 1, Color: ColorGreen}},
			Queries:     worst("avg", serviceProbe, probeSuccess),
		},
		{
			Title: "Slowest probe", Kind: PanelStat, Unit: "s",
			Description: "Response time of the slowest path of the Service. Expect far less than a second: there is no Ingress or TLS in between.",
			Queries:     worst("max", serviceProbe, probeSeconds),
		},
	}
	if p.of(publicProbe) == nil {
		return panels
	}
	target := p.responseTime.Seconds()
	panels = append(panels,
		Panel{
			Title: "Public HTTP status", Kind: PanelStat, Color: ColorRed,
			Description: "HTTP status of the public host after redirects. 0 means no response: check DNS, the load balancer, the ingress controller and the certificate.",
			Thresholds:  []Threshold{{Value: 200, Color: ColorGreen}, {Value: 300, Color: ColorRed}},
			Queries:     worst("max", publicProbe, probeStatus),
		},
		Panel{
			Title: "Public response time", Kind: PanelStat, Unit: "s",
			Description: "Response time of the public host, including DNS lookup and TLS handshake. The target is " + promDuration(p.responseTime) + " (red).",
			Thresholds:  []Threshold{{Value: 0.8 * target, Color: ColorYellow}, {Value: target, Color: ColorRed}},
			Queries:     worst("max", publicProbe, probeSeconds),
		},
	)
	if p.hasTLS {
		panels = append(panels, Panel{
			Title: "Certificate expiry", Kind: PanelStat, Unit: "s", Color: ColorRed,
			Description: "Time until the certificate of the public host expires. Yellow: its renewal is overdue.",
			Thresholds: []Threshold{
				{Value: certificateCritical * secondsOfDay, Color: ColorYellow}, {Value: certificateWarning * secondsOfDay, Color: ColorGreen},
			},
			Queries: []Query{{Expr: fmt.Sprintf("min(%s) or vector(0)", p.certificateLeft())}},
		})
	}
	return panels
}

// addTo adds the tier's dashboard, or rows to the one that the tier has of its own metrics.
func (p probedTier) addTo(dashboards []Dashboard) []Dashboard {
	at := slices.IndexFunc(dashboards, func(d Dashboard) bool { return d.Name == p.ID && d.Title == p.dashboardTitle() })
	if at == -1 {
		return append(dashboards, Dashboard{Name: p.ID, Title: p.dashboardTitle(), Rows: p.dashboardRows()})
	}
	dashboards[at].Rows = slices.Concat(dashboards[at].Rows, p.dashboardRows())
	return dashboards
}

func (p probedTier) dashboardRows() []DashboardRow {
	rows := []DashboardRow{
		{Title: "Probes", Panels: p.overview()},
		{Title: "Service probes", Panels: p.urlPanels(serviceProbe)},
	}
	if p.of(publicProbe) == nil {
		return rows
	}
	return append(rows, DashboardRow{Title: "Public host probes", Panels: append(p.urlPanels(publicProbe), Panel{
		Title: "Response time by phase", Unit: "s",
		Description: "Response time split into DNS lookup, connect, TLS handshake, processing and transfer. A growing phase points to the cause.",
		Queries:     []Query{{Expr: fmt.Sprintf("sum by (phase) (%s)", p.samplesOfProbes(publicProbe, probePhases)), Legend: "{{phase}}"}},
	})})
}

// urlPanels show each URL by itself.
func (p probedTier) urlPanels(kind string) []Panel {
	byURL := func(title, description, unit, expr string) Panel {
		return Panel{Title: title, Description: description, Unit: unit, Queries: []Query{{Expr: expr, Legend: "{{instance}}"}}}
	}
	return []Panel{
		byURL("Probe success rate by URL", "Percentage of successful probes of each URL. Below 100%, some user requests fail too.", "percentunit",
			fmt.Sprintf("avg_over_time(%s[%s])", p.samplesOfProbes(kind, probeSuccess), rateInterval)),
		byURL("HTTP status by URL", "HTTP status of each URL after redirects. 0 means no response.", "short", p.samplesOfProbes(kind, probeStatus)),
		byURL("Response time by URL", "Response time of each URL. Investigate growth without more traffic.", "s", p.samplesOfProbes(kind, probeSeconds)),
	}
}
