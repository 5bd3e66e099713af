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
		s.firingPanel("Critical alerts", Critical, Red, "Critical alerts that are firing. Any one needs somebody at once: its runbook says what to do."),
		s.firingPanel("Warnings", Warning, Yellow, "Warnings that are firing. They can wait for the next working day."),
	}}}}
	for _, target := range s.targets {
		if len(target.overview) == 0 {
			continue
		}
		row := DashboardRow{Panels: append([]Panel{target.upPanel()}, target.overview...)}
		for i := range row.Panels {
			row.Panels[i].Title = target.ID + ": " + row.Panels[i].Title
		}
		overview.Rows = append(overview.Rows, row)
	}
	return overview
}

func (s scraping) firingPanel(title string, severity Severity, color Color, description string) Panel {
	firing := s.samplesIn("ALERTS", `alertstate="firing"`, severityLabel+`="`+string(severity)+`"`)
	return Panel{
		Title: title, Description: description, Kind: Stat, Thresholds: []Threshold{{Value: 1, Color: color}},
		Queries: []Query{{Expr: fmt.Sprintf("count(%s) or vector(0)", firing)}},
	}
}
