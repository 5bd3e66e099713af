package constructs

import (
	"fmt"
	"time"
)

// redisTarget is what Prometheus does with the samples of redis_exporter. https://github.com/oliver006/redis_exporter
func (d dataStore) redisTarget(policy MaxMemoryPolicy) target {
	return target{
		place:     d.place,
		path:      DefaultMetricsPath,
		port:      d.exporter.port,
		alerts:    d.redisAlerts(policy),
		overview:  d.redisOverview(),
		dashboard: d.redisDashboard(),
	}
}

// redisAlerts depend on what becomes of a Redis that is full: it refuses writes, or it throws out keys, for which it is
// full on purpose.
func (d dataStore) redisAlerts(policy MaxMemoryPolicy) []Alert {
	full := newAlert("CacheFull", Warning, 10*time.Minute, d.redisMemoryUsed()+" > 0.9",
		"{{ $labels.job }} uses {{ $value | humanizePercentage }} of its memory")
	if policy != NoEviction {
		full = newAlert("CacheEvicting", Warning, 10*time.Minute, d.evictions()+" > 0",
			`{{ $labels.job }} throws out {{ $value | printf "%.3g" }} keys a second to make room for new ones`)
	}
	return []Alert{
		newAlert("RedisDown", Critical, time.Minute, d.samplesOf("redis_up")+" == 0",
			"{{ $labels.job }} does not answer its exporter"),
		full,
	}
}

func (d dataStore) evictions() string {
	return fmt.Sprintf("sum by (namespace, job) (rate(%s[5m]))", d.samplesOf("redis_evicted_keys_total"))
}

func (d dataStore) redisMemoryUsed() string {
	return fmt.Sprintf("max by (namespace, job) (%s / %s)", d.samplesOf("redis_memory_used_bytes"), d.samplesOf("redis_memory_max_bytes"))
}

func (d dataStore) redisCacheHits() string {
	return d.hitRatio("redis_keyspace_hits_total", "redis_keyspace_misses_total")
}

func (d dataStore) redisOverview() []Panel {
	return []Panel{
		serverUpPanel(d.samplesOf("redis_up")),
		{
			Title: "Memory in use", Kind: Stat, Unit: "percentunit", Thresholds: saturation,
			Queries: []Query{{Expr: d.redisMemoryUsed()}},
		},
		cacheHitsPanel(d.redisCacheHits()),
		{
			Title: "Evictions", Kind: Stat, Unit: "ops", Queries: []Query{{Expr: d.evictions()}},
			Thresholds: []Threshold{{Value: 0.001, Color: Yellow}},
		},
	}
}

func (d dataStore) redisDashboard() *Dashboard {
	return &Dashboard{
		Name:  d.component,
		Title: d.dashboardTitle(),
		Rows: []DashboardRow{
			{Panels: append([]Panel{d.upPanel()}, d.redisOverview()...)},
			{Title: "Load", Panels: []Panel{
				{Title: "Commands", Unit: "ops", Queries: []Query{{Expr: d.rateOf("redis_commands_processed_total"), Legend: "commands"}}},
				{Title: "Clients", Queries: []Query{{Expr: fmt.Sprintf("sum(%s)", d.samplesOf("redis_connected_clients")), Legend: "connected"}}},
				{Title: "Cache hits", Unit: "percentunit", Queries: []Query{{Expr: d.redisCacheHits(), Legend: "of all keys looked up"}}},
			}},
			{Title: "Memory", Panels: []Panel{
				{Title: "Memory", Unit: "bytes", Queries: []Query{
					{Expr: fmt.Sprintf("max(%s)", d.samplesOf("redis_memory_used_bytes")), Legend: "used"},
					{Expr: fmt.Sprintf("max(%s)", d.samplesOf("redis_memory_max_bytes")), Legend: "limit"},
				}},
				{Title: "Keys", Queries: []Query{{Expr: fmt.Sprintf("sum by (db) (%s)", d.samplesOf("redis_db_keys")), Legend: "{{db}}"}}},
				{Title: "Keys that went", Unit: "ops", Queries: []Query{
					{Expr: d.rateOf("redis_evicted_keys_total"), Legend: "evicted"},
					{Expr: d.rateOf("redis_expired_keys_total"), Legend: "expired"},
				}},
			}},
			{Panels: []Panel{d.restartsPanel()}},
		},
	}
}
