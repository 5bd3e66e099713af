package constructs

import (
	"fmt"
	"time"
)

// postgresTarget is what Prometheus does with the samples of postgres_exporter.
// https://github.com/prometheus-community/postgres_exporter
func (d dataStore) postgresTarget() target {
	return target{
		place:     d.place,
		path:      DefaultMetricsPath,
		port:      d.exporter.port,
		alerts:    d.postgresAlerts(),
		overview:  d.postgresOverview(),
		dashboard: d.postgresDashboard(),
	}
}

func (d dataStore) postgresAlerts() []Alert {
	return []Alert{
		newAlert("PostgresDown", Critical, time.Minute, d.samplesOf("pg_up")+" == 0",
			"{{ $labels.job }} does not answer its exporter"),
		newAlert("ConnectionsExhausted", Critical, 5*time.Minute, d.connectionsUsed()+" > 0.9",
			"{{ $labels.job }} has {{ $value | humanizePercentage }} of its connections in use"),
	}
}

func (d dataStore) connectionsUsed() string {
	return fmt.Sprintf("sum by (namespace, job) (%s) / min by (namespace, job) (%s)",
		d.samplesOf("pg_stat_database_numbackends"), d.samplesOf("pg_settings_max_connections"))
}

func (d dataStore) postgresCacheHits() string {
	return d.hitRatio("pg_stat_database_blks_hit", "pg_stat_database_blks_read")
}

func (d dataStore) postgresOverview() []Panel {
	return []Panel{
		serverUpPanel(d.samplesOf("pg_up")),
		{
			Title: "Connections in use", Kind: Stat, Unit: "percentunit", Thresholds: saturation,
			Queries: []Query{{Expr: d.connectionsUsed()}},
		},
		{Title: "Size", Kind: Stat, Unit: "bytes", Queries: []Query{{Expr: fmt.Sprintf("sum(%s)", d.samplesOf("pg_database_size_bytes"))}}},
		cacheHitsPanel(d.postgresCacheHits()),
	}
}

func (d dataStore) postgresDashboard() *Dashboard {
	return &Dashboard{
		Name:  d.component,
		Title: d.dashboardTitle(),
		Rows: []DashboardRow{
			{Panels: append([]Panel{d.upPanel()}, d.postgresOverview()...)},
			{Title: "Load", Panels: []Panel{
				{Title: "Connections", Queries: []Query{
					{Expr: d.sumByDatabase("pg_stat_database_numbackends"), Legend: "{{datname}}"},
					{Expr: fmt.Sprintf("min(%s)", d.samplesOf("pg_settings_max_connections")), Legend: "limit"},
				}},
				{Title: "Transactions", Unit: "ops", Queries: []Query{
					{Expr: d.rateOf("pg_stat_database_xact_commit"), Legend: "committed"},
					{Expr: d.rateOf("pg_stat_database_xact_rollback"), Legend: "rolled back"},
				}},
				{Title: "Deadlocks", Unit: "ops", Queries: []Query{{Expr: d.rateOf("pg_stat_database_deadlocks"), Legend: "deadlocks"}}},
			}},
			{Title: "Storage", Panels: []Panel{
				{Title: "Size", Unit: "bytes", Queries: []Query{
					{Expr: d.sumByDatabase("pg_database_size_bytes"), Legend: "{{datname}}"},
					{Expr: fmt.Sprintf("vector(%s)", promNumber(amount(d.storage.Size))), Legend: "volume"},
				}},
				{Title: "Cache hits", Unit: "percentunit", Queries: []Query{{Expr: d.postgresCacheHits(), Legend: "of all blocks read"}}},
				{Title: "Temporary files", Unit: "Bps", Queries: []Query{{Expr: d.rateOf("pg_stat_database_temp_bytes"), Legend: "written"}}},
			}},
			{Panels: []Panel{d.restartsPanel()}},
		},
	}
}

func (d dataStore) sumByDatabase(metric string) string {
	return fmt.Sprintf("sum by (datname) (%s)", d.samplesOf(metric, `datname!~"template.*"`))
}
