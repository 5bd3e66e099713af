package monitoring

import (
	"fmt"
	"time"

	"github.com/ai-platform/manifests/internal/manifest"
)

// postgresTier is a server whose postgres_exporter is scraped.
// https://github.com/prometheus-community/postgres_exporter
type postgresTier struct {
	component
	manifest.PostgresTarget
}

func (p postgresTier) alerts() []Alert {
	return []Alert{
		newAlert("PostgresDown", SeverityCritical, time.Minute, p.samplesOf("pg_up")+" == 0",
			"PostgreSQL server {{ $labels.job }} is down or rejects the login of its exporter"),
		newAlert("ConnectionsExhausted", SeverityCritical, 5*time.Minute, p.connectionsUsed()+" > 0.9",
			"{{ $labels.job }} is using {{ $value | humanizePercentage }} of its max_connections"),
		p.volumeAlert("PostgresVolumeFillingUp", SeverityWarning, 30*time.Minute, "0.8"),
		p.volumeAlert("PostgresVolumeAlmostFull", SeverityCritical, 5*time.Minute, "0.9"),
	}
}

// volumeAlert needs no kubelet: it compares what the server says of its size with what the volume was declared to have. What it does not
// count, such as large sorts and what the file system itself takes, is in the rest. With ScrapeKubelets, the alert on the claim says it better, and
// Alertmanager leaves this one out.
func (p postgresTier) volumeAlert(name string, severity Severity, wait time.Duration, limit string) Alert {
	alert := newAlert(name, severity, wait, fmt.Sprintf("%s / %s > %s", p.size(), promNumber(amount(p.VolumeSize)), limit),
		"Databases and write-ahead log of {{ $labels.job }} take up {{ $value | humanizePercentage }} of the declared volume size")
	alert.Labels = map[string]string{claimLabel: p.ClaimName}
	return alert
}

func (p postgresTier) size() string {
	return fmt.Sprintf("(sum by (namespace, job) (%s) + max by (namespace, job) (%s))",
		p.samplesOf("pg_database_size_bytes"), p.samplesOf("pg_wal_size_bytes"))
}

func (p postgresTier) connectionsUsed() string {
	return fmt.Sprintf("sum by (namespace, job) (%s) / min by (namespace, job) (%s)",
		p.samplesOf("pg_stat_database_numbackends"), p.samplesOf("pg_settings_max_connections"))
}

func (p postgresTier) cacheHits() string {
	return p.hitRatio("pg_stat_database_blks_hit", "pg_stat_database_blks_read")
}

func (p postgresTier) overview() []Panel {
	return []Panel{
		serverUpPanel(p.samplesOf("pg_up")),
		{
			Title:       "Connections (% of max)",
			Description: "Open connections, relative to max_connections. At 100%, the server rejects new connections. Red starts at 90%.",
			Kind:        PanelStat, Unit: "percentunit", Thresholds: saturation,
			Queries: []Query{{Expr: p.connectionsUsed()}},
		},
		{
			Title:       "Size",
			Description: "Total size of all databases. The volume also stores the write-ahead log: leave room for it.",
			Kind:        PanelStat, Unit: "bytes", Queries: []Query{{Expr: fmt.Sprintf("sum(%s)", p.samplesOf("pg_database_size_bytes"))}},
		},
		cacheHitsPanel(p.cacheHits()),
	}
}

func (p postgresTier) dashboard() *Dashboard {
	choices := p.samplesOf("up")
	p.component = p.following(chosenInstance)
	return &Dashboard{
		choices: choices,
		Name:    p.ID,
		Title:   p.dashboardTitle(),
		Rows: []DashboardRow{
			{Panels: append([]Panel{p.upPanel()}, p.overview()...)},
			{Title: "Load", Panels: []Panel{
				{
					Title:       "Connections",
					Description: "Open connections to each database, and max_connections. At the limit, the server rejects new connections. Look for clients that leak connections.",
					Queries: []Query{
						{Expr: p.sumByDatabase("pg_stat_database_numbackends"), Legend: "{{datname}}"},
						{Expr: fmt.Sprintf("min(%s)", p.samplesOf("pg_settings_max_connections")), Legend: "limit"},
					},
				},
				{
					Title:       "Transactions",
					Description: "Commits and rollbacks per second. More rollbacks than usual mean failing statements or client timeouts.",
					Unit:        "ops",
					Queries: []Query{
						{Expr: p.rateOf("pg_stat_database_xact_commit"), Legend: "committed"},
						{Expr: p.rateOf("pg_stat_database_xact_rollback"), Legend: "rolled back"},
					},
				},
				{
					Title:       "Deadlocks",
					Description: "Deadlocks per second. The server aborts one transaction for each. Recurring deadlocks are an application bug: transactions acquire locks in different orders.",
					Unit:        "ops", Queries: []Query{{Expr: p.rateOf("pg_stat_database_deadlocks"), Legend: "deadlocks"}},
				},
			}},
			{Title: "Storage", Panels: []Panel{
				{
					Title:       "Size by database",
					Description: "Size of each database, and of the volume. PostgreSQL stops when the volume is full: expand it in time.",
					Unit:        "bytes",
					Queries: []Query{
						{Expr: p.sumByDatabase("pg_database_size_bytes"), Legend: "{{datname}}"},
						{Expr: fmt.Sprintf("vector(%s)", promNumber(amount(p.VolumeSize))), Legend: "volume"},
					},
				},
				{
					Title: "Cache hit ratio", Description: cacheHitsDescription, Unit: "percentunit",
					Queries: []Query{{Expr: p.cacheHits(), Legend: "hit ratio"}},
				},
				{
					Title:       "Temporary file writes",
					Description: "Bytes per second written to temporary files because queries exceed work_mem. Sustained writes point to large sorts or joins, or to a work_mem that is too small.",
					Unit:        "Bps", Queries: []Query{{Expr: p.rateOf("pg_stat_database_temp_bytes"), Legend: "written"}},
				},
			}},
			{Panels: []Panel{p.restartsPanel()}},
		},
	}
}

func (p postgresTier) sumByDatabase(metric string) string {
	return fmt.Sprintf("sum by (datname) (%s)", p.samplesOf(metric, `datname!~"template.*"`))
}
