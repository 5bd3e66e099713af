package monitoring

import (
	"fmt"
	"time"

	"github.com/ai-platform/manifests/internal/manifest"
)

// redisTier is a server whose redis_exporter is scraped. https://github.com/oliver006/redis_exporter
type redisTier struct {
	component
	manifest.RedisTarget
}

// alerts depend on what becomes of a Redis that is full: it refuses writes, or it throws out keys, for which it is
// full on purpose.
func (r redisTier) alerts() []Alert {
	full := newAlert("CacheFull", Warning, 10*time.Minute, r.memoryUsed()+" > 0.9",
		"{{ $labels.job }} uses {{ $value | humanizePercentage }} of its memory")
	if r.Evicts {
		full = newAlert("CacheEvicting", Warning, 10*time.Minute, r.evictions("5m")+" > 0",
			`{{ $labels.job }} throws out {{ $value | printf "%.3g" }} keys a second to make room for new ones`)
	}
	return []Alert{
		newAlert("RedisDown", Critical, time.Minute, r.samplesOf("redis_up")+" == 0",
			"{{ $labels.job }} does not answer its exporter"),
		full,
	}
}

func (r redisTier) evictions(window string) string {
	return fmt.Sprintf("sum by (namespace, job) (rate(%s[%s]))", r.samplesOf("redis_evicted_keys_total"), window)
}

func (r redisTier) memoryUsed() string {
	return fmt.Sprintf("max by (namespace, job) (%s / %s)", r.samplesOf("redis_memory_used_bytes"), r.samplesOf("redis_memory_max_bytes"))
}

func (r redisTier) cacheHits() string {
	return r.hitRatio("redis_keyspace_hits_total", "redis_keyspace_misses_total")
}

func (r redisTier) overview() []Panel {
	return []Panel{
		serverUpPanel(r.samplesOf("redis_up")),
		{
			Title: "Memory in use", Kind: Stat, Unit: "percentunit", Thresholds: saturation,
			Queries: []Query{{Expr: r.memoryUsed()}},
		},
		cacheHitsPanel(r.cacheHits()),
		{
			Title: "Evictions", Kind: Stat, Unit: "ops", Queries: []Query{{Expr: r.evictions(rateInterval)}},
			Thresholds: []Threshold{{Value: 0.001, Color: Yellow}},
		},
	}
}

func (r redisTier) dashboard() *Dashboard {
	return &Dashboard{
		Name:  r.ID,
		Title: r.dashboardTitle(),
		Rows: []DashboardRow{
			{Panels: append([]Panel{r.upPanel()}, r.overview()...)},
			{Title: "Load", Panels: []Panel{
				{Title: "Commands", Unit: "ops", Queries: []Query{{Expr: r.rateOf("redis_commands_processed_total"), Legend: "commands"}}},
				{Title: "Clients", Queries: []Query{{Expr: fmt.Sprintf("sum(%s)", r.samplesOf("redis_connected_clients")), Legend: "connected"}}},
				{Title: "Cache hits", Unit: "percentunit", Queries: []Query{{Expr: r.cacheHits(), Legend: "of all keys looked up"}}},
			}},
			{Title: "Memory", Panels: []Panel{
				{Title: "Memory", Unit: "bytes", Queries: []Query{
					{Expr: fmt.Sprintf("max(%s)", r.samplesOf("redis_memory_used_bytes")), Legend: "used"},
					{Expr: fmt.Sprintf("max(%s)", r.samplesOf("redis_memory_max_bytes")), Legend: "limit"},
				}},
				{Title: "Keys", Queries: []Query{{Expr: fmt.Sprintf("sum by (db) (%s)", r.samplesOf("redis_db_keys")), Legend: "{{db}}"}}},
				{Title: "Keys that went", Unit: "ops", Queries: []Query{
					{Expr: r.rateOf("redis_evicted_keys_total"), Legend: "evicted"},
					{Expr: r.rateOf("redis_expired_keys_total"), Legend: "expired"},
				}},
			}},
			{Panels: []Panel{r.restartsPanel()}},
		},
	}
}
