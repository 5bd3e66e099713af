package monitoring

import "fmt"

// dashboards are those of each tier, and before them the overview.
func (s scraping) dashboards() []Dashboard {
	all := []Dashboard{s.overview()}
	for _, target := range s.targets {
		if target.dashboard != nil {
			all = append(all, *target.dashboard)
		}
	}
	for _, tier := range s.probedTiers() {
		all = tier.addTo(all)
	}
	if s.operated {
		// The data source has the interval at which the cluster's Prometheus scrapes others.
		for i := range all {
			all[i].minStep = promDuration(s.interval)
		}
	}
	if s.kubelet {
		all = append(all, s.kubeletDashboard())
	}
	return all
}

// overview shows on one screen whether all is well, and if not, which tier is not: a line for each.
func (s scraping) overview() Dashboard {
	overview := Dashboard{Name: "overview", Title: s.Namespace + ": overview", Rows: []DashboardRow{{Panels: []Panel{
		s.firingPanel("Critical alerts", SeverityCritical, ColorRed, "Firing critical alerts. Each needs immediate action: follow its runbook."),
		s.firingPanel("Warnings", SeverityWarning, ColorYellow, "Firing warnings. They can wait until the next working day."),
	}}}}
	// What users see comes first.
	for _, tier := range s.probedTiers() {
		overview.Rows = append(overview.Rows, tier.overviewRow(tier.overview()))
	}
	for _, target := range s.targets {
		if len(target.overview) > 0 {
			overview.Rows = append(overview.Rows, target.overviewRow(append([]Panel{target.upPanel()}, target.overview...)))
		}
	}
	return overview
}

// overviewRow says of which tier its panels are.
func (c component) overviewRow(panels []Panel) DashboardRow {
	for i := range panels {
		panels[i].Title = c.ID + ": " + panels[i].Title
	}
	return DashboardRow{Panels: panels}
}

func (s scraping) firingPanel(title string, severity Severity, color Color, description string) Panel {
	firing := s.samplesIn("ALERTS", `alertstate="firing"`, severityLabel+`="`+string(severity)+`"`)
	return Panel{
		Title: title, Description: description, Kind: PanelStat, Thresholds: []Threshold{{Value: 1, Color: color}},
		Queries: []Query{{Expr: fmt.Sprintf("count(%s) or vector(0)", firing)}},
	}
}
